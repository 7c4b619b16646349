/**
 * A state's layout has a version, `meta.v`: the number of steps that led to it, and one. A step is needed only where an
 * older build would misread what a newer one writes; fields and sections that are merely new need none, for unknown ones
 * are kept. A step answers the writes that take a state from one version to the next. They are part of the profile's next
 * commit: until then the old layout stands on disk, whole, and is upgraded again by whoever reads it.
 */
import { applyDelta, type Delta } from './delta.ts';
import { type ProfileState, parseState } from './state.ts';

export type StateStep = (state: ProfileState) => Delta;

const STEPS: readonly StateStep[] = [];

/** What takes the state to this build's version, and is applied to it; null where a newer build has written it. */
export function upgradeState(state: ProfileState, steps: readonly StateStep[] = STEPS): Delta | null {
  const known = steps.length + 1;
  const found = state.meta.v;
  if (found > known) return null;
  if (found === known) return [];
  const delta: Delta = [];
  for (const step of [...steps.slice(found - 1), () => [['meta', 'v', known]] as Delta]) {
    const writes = step(state);
    applyDelta(state, writes);
    delta.push(...writes);
  }
  return delta;
}

/** A state that another object serialised; null where that runs a newer build. */
export function openState(text: string, steps: readonly StateStep[] = STEPS): ProfileState | null {
  const state = parseState(text);
  return upgradeState(state, steps) && state;
}
