/**
 * When time alone may next change what a condition answers.
 *
 * Everything else that a condition looks at changes by an event, and is asked again with it. What time changes is known
 * beforehand: an event leaves a window, an instant becomes so old, a clock reaches an hour. Compiled beside the check
 * itself, each condition names the first instant after `scope.now` at which its answer may become another one, and never
 * a later one than that; too early an instant costs a wake that finds nothing changed. `Infinity`: never.
 */
import { compileCondition, compileWhere } from '../language/conditions/compile-condition.ts';
import { compileTimeOperator, isTimeOperator } from '../language/time-operators.ts';
import type { Scope } from '../scope.ts';
import { timeZoneOf } from '../send/locale.ts';
import { isInside, nextInside, nextOutside } from '../time/daily-window.ts';
import { DAY_MS } from '../time/duration.ts';
import type { Condition, FieldCondition, LocalTimeCondition } from '../trigger.ts';
import { compileCounting, compileReceivedChange, compileSequenceChange } from './leaving.ts';

/** `isBound`: an instant that is no later than the answer, for less work, will do. */
export type NextChange = (scope: Scope, isBound?: boolean) => number;

/** Null where time changes nothing. */
export function compileNextChange(condition: Condition): NextChange | null {
  if ('all' in condition) return compileSome(condition.all, false);
  if ('any' in condition) return compileSome(condition.any, true);
  if ('not' in condition) return compileNextChange(condition.not);
  if ('field' in condition) return compileField(condition);
  if ('localTime' in condition) return compileLocalTime(condition);
  if ('segment' in condition) {
    const { segment } = condition;
    return (scope) => scope.config.segmentChanges.get(segment)?.(scope) ?? Number.POSITIVE_INFINITY;
  }
  const ofWhere = (where: Condition | undefined) => (where ? compileNextChange(where) : null);
  if ('did' in condition || 'didNot' in condition) {
    return compileCounting(condition, compileWhere(condition.where, ''), ofWhere(condition.where));
  }
  if ('sequence' in condition) {
    return compileSequenceChange(
      condition,
      condition.sequence.map(({ where }) => ofWhere(where)),
    );
  }
  return 'received' in condition ? compileReceivedChange(condition) : null;
}

/**
 * `all` (`holding` false) stays false as long as any part that is false now stays so, `any` true as long as any that is
 * true: of those the one that stays longest tells.
 */
function compileSome(conditions: Condition[], holding: boolean): NextChange | null {
  const parts = conditions.map((one) => ({ check: compileCondition(one, ''), next: compileNextChange(one) }));
  if (parts.every(({ next }) => next === null)) return null;
  return (scope, isBound) => {
    let soonest = Number.POSITIVE_INFINITY;
    let pinnedUntil = Number.NEGATIVE_INFINITY;
    for (const { check, next } of parts) {
      const at = next?.(scope, isBound) ?? Number.POSITIVE_INFINITY;
      if (isBound) soonest = Math.min(soonest, at);
      else if ((check(scope) === null) === holding) pinnedUntil = Math.max(pinnedUntil, at);
      else soonest = Math.min(soonest, at);
    }
    return pinnedUntil === Number.NEGATIVE_INFINITY ? soonest : pinnedUntil;
  };
}

function compileField(condition: FieldCondition): NextChange | null {
  return isTimeOperator(condition.op) ? compileTimeOperator(condition) : null;
}

function compileLocalTime({ localTime: [from, to], days }: LocalTimeCondition): NextChange {
  return ({ draft, config, now }) => {
    const window = { from, to, ...(days && { days }), zone: timeZoneOf(draft, config.policies.workspace) };
    const at = isInside(window, now) ? nextOutside(window, now) : nextInside(window, now);
    // None within the days that are looked through: it is asked again then.
    return at ?? now + 8 * DAY_MS;
  };
}
