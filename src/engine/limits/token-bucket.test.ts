import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fullBucket, PERMIT_MS, takePermits } from './token-bucket.ts';

const asks = fc.array(
  fc.record({
    afterMs: fc.integer({ min: 0, max: 20_000 }),
    wanted: fc.integer({ min: 1, max: 100 }),
    /** How late each permit of it is used, as a share of its life. */
    late: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 200 },
);

test('no minute, however it is cut and however late permits are used, sees more messages than the rate', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), asks, (perMinute, life) => {
      let [bucket, now] = [fullBucket(perMinute, 0), 0];
      const used: number[] = [];
      for (const { afterMs, wanted, late } of life) {
        now += afterMs;
        const taken = takePermits(bucket, perMinute, wanted, now);
        bucket = taken.bucket;
        for (let i = 0; i < taken.granted; i++) used.push(now + Math.floor(late * (PERMIT_MS - 1)));
      }
      used.sort((a, b) => a - b);
      for (let i = 0; i + perMinute < used.length; i++) {
        expect((used[i + perMinute] ?? 0) - (used[i] ?? 0)).toBeGreaterThanOrEqual(60_000);
      }
    }),
    { numRuns: 300 },
  );
});

test('who asks all the time gets at least three quarters of the rate', () => {
  for (const perMinute of [1, 2, 7, 60, 600, 10_000]) {
    let bucket = fullBucket(perMinute, 0);
    let granted = 0;
    for (let now = 0; now < 600_000; now += 50) {
      const taken = takePermits(bucket, perMinute, 100, now);
      bucket = taken.bucket;
      granted += taken.granted;
    }
    expect(granted).toBeGreaterThanOrEqual(Math.floor(perMinute * 10 * 0.75));
    expect(granted).toBeLessThanOrEqual(perMinute * 10);
  }
});

test('those who find it empty are told to come back one after the other, and then get one', () => {
  let bucket = takePermits(fullBucket(60, 0), 60, 100, 0).bucket;
  const times: number[] = [];
  for (let i = 0; i < 5; i++) {
    const taken = takePermits(bucket, 60, 1, 0);
    bucket = taken.bucket;
    expect(taken.granted).toBe(0);
    times.push(taken.nextAt);
  }
  for (const [i, at] of times.entries()) {
    if (i > 0) expect(at - (times[i - 1] ?? 0)).toBe(1_191);
    const taken = takePermits(bucket, 60, 1, at);
    expect(taken.granted).toBe(1);
    bucket = taken.bucket;
  }
});
