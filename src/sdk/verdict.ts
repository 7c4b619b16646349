/** What an answer means for a request, and when to try again. */

export type Verdict =
  | { kind: 'done' }
  /** The token was refused. */
  | { kind: 'unauthorized' }
  /** Too large as a whole: fewer at a time. */
  | { kind: 'split' }
  /** Sending it again won't help. */
  | { kind: 'drop' }
  | { kind: 'retry'; afterMs: number };

const LONGEST_MS = 60_000;

/** @param status 0 where no answer came */
export function verdictOn(status: number, retryAfter: string | null = null): Verdict {
  if (status >= 200 && status < 300) return { kind: 'done' };
  if (status === 401) return { kind: 'unauthorized' };
  if (status === 413) return { kind: 'split' };
  if (status === 0 || status === 408 || status === 429 || status >= 500) {
    return { kind: 'retry', afterMs: (Number(retryAfter) || 0) * 1000 };
  }
  return { kind: 'drop' };
}

/**
 * Full jitter: anywhere up to a limit that doubles from one second to a minute, so that clients that failed together
 * don't come back together; never sooner than the server wished.
 * @param failures in a row, 1 after the first
 * @param random from 0 to 1
 */
export function backOffMs(failures: number, random: number, atLeastMs = 0): number {
  return atLeastMs + random * Math.min(LONGEST_MS, 1000 * 2 ** (failures - 1));
}
