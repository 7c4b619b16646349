/**
 * One round of deciding: everything that one event, with what it derives, or one wake of the alarm sets in motion.
 * Collects the writes, the effects and the explanation.
 */

import type { CompiledTrigger } from './compile/compile-trigger.ts';
import type { Config } from './config.ts';
import { Draft } from './delta.ts';
import { itemOf, testedEvent } from './event-view.ts';
import type { SentNow } from './gates/frequency-cap.ts';
import type { Failure } from './language/conditions/check.ts';
import type { LookedUp, Reason, TriggerTrace } from './reasons.ts';
import type { Recommended } from './recommend/recommend.ts';
import type { Want } from './recommend/want.ts';
import type { Run, RunEntry } from './run-state.ts';
import type { Happening } from './runs/happening.ts';
import type { History, Scope, TestedEvent } from './scope.ts';
import type { ProfileState } from './state.ts';
import { SECOND_MS } from './time/duration.ts';
import type { Event, Fact, ItemSnapshot, OutboxEntry } from './vocabulary.ts';

export interface Round {
  draft: Draft;
  history: History;
  config: Config;
  now: number;
  /** The event being decided; null for timers. */
  current: TestedEvent | null;
  item: Scope['item'];
  /** Items as the catalog has them now, for `recheck`; what isn't among them is as it was when the run began. */
  items: ReadonlyMap<string, ItemSnapshot>;
  /** Lists of the catalog's, read before the decision; null: nobody has asked for them yet. */
  recommended: Recommended | null;
  /** What a message of this round should have been given of them, and wasn't. */
  wants: Want[];
  /** The event as runs keep it that it starts; made when the first trigger asks. */
  entryEvent: RunEntry['event'] | null;
  /** In-app messages lately given to the client: id → when. */
  handed: ReadonlyMap<string, number>;
  /** What this round has given away so far: surface → the trigger that has it, and all that was sent. */
  taken: { surfaces: Map<string, string>; sends: SentNow[] };
  effects: OutboxEntry[];
  trace: TriggerTrace[];
  /** What the index looked up where it ruled triggers out. */
  ruledOut: LookedUp[];
  /** All that happened in the round, for shadow versions; null where there are none. */
  happened: Happening[] | null;
}

export interface RoundInput {
  state: ProfileState;
  history: History;
  config: Config;
  now: number;
  handed?: ReadonlyMap<string, number>;
  /** Items as the catalog has them now. */
  items?: ReadonlyMap<string, ItemSnapshot>;
  /** Where a decision says that it `wants` lists, it is to be made again with them. */
  recommended?: Recommended | null;
}

const NONE_HANDED: Round['handed'] = new Map();
const NO_ITEMS: Round['items'] = new Map();

/** A round over the state; time never runs backwards for a profile. */
export function startRound(input: RoundInput, event: Event | null): Round {
  const { state, history, config } = input;
  const now = Math.max(state.meta.lastNow, input.now);
  const draft = new Draft(state);
  if (state.meta.lastNow !== now) draft.setMeta({ lastNow: now });
  return {
    draft,
    history,
    config,
    now,
    current: event && testedEvent(event),
    item: event && itemOf(event, config.policies.workspace.currency),
    items: input.items ?? NO_ITEMS,
    recommended: input.recommended ?? null,
    wants: [],
    entryEvent: null,
    handed: input.handed ?? NONE_HANDED,
    taken: { surfaces: new Map(), sends: [] },
    effects: [],
    trace: [],
    ruledOut: [],
    happened: config.shadows.length > 0 ? [] : null,
  };
}

/** How long an offer waits to be settled before it is made again. */
export const OFFER_AGAIN_MS = 30 * SECOND_MS;

/** The scope of conditions for a trigger that is being entered, or for a run under way. */
export function scopeOf(
  round: Round,
  entry: Scope['entry'],
  self: Scope['self'],
  item: Scope['item'] = round.item,
): Scope {
  return {
    draft: round.draft,
    history: round.history,
    config: round.config,
    now: round.now,
    event: round.current ?? (entry ? { ...entry.event, context: { ...entry.event.context } as never } : null),
    current: round.current,
    item,
    entry,
    lookup: entry?.lookup ?? null,
    self,
  };
}

/** A run's own scope: `item.` is what started it. */
export function runScope(round: Round, run: Run): Scope {
  return scopeOf(round, run.entry, { trigger: run.trigger, key: run.key }, run.entry.item ?? round.item);
}

export function explain(
  round: Round,
  trigger: Pick<CompiledTrigger, 'id' | 'version'>,
  reason: Reason,
  more: Partial<Failure> & { messageId?: string } = {},
): void {
  round.trace.push({ id: trigger.id, version: trigger.version, reason, ...more });
}

/** What must leave: committed with the decision, offered right after, and again until it is settled. */
export function putOut(round: Round, entry: OutboxEntry): void {
  round.draft.put('outbox', entry.id, entry);
  round.effects.push(entry);
}

function nextSeq(draft: Draft, isOfShadow: boolean): number {
  const { factSeq, shadowSeq } = draft.meta;
  draft.setMeta(isOfShadow ? { shadowSeq: shadowSeq - 1 } : { factSeq: factSeq + 1 });
  return isOfShadow ? shadowSeq - 1 : factSeq + 1;
}

/** Of this moment, unless it says when. */
export function putFact(round: Round, fact: Omit<Fact, 'seq' | 'at'> & Partial<Pick<Fact, 'at'>>): void {
  const seq = nextSeq(round.draft, fact.kind === 'shadow');
  const retryAt = round.now + OFFER_AGAIN_MS;
  putOut(round, { kind: 'fact', id: `fact:${seq}`, fact: { seq, at: round.now, ...fact }, retryAt });
}
