import type { Json, JsonObject } from '../vocabulary.ts';

/** Everything under `value` at `steps`, in order; missing and null leave no trace. */
export function descend(value: unknown, steps: string[], from: number): Json[] {
  let at = value;
  for (let i = from; i < steps.length; i++) {
    const step = steps[i] as string;
    if (Array.isArray(at)) {
      return at.flatMap((element) => descend(element, steps, i));
    }
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, step)) return [];
    at = (at as JsonObject)[step];
  }
  return at === undefined || at === null ? [] : [at as Json];
}
