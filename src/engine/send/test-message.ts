/**
 * One real message to a marked test user, sent by hand: the trigger's first send step (or the first on the channel that is
 * asked for), filled from an event as if it had started a run. No condition, cap, hour or hold-out of the trigger is
 * asked, and nothing is counted; consent and the law hold.
 */
import type { CompiledSend } from '../compile/compile-steps.ts';
import { type CompiledTrigger, compileTrigger } from '../compile/compile-trigger.ts';
import type { Decision } from '../decide.ts';
import { imagine } from '../explain/imagined.ts';
import { hasConsent } from '../gates/consent-gate.ts';
import { judgeDispatch } from '../gates/timing-gate.ts';
import type { Reason } from '../reasons.ts';
import type { Want } from '../recommend/want.ts';
import { type Round, type RoundInput, startRound } from '../round.ts';
import type { Run, RunEntry } from '../run-state.ts';
import { entryAsIs } from '../runs/enter.ts';
import type { Happening } from '../runs/happening.ts';
import type { Channel } from '../trigger.ts';
import type { Event } from '../vocabulary.ts';
import { isReachable } from './addresses.ts';
import { TEST_MARK } from './message-id.ts';
import { compose, leave, putInbox } from './put-message.ts';

/** The trait, `true`, of whoever may be sent tests. */
export const TEST_TRAIT = 'reflexTest';
/** Before whatever else is due. */
const TEST_PRIORITY = 100;

export interface TestInput extends RoundInput {
  trigger: CompiledTrigger;
  /** Null: the first of the send step's that can be sent on. */
  channel: Channel | null;
  /** Null: the least that the trigger listens to. */
  event: Event | null;
  /** Tells tests apart. */
  nonce: string;
}

export type TestRefusal =
  /** The profile doesn't bear the mark. */
  { kind: 'not_marked' } | { kind: 'refused'; reason: Reason; path: string; message: string };

export type TestOutcome =
  | (Pick<Decision, 'delta' | 'effects'> & { kind: 'put'; messageId: string; channel: Channel })
  | TestRefusal
  /** It is to be made again with these lists. */
  | { kind: 'wants'; wants: Want[] };

export function testMessage(input: TestInput): TestOutcome {
  if (input.state.traits.get(TEST_TRAIT)?.value !== true) return { kind: 'not_marked' };
  if (input.config.stopped) return refused('paused', 'trigger', 'everything is stopped');
  const { trigger, channel: asked } = input;
  const step = trigger.steps.find(
    (one): one is CompiledSend =>
      one.kind === 'send' && (asked === null || one.send.channels.includes(asked)),
  );
  if (!step) return refused('no_channel', 'steps', `no step sends on \`${asked}\``);
  const { round, entry } = begin(input);
  let refusal: TestRefusal = refused('no_channel', `steps.${step.id}`, 'no channel can be sent on');
  for (const channel of asked === null ? step.send.channels : [asked]) {
    const objection = objectionTo(round, trigger, channel);
    if (!objection) return put(round, input, step, channel, entry);
    refusal = refused(objection, `steps.${step.id}.send.channels`, `\`${channel}\``);
  }
  return refusal;
}

function begin(input: TestInput): { round: Round; entry: RunEntry } {
  const { trigger } = input;
  const imagined = input.event ? null : imagine(trigger.document, input);
  const event = imagined?.kind === 'event' ? imagined.event : input.event;
  const round = startRound(input, event);
  const happening: Happening =
    imagined?.kind === 'derived' ? imagined.happening : { kind: 'event', name: event?.name ?? '' };
  return { round, entry: entryAsIs(round, trigger, event, [happening]) };
}

/** What no test goes around. */
function objectionTo(round: Round, trigger: CompiledTrigger, channel: Channel): Reason | null {
  const { config, draft } = round;
  if (!isReachable(draft, channel, config)) return 'no_channel';
  if (!hasConsent(round, channel, trigger.document.category)) return 'no_consent';
  const waits = judgeDispatch(round, trigger, channel, trigger.document.category);
  return waits === null || waits.reason === 'quiet_hold' ? null : waits.reason;
}

function put(
  round: Round,
  { trigger, nonce }: TestInput,
  step: CompiledSend,
  channel: Channel,
  entry: RunEntry,
): TestOutcome {
  const run = runOf(round, trigger, nonce, entry);
  // Under the mark of tests, so that its id is valid though the trigger may not be live.
  const marked = compileTrigger({ ...trigger, document: { ...trigger.document, id: TEST_MARK } });
  const composed = compose(round, marked, { ...run, trigger: TEST_MARK }, step, channel);
  if (round.wants.length > 0 && !round.recommended) return { kind: 'wants', wants: round.wants };
  if (composed.kind === 'refused') {
    return refused('render_error', `steps.${step.id}.${composed.path}`, composed.message);
  }
  const input = { ...composed.input, trigger: trigger.id, priority: TEST_PRIORITY, test: true as const };
  if (channel === 'in_app' || channel === 'card') putInbox(round, run, step, input, composed.content);
  else leave(round, run, input);
  const { draft, effects } = round;
  return { kind: 'put', messageId: input.messageId, channel, delta: draft.delta(), effects };
}

/** It is never kept: no exit takes a test back. */
function runOf({ now }: Round, { id, version, group }: CompiledTrigger, nonce: string, entry: RunEntry): Run {
  const { item, referencePrice } = entry;
  return {
    id: `test:${nonce}`,
    trigger: id,
    version,
    key: '',
    keyValues: [],
    startedAt: now,
    entry,
    variant: null,
    group: group && item ? [{ ...item, referencePrice: referencePrice?.amount ?? null }] : null,
    step: null,
    dueAt: null,
    held: null,
    sends: 0,
    open: [],
  };
}

function refused(reason: Reason, path: string, message: string): TestRefusal {
  return { kind: 'refused', reason, path, message };
}
