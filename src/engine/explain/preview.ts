/**
 * A trigger tried out on one profile: the functions of live traffic, over its state and beside the triggers that are
 * live, as if this one were too. Nothing of it is kept: the state is read, and the decision is only looked at.
 */
import { compileConfig } from '../compile/compile-config.ts';
import { compileTrigger } from '../compile/compile-trigger.ts';
import type { Config, LiveDocuments, Versioned } from '../config.ts';
import { type Decision, decide } from '../decide.ts';
import { react } from '../react.ts';
import type { TriggerTrace } from '../reasons.ts';
import { type RoundInput, startRound } from '../round.ts';
import { composeContent } from '../send/compose-content.ts';
import type { Channel, Trigger } from '../trigger.ts';
import type { Event, InboxMessage, JsonObject, OutboxEntry } from '../vocabulary.ts';
import { imagine } from './imagined.ts';

export interface PreviewInput extends Omit<RoundInput, 'config'> {
  live: LiveDocuments;
  /** Older versions that the profile's runs are pinned to. */
  pinned: Config['pinned'];
  trigger: Versioned<Trigger>;
  /** Null: the least that the trigger listens to. */
  event: Event | null;
}

export interface Preview {
  /** The trigger's answer. */
  trace: TriggerTrace;
  /** What the profile would get; of somebody in the hold-out, what they would have got. */
  message: PreviewedMessage | null;
}

/** As an app would get it; a message that leaves the app has neither surface nor layout. */
export interface PreviewedMessage
  extends Omit<InboxMessage, 'channel' | 'surface' | 'layout' | 'runId' | 'key' | 'shownAt' | 'clickedAt'> {
  channel: Channel;
  surface: string | null;
  layout: string | null;
}

/** `wants`: it is to be asked again with these lists. */
export function preview(input: PreviewInput): Preview & Pick<Decision, 'wants'> {
  const config = configWith(input, input.trigger.document);
  const decision = decideOn(input, config);
  const trace = answerOf(input.trigger, decision);
  if (trace.reason !== 'held_out') {
    return { trace, message: messageOf(decision, trace, config), ...wantsOf(decision) };
  }
  const sending = withoutHoldout(input);
  const sent = decideOn(input, sending);
  return { trace, message: messageOf(sent, answerOf(input.trigger, sent), sending), ...wantsOf(sent) };
}

function wantsOf({ wants }: Pick<Decision, 'wants'>): Pick<Decision, 'wants'> {
  return wants ? { wants } : {};
}

/** What is live, with this version of the trigger in its place. The one it replaces stays for the runs under way. */
function configWith({ live, pinned, trigger: { version } }: PreviewInput, document: Trigger): Config {
  const replaced = live.triggers.find((one) => one.document.id === document.id);
  const others = live.triggers.filter((one) => one !== replaced);
  // Before anything was activated it is the newest: of equals, the others win.
  const activatedAt = replaced?.activatedAt ?? Number.MAX_SAFE_INTEGER;
  const trigger = { document, version, state: 'live' as const, activatedAt };
  const config = compileConfig({ ...live, stopped: false, triesAll: true, triggers: [...others, trigger] });
  for (const [key, version] of pinned) config.pinned.set(key, version);
  if (replaced) config.pinned.set(`${document.id}@${replaced.version}`, compileTrigger(replaced));
  return config;
}

function withoutHoldout(input: PreviewInput): Config {
  const { document } = input.trigger;
  const config = configWith(input, { ...document, experiment: { ...document.experiment, holdout: 0 } });
  return { ...config, policies: { ...config.policies, holdout: { id: 'holdout', share: 0 } } };
}

function decideOn(
  input: PreviewInput,
  config: Config,
): Pick<Decision, 'delta' | 'trace' | 'duplicate' | 'wants'> {
  const { state, history, now, handed, recommended = null } = input;
  const base: RoundInput = { state, history, config, now, recommended, ...(handed && { handed }) };
  const imagined = input.event ? null : imagine(input.trigger.document, base);
  if (imagined?.kind === 'derived') {
    const round = startRound(base, null);
    react(round, base, null, [imagined.happening]);
    const { draft, trace, wants } = round;
    return { delta: draft.delta(), trace, duplicate: false, ...(wants.length > 0 && { wants }) };
  }
  const event = imagined?.event ?? input.event;
  return event ? decide({ ...base, event }) : { delta: [], trace: [], duplicate: false };
}

/** Of several answers in one round what it came to: a message, or else the last word. */
function answerOf(
  { document, version }: Versioned<Trigger>,
  { trace, duplicate }: Pick<Decision, 'trace' | 'duplicate'>,
): TriggerTrace {
  const own = trace.filter(({ id }) => id === document.id);
  const found = own.find(({ reason }) => reason === 'sent' || reason === 'held_out') ?? own.at(-1);
  if (found) return found;
  // It doesn't listen to this.
  return {
    id: document.id,
    version,
    reason: duplicate ? 'duplicate_event' : 'not_matched',
    path: 'entry.on',
  };
}

function messageOf(
  { delta }: Pick<Decision, 'delta'>,
  { messageId }: TriggerTrace,
  config: Config,
): PreviewedMessage | null {
  for (const [section, key, value] of delta) {
    if (key !== messageId) continue;
    if (section === 'inbox') return inAppOf(value as InboxMessage);
    if (section === 'outbox') return leavingOf(value as OutboxEntry, config);
  }
  return null;
}

function inAppOf({ runId: _, key: __, ...message }: InboxMessage): PreviewedMessage {
  return message;
}

/** As it leaves: rendered, and labelled where the law wants it. */
function leavingOf(entry: OutboxEntry, config: Config): PreviewedMessage | null {
  if (entry.kind !== 'message') return null;
  const { messageId: id, trigger, version, variant, channel, priority, createdAt, expiresAt } = entry.input;
  const template = config.templates.get(entry.input.template.id)?.document;
  const composed = template && composeContent(entry.input, template, config);
  if (composed?.kind !== 'composed') return null;
  const content: JsonObject = { locale: composed.locale, ...composed.content };
  const fixed = { id, trigger, version, variant, channel, priority, createdAt, expiresAt };
  return { ...fixed, surface: null, layout: null, content };
}
