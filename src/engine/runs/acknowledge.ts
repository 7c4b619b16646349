/**
 * What the app says of a message it got. Acknowledgements are ordinary events; each counts once, a click or a dismissal
 * also says that the message was seen. An unknown or foreign id changes no message.
 *
 *     queued → shown → clicked | dismissed        (failed: it could not be shown, and won't be)
 *
 * A shown in-app message isn't handed out again; a card stays until it is dismissed or expires.
 *
 * A page that was opened by a message's link says so in its address (`send/links/link-tag.ts`): the first event from there
 * is the click. It may be any event; the others from that page say nothing new.
 */

import { putFact, type Round } from '../round.ts';
import { messageOfLink } from '../send/links/link-tag.ts';
import type { Received, SectionValues } from '../state.ts';
import type { Event, FactKind, InboxMessage } from '../vocabulary.ts';
import { closeMessage, factOf } from './cancel-run.ts';
import type { Happening } from './happening.ts';
import { tally } from './trigger-log.ts';

type Kind = 'shown' | 'clicked' | 'dismissed' | 'failed';

const KINDS = new Map<string, Kind>([
  ['Message Viewed', 'shown'],
  ['Message Clicked', 'clicked'],
  ['Message Dismissed', 'dismissed'],
  ['Message Failed', 'failed'],
]);

/** What it said that is news, as triggers may listen to it. */
export function acknowledge(round: Round, event: Event): Happening[] {
  const told: Happening[] = [];
  const said = saidBy(event);
  if (said) acknowledgeOne(round, said.id, said.kind, told);
  return told;
}

/** The same, whoever says it: of mail and messages a provider may. */
export function acknowledgeOne(round: Round, id: string, kind: Kind, told: Happening[]): void {
  const inbox = round.draft.get('inbox', id);
  if (inbox) acknowledgeInbox(round, inbox, kind, told);
  else acknowledgeSettled(round, id, kind, told);
}

function saidBy(event: Event): { kind: Kind; id: string } | null {
  const kind = KINDS.get(event.name);
  if (kind) {
    const id = event.properties.message_id;
    return typeof id === 'string' ? { kind, id } : null;
  }
  const id = openedFrom(event);
  return id === null ? null : { kind: 'clicked', id };
}

/** Calls whose own `url` is the address that was opened; elsewhere it is that of a product, say. */
const OPENINGS = new Set(['$page', '$screen', 'Deep Link Opened', 'Application Opened']);

function openedFrom({ name, properties, context: { page } }: Event): string | null {
  const own = OPENINGS.has(name) ? properties.url : undefined;
  for (const address of [page?.url, page?.search, own]) {
    const id = typeof address === 'string' ? messageOfLink(address) : null;
    if (id !== null) return id;
  }
  return null;
}

function acknowledgeInbox(round: Round, message: InboxMessage, kind: Kind, told: Happening[]): void {
  const { draft, now } = round;
  closeMessage(round, message.runId, message.id);
  if (kind === 'failed') {
    putFact(round, { kind: 'message_failed', message: factOf(message, 'provider_error') });
    if (!message.test) told.push({ kind: 'message', what: 'failed', trigger: message.trigger });
    leaveInbox(round, message, []);
    return;
  }
  let seen = message;
  if (message.shownAt === undefined) {
    seen = { ...seen, shownAt: now };
    note(round, seen, 'shown', told);
  }
  if (kind === 'dismissed') note(round, seen, kind, told);
  if (kind === 'clicked' && message.clickedAt === undefined) {
    seen = { ...seen, clickedAt: now };
    note(round, seen, kind, told);
  }
  const stays = kind === 'shown' || (kind === 'clicked' && message.channel === 'card');
  if (!stays) leaveInbox(round, seen, kind === 'dismissed' ? [kind] : []);
  else if (seen !== message) draft.put('inbox', message.id, seen);
}

/** Kept by id for late acknowledgements: a push that is opened, a click after a dismissal. */
function leaveInbox({ draft, now }: Round, message: InboxMessage, noted: Received[]): void {
  draft.remove('inbox', message.id);
  draft.put('settled', message.id, settledOf(message, message.key, now, noted));
}

const SETTLED_LIMIT = 100;

/** What is noted of the message stays noted: each acknowledgement counts once. */
export function settledOf(
  message: Pick<InboxMessage, 'trigger' | 'version' | 'variant' | 'createdAt' | 'test'> & {
    channel: string;
    shownAt?: number;
    clickedAt?: number;
  },
  key: string,
  at: number,
  noted: Received[] = [],
): SectionValues['settled'] {
  const { trigger, version, variant, channel, createdAt, shownAt, clickedAt, test } = message;
  const before: Received[] = [];
  if (shownAt !== undefined) before.push('shown');
  if (clickedAt !== undefined) before.push('clicked');
  const kept = { trigger, version, variant, channel, createdAt, key, at, noted: [...before, ...noted] };
  return test ? { ...kept, test } : kept;
}

/** Drops the oldest of what is kept for late acknowledgements. */
export function trimSettled({ draft }: Round): void {
  const ids = [...draft.entries('settled')].map(([id]) => id);
  for (const id of ids.slice(0, Math.max(0, ids.length - SETTLED_LIMIT))) draft.remove('settled', id);
}

function acknowledgeSettled(round: Round, id: string, kind: Kind, told: Happening[]): void {
  const settled = whatLeft(round, id);
  if (!settled || kind === 'failed') return;
  const news = (kind === 'shown' ? ['shown' as const] : ['shown' as const, kind]).filter(
    (one) => !settled.noted.includes(one),
  );
  if (news.length === 0) return;
  round.draft.put('settled', id, { ...settled, noted: [...settled.noted, ...news] });
  for (const one of news) note(round, { ...settled, id, channel: settled.channel as 'in_app' }, one, told);
}

/** A message that has left. It can be opened before its dispatcher has reported that it was sent. */
export function whatLeft({ draft, now }: Round, id: string): SectionValues['settled'] | undefined {
  const settled = draft.get('settled', id);
  if (settled) return settled;
  const entry = draft.get('outbox', id);
  return entry?.kind === 'message' && entry.attempts > 0 ? settledOf(entry.input, entry.key, now) : undefined;
}

function note(
  round: Round,
  message: Pick<
    InboxMessage,
    'id' | 'trigger' | 'version' | 'variant' | 'channel' | 'createdAt' | 'key' | 'test'
  >,
  kind: 'shown' | 'clicked' | 'dismissed',
  told: Happening[],
): void {
  if (!message.test) {
    told.push({ kind: 'message', what: kind, trigger: message.trigger });
    tally(round.draft, message, kind, message.channel, round.now);
  }
  putFact(round, {
    kind: `message_${kind}` as FactKind,
    message: factOf(message as InboxMessage, kind === 'shown' ? 'shown' : 'sent'),
  });
}
