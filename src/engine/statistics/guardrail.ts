/**
 * Whether more people leave after a trigger's messages than its threshold allows: asked after every reaction, for as long as
 * the trigger lives, without ever crying wolf.
 *
 * The evidence is a likelihood ratio: how much better rates above the threshold explain what was seen than the threshold
 * itself does, averaged over four of them. Where the true rate is at the threshold or below, that average is a
 * non-negative supermartingale that begins at 1, so that it ever reaches 1 / α with a probability of at most α (Ville's
 * inequality; Wald's sequential test, of one side and mixed).
 */

/** Rates that are compared with the threshold, as its multiples. */
const MULTIPLES = [1.5, 2, 4, 8];
/** How often a trigger at its threshold may be paused, in its whole life. */
const GUARDRAIL_ALPHA = 0.01;
/** Nobody is judged on a handful. */
const LEAST_MESSAGES = 100;

/** Log of the evidence. `rate`: the threshold, 0–1. */
function guardrailEvidence(reactions: number, messages: number, rate: number): number {
  const x = Math.min(reactions, messages);
  const logs = MULTIPLES.map((multiple) => Math.min(rate * multiple, (1 + rate) / 2)).map(
    (other) => x * Math.log(other / rate) + (messages - x) * Math.log((1 - other) / (1 - rate)),
  );
  const top = Math.max(...logs);
  return top + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - top), 0) / logs.length);
}

/** Whether it has been crossed. A rate of 1 never is. */
export function isCrossed(reactions: number, messages: number, rate: number): boolean {
  if (messages < LEAST_MESSAGES || rate >= 1) return false;
  return guardrailEvidence(reactions, messages, rate) >= -Math.log(GUARDRAIL_ALPHA);
}
