/** When the operators that compare with now (`olderThan`, `withinLast`, `withinNext`) next answer otherwise. */
import type { Scope } from '../scope.ts';
import { parseDurationMs } from '../time/duration.ts';
import type { FieldCondition, Operator } from '../trigger.ts';
import { elements, instantOf } from './operators.ts';
import { compilePath } from './path.ts';

type TimeOperator = 'olderThan' | 'withinLast' | 'withinNext';

/** The instants, in whole milliseconds, at which the answer for one value changes. */
const FLIPS: Record<TimeOperator, (at: number, spanMs: number) => number[]> = {
  olderThan: (at, spanMs) => [Math.ceil(at + spanMs)],
  withinLast: (at, spanMs) => [Math.ceil(at), Math.ceil(at + spanMs)],
  withinNext: (at, spanMs) => [Math.floor(at - spanMs) + 1, Math.floor(at) + 1],
};

export function isTimeOperator(op: Operator): op is TimeOperator {
  return Object.hasOwn(FLIPS, op);
}

/** The first after `scope.now`; `Infinity` where there is none. */
export function compileTimeOperator({ field, op, value }: FieldCondition): (scope: Scope) => number {
  const flips = FLIPS[op as TimeOperator];
  const read = compilePath(field);
  const spanMs = typeof value === 'string' ? parseDurationMs(value) : null;
  return (scope) => {
    let first = Number.POSITIVE_INFINITY;
    if (spanMs === null) return first;
    for (const found of elements(read(scope))) {
      const at = instantOf(found);
      if (at === null) continue;
      for (const flip of flips(at, spanMs)) if (flip > scope.now && flip < first) first = flip;
    }
    return first;
  };
}
