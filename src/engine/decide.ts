/**
 * What one event does to a profile: the writes, what must leave, and why each trigger that listened answered as it did.
 *
 * The order is part of the contract: dedupe → fold → acknowledgements → exits → match → `if` → re-eligibility → consent →
 * arbitration → render → commit. Pure: the same input gives the same decision in live traffic, preview and simulation.
 */
import { acknowledge, trimSettled } from './acknowledge.ts';
import { advanceAll } from './advance.ts';
import { winsBefore } from './compile-config.ts';
import type { CompiledTrigger } from './compile-trigger.ts';
import { type Config, isLive } from './config.ts';
import { countEvent } from './counters.ts';
import type { Delta } from './delta.ts';
import { HOUR_MS } from './duration.ts';
import { enter } from './enter.ts';
import { applyExits } from './exits.ts';
import { applyEvent } from './fold/apply-event.ts';
import { explain, putFact, type Round, type RoundInput, scopeOf, startRound } from './round.ts';
import type { Event, OutboxEntry, TriggerTrace } from './vocabulary.ts';
import { putWatchOrders } from './watch-orders.ts';

export interface DecideInput extends RoundInput {
  event: Event;
}

export interface Decision {
  /** The new state as writes over the given one; `applyDelta` makes them. */
  delta: Delta;
  /** To be offered once the commit holds. All of it is in the new state's outbox. */
  effects: OutboxEntry[];
  trace: TriggerTrace[];
  /** The event had been taken in before; nothing changes. */
  duplicate: boolean;
}

/** An event later than this starts nothing; it still exits, cancels and counts. */
const LATE_MS = HOUR_MS;

export function decide(input: DecideInput): Decision {
  const { event, history, config } = input;
  if (history.has(event.messageId, event.originalAt)) {
    return { delta: [], effects: [], trace: [], duplicate: true };
  }
  const round = startRound(input, event);
  const { draft, now } = round;
  if (!draft.meta.registered) {
    draft.setMeta({ registered: true });
    putFact(round, { kind: 'profile_created' });
  }
  const folded = applyEvent(draft, event, config.policies, now);
  if (event.origin !== 'system') countEvent(scopeOf(round, null, null));
  putWatchOrders(round, folded.touchedItems);
  if (!event.imported) {
    const names = folded.sessionStarted ? ['$session_start', event.name] : [event.name];
    react(round, event, names);
  }
  return {
    delta: draft.delta(),
    effects: round.effects,
    trace: round.trace,
    duplicate: false,
  };
}

function react(round: Round, event: Event, names: string[]): void {
  acknowledge(round, event);
  trimSettled(round);
  applyExits(round, event, names);
  const late = round.now - event.timestamp > LATE_MS;
  const runs = listeners(round.config, names).flatMap((trigger) => {
    if (!isLive(round.config, trigger.id)) {
      explain(round, trigger, 'paused');
      return [];
    }
    if (late) {
      explain(round, trigger, 'late_event', { path: 'entry.on' });
      return [];
    }
    const run = enter(round, trigger, event, names);
    if (run) round.draft.put('runs', run.id, run);
    return run ? [run] : [];
  });
  advanceAll(round, runs);
  const explained = new Set(round.trace.map(({ id }) => id));
  for (const { trigger: id, version } of runs) {
    if (!explained.has(id)) explain(round, { id, version }, 'entered');
  }
}

function listeners(config: Config, names: string[]): CompiledTrigger[] {
  if (names.length === 1) return config.byEvent.get(names[0] as string) ?? [];
  const all = new Set(names.flatMap((name) => config.byEvent.get(name) ?? []));
  return [...all].sort(winsBefore);
}
