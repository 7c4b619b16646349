import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MAX_ATTEMPTS, MAX_DELAY_MS, nextRetry } from './retry-policy.ts';

const SCHEDULE = [5_000, 300_000, 1_800_000, 7_200_000, 18_000_000, 36_000_000, 36_000_000];

it('follows the schedule within ten percent, then gives up', () => {
  fc.assert(
    fc.property(fc.string(), (id) => {
      for (const [i, delayMs] of SCHEDULE.entries()) {
        const retry = nextRetry(id, i + 1);
        expect(retry.kind).toBe('retry');
        if (retry.kind !== 'retry') return;
        expect(retry.afterMs).toBeGreaterThanOrEqual(delayMs * 0.9);
        expect(retry.afterMs).toBeLessThanOrEqual(delayMs * 1.1);
      }
      expect(nextRetry(id, MAX_ATTEMPTS)).toEqual({ kind: 'give_up' });
      expect(nextRetry(id, MAX_ATTEMPTS + 5)).toEqual({ kind: 'give_up' });
    }),
  );
});

it('spreads messages that failed together, and repeats itself for the same one', () => {
  const delays = Array.from({ length: 200 }, (_, i) => JSON.stringify(nextRetry(`msg_${i}`, 2)));
  expect(new Set(delays).size).toBeGreaterThan(190);
  expect(nextRetry('msg_7', 2)).toEqual(nextRetry('msg_7', 2));
});

it('waits as long as the provider asks, up to twelve hours', () => {
  expect(nextRetry('msg', 1, 60_000)).toEqual({ kind: 'retry', afterMs: 60_000 });
  expect(nextRetry('msg', 1, 7 * 24 * 3_600_000)).toEqual({ kind: 'retry', afterMs: MAX_DELAY_MS });
  expect(nextRetry('msg', MAX_ATTEMPTS, 60_000)).toEqual({ kind: 'give_up' });
});
