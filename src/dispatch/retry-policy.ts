/**
 * When a message that the provider did not take is tried again: after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h and 10 h, eight
 * attempts over some 27 hours. Whether it is still wanted by then is the profile's to say, at the next claim.
 */
import { hash53 } from '../engine/hash.ts';

type Retry = { kind: 'retry'; afterMs: number } | { kind: 'give_up' };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DELAYS_MS = [5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 10 * HOUR];
export const MAX_ATTEMPTS = DELAYS_MS.length + 1;
/** The longest that a provider may ask to wait. */
export const MAX_DELAY_MS = 12 * HOUR;
/** Messages that failed together come back apart: each ±10 %, the same for the same attempt of the same message. */
const JITTER = 0.1;

/**
 * @param attempt how often it was tried, 1 after the first time
 * @param retryAfterMs what the provider asked for; never earlier than that, up to 12 h
 */
export function nextRetry(messageId: string, attempt: number, retryAfterMs = 0): Retry {
  const delayMs = DELAYS_MS[Math.max(1, attempt) - 1];
  if (delayMs === undefined) return { kind: 'give_up' };
  const share = (hash53(`${messageId}:${attempt}`) % 10_001) / 10_000;
  const jittered = Math.round(delayMs * (1 - JITTER + 2 * JITTER * share));
  return { kind: 'retry', afterMs: Math.min(MAX_DELAY_MS, Math.max(jittered, retryAfterMs)) };
}
