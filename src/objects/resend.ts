/**
 * When a page that went out through a queue, and that nobody has settled, is sent again: at growing intervals, for the
 * queue may lose it, and a long queue must not be made longer by impatience.
 */
export const RESEND_AFTER_MS = 30_000;
const MAX_RESEND_AFTER_MS = 900_000;

/**
 * A walk makes no further pages while more than so many are out: the queue then holds some minutes' work at most, what is
 * stopped stops soon, and pages aren't sent again only because those before them take their time. With a turn's worth on
 * top that is 8,000 profiles, which a queue with one consumer takes off in some seconds.
 */
export const MOST_PAGES_OUT = 20;

/** After so many sendings; doubled with each further one, up to the maximum. */
export function resendAfterMs(sendings: number): number {
  return Math.min(RESEND_AFTER_MS * 2 ** (sendings - 1), MAX_RESEND_AFTER_MS);
}
