import type { Scope } from '../../scope.ts';
import type { Count } from '../../trigger.ts';
import type { JsonObject } from '../../vocabulary.ts';

/** Why a condition failed: where it stands in the trigger document, and the values that decided. */
export interface Failure {
  path: string;
  values: JsonObject;
}

/** A condition, compiled: null where it holds. */
export type Check = (scope: Scope) => Failure | null;

export function countHolds(n: number, is: Count | undefined): boolean {
  if (!is) return n >= 1;
  return (
    (is.eq === undefined || n === is.eq) &&
    (is.gt === undefined || n > is.gt) &&
    (is.gte === undefined || n >= is.gte) &&
    (is.lt === undefined || n < is.lt) &&
    (is.lte === undefined || n <= is.lte)
  );
}
