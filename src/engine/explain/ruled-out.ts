/**
 * Why a trigger that the index ruled out would not have matched: told from what the index looked up, which stands beside
 * the event, and from the version that was in force then.
 */
import { type EqualityKey, listeningOf, pathOf, SUBJECT } from '../compile/equality-key.ts';
import { lookedUp } from '../compile/listeners.ts';
import type { LiveTrigger } from '../config.ts';
import type { Failure } from '../language/conditions/check.ts';
import type { LookedUp, RuledOut, TriggerTrace } from '../reasons.ts';

/** Null where it was not ruled out: it listened to nothing of that event, or was tried. */
export function explainRuledOut(
  { document, version, state }: Pick<LiveTrigger, 'document' | 'version' | 'state'>,
  { looked, reason }: RuledOut,
): TriggerTrace | null {
  for (const { name, keys } of listeningOf(document)) {
    const failures = keys.map((choices) => failureOf(choices, name, looked));
    // Of several `on`s the last one speaks, as it does for a trigger that was tried.
    const last = failures.at(-1);
    if (!last || failures.includes(null)) continue;
    const { id } = document;
    if (reason === 'paused' || state === 'paused') return { id, version, reason: 'paused' };
    if (reason === 'late_event') return { id, version, reason, path: 'entry.on' };
    return { id, version, reason: 'not_matched', ...last };
  }
  return null;
}

/** The first equality that did not hold; null where none is known not to have. */
function failureOf(choices: EqualityKey[], name: string, looked: LookedUp[]): Failure | null {
  for (const { by, values, at } of choices) {
    const found = looked.find((one) => one.name === name && one.by === by)?.values;
    const { path, normalized } = pathOf(by);
    if (!found || lookedUp([...values], normalized).some((value) => found.includes(value))) continue;
    const seen = found.length > 1 ? found : (found[0] ?? null);
    return { path: at, values: { [by === SUBJECT ? 'about' : path]: seen } };
  }
  return null;
}
