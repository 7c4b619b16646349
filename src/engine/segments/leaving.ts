/** When what a condition counts leaves its window. */
import { type Check, countHolds } from '../language/conditions/check.ts';
import { keptInstants } from '../language/conditions/counted.ts';
import { type CountingCondition, countedForm } from '../language/conditions/counted-form.ts';
import { eventsOf } from '../language/conditions/events-of.ts';
import { receivedInstants } from '../language/conditions/received.ts';
import { calendarZone, compileWindow } from '../language/windows.ts';
import type { Scope, TestedEvent } from '../scope.ts';
import { durationMs, MINUTE_MS } from '../time/duration.ts';
import { offsetSpan } from '../time/zone-offset.ts';
import { nextStartOf } from '../time/zone-time.ts';
import type { ReceivedCondition, SequenceCondition, Window } from '../trigger.ts';

type NextChange = (scope: Scope) => number;
type Holds = (count: number) => boolean;

const NEVER = Number.POSITIVE_INFINITY;
/** Days, weeks or months looked ahead; what stands still for longer is looked at again then. */
const PERIODS_AHEAD = 400;

/** `where` is the condition's, `whereNext` when that answers otherwise; null where there is none, or it never does. */
export function compileCounting(
  condition: CountingCondition,
  where: Check | null,
  whereNext: NextChange | null,
): NextChange | null {
  const { window } = condition;
  if (!windowMoves(window) && !whereNext) return null;
  const name = 'did' in condition ? condition.did : condition.didNot;
  const start = compileWindow(window);
  const form = countedForm(condition);
  const holds: Holds =
    'did' in condition ? (count) => countHolds(count, condition.count) : (count) => count === 0;
  const isPlain = whereNext === null && !('distinct' in condition) && !('sum' in condition);
  const matching = (scope: Scope, events: TestedEvent[]) =>
    where ? events.filter((event) => where({ ...scope, event }) === null) : events;
  return (scope) => {
    const kept = form && isPlain ? keptInstants(form, scope) : null;
    if (kept && window) return nextCrossing(kept, window, holds, scope);
    const events = eventsOf(scope, name, start(scope));
    if (isPlain && window) return nextCrossing(instantsOf(matching(scope, events)), window, holds, scope);
    const leaving = window ? nextLeaving(instantsOf(events), window, scope) : NEVER;
    return whereNext ? soonest([leaving, ...events.map((event) => whereNext({ ...scope, event }))]) : leaving;
  };
}

/** `whereNexts`: of each item's `where`. */
export function compileSequenceChange(
  { sequence, within }: SequenceCondition,
  whereNexts: (NextChange | null)[],
): NextChange {
  const names = [...new Set(sequence.map((item) => ('did' in item ? item.did : item.didNot)))];
  const changing = whereNexts.filter((next) => next !== null);
  const withinMs = durationMs(within);
  return (scope) => {
    const events = names.flatMap((name) => eventsOf(scope, name, scope.now - withinMs));
    const wheres = events.flatMap((event) => changing.map((next) => next({ ...scope, event })));
    return soonest([nextLeaving(instantsOf(events), { last: within }, scope), ...wheres]);
  };
}

export function compileReceivedChange(condition: ReceivedCondition): NextChange | null {
  const { window, count } = condition;
  if (!window || !windowMoves(window)) return null;
  const start = compileWindow(window, 'sends');
  return (scope) => {
    const afterAt = start(scope);
    const instants = receivedInstants(condition, scope).filter((at) => at > afterAt);
    return nextCrossing(instants, window, (n) => countHolds(n, count), scope);
  };
}

function windowMoves(window: Window | undefined): boolean {
  return window !== undefined && !('since' in window && window.since === 'session');
}

/** The instants in the window → when so many have left it that the count answers otherwise. */
function nextCrossing(instants: number[], window: Window, holds: Holds, scope: Scope): number {
  const now = holds(instants.length);
  const start = compileWindow(window);
  let left = [...instants].sort((a, b) => a - b);
  let at = scope.now;
  for (let periods = 0; left.length > 0; periods++) {
    if (!('last' in window) && periods === PERIODS_AHEAD) return at;
    at = nextLeaving(left, window, { ...scope, now: at });
    const afterAt = start({ ...scope, now: at });
    left = left.filter((instant) => instant > afterAt);
    if (holds(left.length) !== now) return at;
  }
  return NEVER;
}

/** When the first of them leaves the window; of a calendar's, when that may be. */
function nextLeaving(instants: number[], window: Window, scope: Scope): number {
  if (instants.length === 0) return NEVER;
  if ('last' in window) return Math.ceil(soonest(instants) + durationMs(window.last));
  if ('since' in window) return window.since === 'session' ? NEVER : Math.floor(soonest(instants)) + 2;
  return nextPeriod(window, scope);
}

/**
 * Windows of several periods lose one at the beginning of each. Where a clock is set back across midnight a day comes
 * twice: its switch is an instant to look at, and around it every minute is.
 */
function nextPeriod(window: Extract<Window, { calendar: unknown }>, scope: Scope): number {
  const { now } = scope;
  const zone = calendarZone(window, scope);
  const next = nextStartOf(window.calendar, zone, now);
  return next > now ? Math.min(next, offsetSpan(zone, now).untilAt) : now + MINUTE_MS;
}

function soonest(instants: number[]): number {
  let first = NEVER;
  for (const at of instants) if (at < first) first = at;
  return first;
}

function instantsOf(events: TestedEvent[]): number[] {
  return events.map(({ timestamp }) => timestamp);
}
