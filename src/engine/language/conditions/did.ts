/**
 * `did` and `didNot`: how often an event of a name happened. Counted conditions are answered by what the profile keeps;
 * for the others history is scanned, at most the 1,000 newest events of that name inside the window.
 */

import type { Scope, TestedEvent } from '../../scope.ts';
import type { DidCondition, DidNotCondition } from '../../trigger.ts';
import { decimalSum } from '../decimal.ts';
import { elements } from '../operators.ts';
import { compilePath } from '../path.ts';
import { compileWindow } from '../windows.ts';
import { type Check, countHolds } from './check.ts';
import { compileCounted } from './counted.ts';
import { countedForm, isBare } from './counted-form.ts';
import { eventsOf } from './events-of.ts';

export function compileDid(condition: DidCondition, path: string, where: Check | null): Check {
  const matching = compileMatching(condition.did, where, condition);
  if (!condition.distinct && !condition.sum) {
    const counted = compileCount(condition.did, where, condition);
    return (scope) => {
      const count = counted(scope);
      return countHolds(count, condition.count)
        ? null
        : { path: condition.count ? `${path}.count` : path, values: { count } };
    };
  }
  const distinct = condition.distinct ? compilePath(condition.distinct) : null;
  const summed = condition.sum ? compilePath(condition.sum.of) : null;
  return (scope) => {
    const events = matching(scope);
    const under = (event: TestedEvent) => ({ ...scope, event });
    if (distinct) {
      const values = elements(events.flatMap((event) => distinct(under(event))));
      const count = new Set(values.map((value) => JSON.stringify(value))).size;
      if (!countHolds(count, condition.count)) return { path: `${path}.count`, values: { count } };
    } else if (condition.count && !countHolds(events.length, condition.count)) {
      return { path: `${path}.count`, values: { count: events.length } };
    }
    if (!summed || !condition.sum) return null;
    const values = elements(events.flatMap((event) => summed(under(event))));
    const sum = decimalSum(values.filter((value) => typeof value === 'number'));
    return countHolds(sum, condition.sum.is) ? null : { path: `${path}.sum`, values: { sum } };
  };
}

export function compileDidNot(condition: DidNotCondition, path: string, where: Check | null): Check {
  const counted = compileCount(condition.didNot, where, condition);
  return (scope) => {
    const count = counted(scope);
    return count === 0 ? null : { path, values: { count } };
  };
}

function compileCount(
  name: string,
  where: Check | null,
  condition: DidCondition | DidNotCondition,
): (scope: Scope) => number {
  if (isBare(condition)) return (scope) => scope.draft.get('counts', name)?.n ?? 0;
  const matching = compileMatching(name, where, condition);
  const form = countedForm(condition);
  const counted = form ? compileCounted(form) : () => null;
  return (scope) => counted(scope) ?? matching(scope).length;
}

function compileMatching(name: string, where: Check | null, { window }: Pick<DidCondition, 'window'>) {
  const startOf = compileWindow(window);
  return (scope: Scope): TestedEvent[] => {
    const events = eventsOf(scope, name, startOf(scope));
    if (!where) return events;
    return events.filter((event) => where({ ...scope, event }) === null);
  };
}
