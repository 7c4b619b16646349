/**
 * Who has had enough says so by leaving: marketing consent withdrawn, notifications switched off, the app removed. Within
 * a day after a message that is laid at the door of the last message it can be about, whoever sent it:
 *
 *     opted_out      `$consent` that withdraws marketing consent: the last message on that consent's channels
 *     push_disabled  `Push Disabled`, or a device taken away: the last push or web push
 *     uninstalled    `Application Uninstalled`: the last message of any kind
 *
 * A message that was held out counts like one that was sent, so that there is something to compare with. Each message is
 * told each reaction once.
 */
import { CONSENT_EVENT, consentKey } from '../fold/consents.ts';
import { consentChannelsOf } from '../gates/consent-gate.ts';
import { putFact, type Round } from '../round.ts';
import { variantOf } from '../runs/experiment.ts';
import { isLate } from '../runs/happening.ts';
import { amendLog } from '../runs/trigger-log.ts';
import type { TriggerLog } from '../state.ts';
import { DAY_MS } from '../time/duration.ts';
import type { Channel } from '../trigger.ts';
import type { Event } from '../vocabulary.ts';
import type { Reaction, ReactionKind } from './report-facts.ts';

/** How long after a message a reaction counts as one to it. */
const REACTION_WINDOW_MS = DAY_MS;

const KIND_OF: ReadonlyMap<string, ReactionKind> = new Map([
  [CONSENT_EVENT, 'opted_out'],
  ['Push Disabled', 'push_disabled'],
  ['$device_removed', 'push_disabled'],
  ['Application Uninstalled', 'uninstalled'],
]);

export function noteReaction(round: Round, event: Event): void {
  const kind = KIND_OF.get(event.name);
  if (kind === undefined) return;
  const isAbout = channelTest(round, event, kind);
  if (!isAbout) return;
  const at = isLate(event, round.now) ? event.timestamp : round.now;
  const last = lastMessage(round, isAbout, at);
  if (!last) return;
  const { log, trigger, ...message } = last;
  if (log.reacted?.[kind] === message.sentAt) return;
  amendLog(round.draft, trigger, '', { reacted: { ...log.reacted, [kind]: message.sentAt } });
  const compiled = round.config.triggers.get(trigger);
  const variant = compiled ? variantOf(compiled, round.draft.meta.firstId) : null;
  putFact(round, { kind: 'reacted', reaction: { kind, trigger, variant, ...message } });
}

/** Which channels' messages it may be about; null where it is no reaction. */
function channelTest(
  { draft }: Round,
  { properties }: Event,
  kind: ReactionKind,
): ((channel: Channel) => boolean) | null {
  if (kind === 'uninstalled') return () => true;
  if (kind === 'push_disabled') return (channel) => channel === 'push' || channel === 'web_push';
  const { channel: asked, purpose, granted } = properties;
  if (granted !== false || purpose !== 'marketing' || typeof asked !== 'string') return null;
  const [newest, before] = draft.get('consents', consentKey(asked, purpose)) ?? [];
  // It is in force, and wasn't before.
  if (newest?.granted !== false || before?.granted === false) return null;
  return (channel) => consentChannelsOf(channel).includes(asked);
}

type LastMessage = Omit<Reaction, 'kind' | 'variant'> & { log: TriggerLog };

function lastMessage(
  { draft }: Round,
  isAbout: (channel: Channel) => boolean,
  at: number,
): LastMessage | null {
  let last: LastMessage | null = null;
  for (const [key, log] of draft.entries('log')) {
    // The trigger as a whole; what is kept by key is part of it.
    if (!key.endsWith('\n')) continue;
    for (const kind of ['sent', 'held_out'] as const) {
      const newest = log[kind]?.recent.findLast(
        ([sentAt, channel]) => sentAt <= at && isAbout(channel as Channel),
      );
      if (!newest || newest[0] <= at - REACTION_WINDOW_MS || newest[0] < (last?.sentAt ?? 0)) continue;
      const trigger = key.slice(0, -1);
      last = { log, trigger, channel: newest[1] as Channel, heldOut: kind === 'held_out', sentAt: newest[0] };
    }
  }
  return last;
}
