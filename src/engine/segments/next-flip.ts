import type { Check } from '../language/conditions/check.ts';
import type { Scope } from '../scope.ts';
import type { NextChange } from './next-change.ts';

/** Instants looked at ahead; whoever is woken at the last of them looks on from there. */
const STEPS_AHEAD = 32;

/**
 * When a condition will answer otherwise if nothing but time happens; sooner where that lies far ahead, and null for
 * never. Where it counts, the future is asked in a draft of its own: what asking builds there isn't kept.
 */
export function nextFlip(check: Check, next: NextChange, scope: Scope, counts = true): number | null {
  const isTrue = check(scope) === null;
  const ahead: Scope = counts ? { ...scope, draft: scope.draft.fork() } : { ...scope };
  for (let step = 0; step < STEPS_AHEAD; step++) {
    const at = next(ahead);
    if (at === Number.POSITIVE_INFINITY) return null;
    ahead.now = Math.max(at, ahead.now + 1);
    if ((check(ahead) === null) !== isTrue) return ahead.now;
  }
  return ahead.now;
}
