/**
 * What one event does to a profile: the writes, what must leave, and why each trigger that listened answered as it did.
 *
 * The order is part of the contract: dedupe → fold → acknowledgements → exits → match → `if` → re-eligibility → consent →
 * arbitration → render → commit. Pure: the same input gives the same decision in live traffic, preview and simulation.
 */

import type { Delta } from './delta.ts';
import { applyEvent } from './fold/apply-event.ts';
import { putFollowOrders } from './items/follow-orders.ts';
import { putWatchOrders, viewedToWatch } from './items/watch-orders.ts';
import { countEvent } from './language/counters.ts';
import { react } from './react.ts';
import type { RuledOut, TriggerTrace } from './reasons.ts';
import { type ItemSample, samplesOf } from './recommend/item-sample.ts';
import type { Want } from './recommend/want.ts';
import { noteReports } from './reporting/note-reports.ts';
import { noteReaction } from './reporting/reactions.ts';
import { tellDecisions } from './reporting/tell-decisions.ts';
import { putFact, type Round, type RoundInput, scopeOf, startRound } from './round.ts';
import { acknowledge, trimSettled } from './runs/acknowledge.ts';
import { derived } from './runs/derived.ts';
import { expireMessages } from './runs/expire.ts';
import { BROADCAST, type Happening, SESSION_START } from './runs/happening.ts';
import { hearReport, REPORT } from './runs/hear-report.ts';
import { ruledOutIn } from './runs/listening.ts';
import { foreseeSegments, forgetSegments, SEGMENTS } from './segments/memberships.ts';
import { castShadows, hasShadows } from './shadow/cast-shadows.ts';
import type { Event, OutboxEntry } from './vocabulary.ts';

export interface DecideInput extends RoundInput {
  event: Event;
}

export interface Decision {
  /** The new state as writes over the given one; `applyDelta` makes them. */
  delta: Delta;
  /** To be offered once the commit holds. All of it is in the new state's outbox. */
  effects: OutboxEntry[];
  trace: TriggerTrace[];
  /** Present where the index ruled triggers out: of them the trace says nothing. */
  ruledOut?: RuledOut;
  /**
   * A message should recommend items of lists that weren't in hand, and does without: whoever can ask for them drops this
   * decision and makes it again.
   */
  wants?: Want[];
  /** For the catalog, behind the answer; nobody misses it where it gets lost. */
  samples?: ItemSample[];
  /** The event had been taken in before; nothing changes. */
  duplicate: boolean;
}

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
  // No timer waits for it: what nobody has looked at is cleared away by whatever comes next.
  expireMessages(round);
  const folded = applyEvent(draft, event, config.policies, now);
  if (event.origin !== 'system') countEvent(scopeOf(round, null, null));
  const samples = config.sampling ? samplesOf(draft, event, config, now) : [];
  noteReports(round, event, folded.sessionStarted);
  const viewed = event.name === 'Product Viewed' ? viewedToWatch(round) : [];
  putWatchOrders(round, new Set([...folded.touchedItems, ...viewed]));
  putFollowOrders(round, folded.touchedTopics);
  if (event.name === SEGMENTS) forgetSegments(round);
  if (event.imported) {
    // Nobody is told, now or later: what it changes is where the next event begins.
    derived(round, input, event, new Map());
    foreseeSegments(round);
  } else {
    reactTo(round, input, event, folded.sessionStarted);
  }
  const { effects, trace } = round;
  const decision: Decision = { delta: draft.delta(), effects, trace, duplicate: false };
  if (samples.length > 0) decision.samples = samples;
  if (round.wants.length > 0) decision.wants = round.wants;
  if (round.ruledOut.length > 0) decision.ruledOut = ruledOutIn(round, event);
  return decision;
}

function reactTo(round: Round, input: DecideInput, event: Event, sessionStarted: boolean): void {
  const first: Happening[] = sessionStarted ? [{ kind: 'event', name: SESSION_START }] : [];
  const told = event.name === REPORT ? hearReport(round, event) : acknowledge(round, event);
  trimSettled(round);
  noteReaction(round, event);
  react(round, input, event, [...first, ...happeningsOf(event), ...told]);
  tellDecisions(round, event);
  if (hasShadows(input)) castShadows(round, input, event);
}

/** A broadcast reaches a profile as an event, but only its own trigger listens. */
function happeningsOf(event: Event): Happening[] {
  const { trigger } = event.properties;
  if (event.name === BROADCAST && typeof trigger === 'string') {
    return [{ kind: 'timer', name: BROADCAST, trigger }];
  }
  return [{ kind: 'event', name: event.name }];
}
