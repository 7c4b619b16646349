/**
 * Against others: scipy's distributions and GrowthBook's formulas evaluated in numpy (`tests/fixtures/statistics.json` says
 * which versions), and the figures that GrowthBook's own tests publish. What no table can prove, that a look a day does
 * no harm, is played: see `peeking.test.ts`.
 */
import { describe, expect, test } from 'vitest';
import reference from '../../../tests/fixtures/statistics.json' with { type: 'json' };
import { chiSquaredTail } from './chi-squared.ts';
import { compare, relative } from './compare.ts';
import { alwaysValidP, halfWidth } from './confidence-sequence.ts';
import { sampleRatio } from './sample-ratio.ts';
import { meanOf, proportion, type Sample, varianceOf } from './samples.ts';

const within = (got: number, wanted: number, tolerance = 1e-6) =>
  expect(Math.abs(got - wanted), `${got}, wanted ${wanted}`).toBeLessThanOrEqual(
    tolerance * Math.max(1, Math.abs(wanted)),
  );

test('the tail of chi-squared is scipy’s', () => {
  for (const [x = 0, df = 0, tail = 0] of reference.chiSquaredTail)
    within(chiSquaredTail(x, df), tail, 1e-12);
  expect(chiSquaredTail(0, 3)).toBe(1);
});

test('so is the p of a split', () => {
  for (const { counts, weights, p } of reference.sampleRatio) {
    const { pValue, isMismatch } = sampleRatio(counts, weights);
    within(pValue ?? Number.NaN, p, 1e-9);
    expect(isMismatch).toBe(p < 0.001);
  }
});

test('a split of a few people proves nothing', () => {
  expect(sampleRatio([9, 0], [0.9, 0.1])).toEqual({ pValue: null, isMismatch: false });
  expect(sampleRatio([900, 0], [0.9, 0.1]).isMismatch).toBe(true);
  expect(sampleRatio([900], [1])).toEqual({ pValue: null, isMismatch: false });
});

const toSample = ([n = 0, sum = 0, sumOfSquares = 0]: number[]): Sample => ({ n, sum, sumOfSquares });

test('confidence sequences are as wide as GrowthBook’s', () => {
  for (const one of reference.sequences) {
    const [a, b] = [toSample(one.other), toSample(one.one)];
    const plain = { estimate: meanOf(b) - meanOf(a), variance: varianceOf(b) / b.n + varianceOf(a) / a.n };
    const { estimate, variance } = one.relative ? relative(b, a) : plain;
    within(estimate, one.estimate);
    within(variance, one.variance);
    within(halfWidth(variance, a.n + b.n, one.alpha, one.tuning), one.halfWidth);
  }
});

describe('the figures that GrowthBook publishes', () => {
  const a = { n: 3_000, sum: 1_396.87, sumOfSquares: 52_377.9767 };
  const b = { n: 3_461, sum: 2_422.7, sumOfSquares: 134_698.29 };

  test('of means', () => {
    const { estimate, variance } = relative(b, a);
    const half = halfWidth(variance, 6_461, 0.05, 1_000);
    within(estimate, 0.50336, 1e-5);
    within(Math.sqrt(variance), 0.33341, 1e-5);
    within(estimate - half, -0.55844, 1e-5);
    within(estimate + half, 1.56516, 1e-5);
    expect(alwaysValidP(estimate, variance, 6_461, 0.05, 1_000)).toBe(1);
  });

  test('of proportions', () => {
    const { estimate, variance } = relative(proportion(3_461, 2_422), proportion(3_000, 1_396));
    const half = halfWidth(variance, 6_461, 0.05);
    within(estimate, 0.50386, 1e-5);
    within(Math.sqrt(variance), 0.03386, 1e-5);
    within(estimate - half, 0.40098, 2e-5);
    within(estimate + half, 0.60675, 2e-5);
    expect(alwaysValidP(estimate, variance, 6_461, 0.05)).toBeLessThan(1e-5);
  });
});

describe('a comparison', () => {
  test('of too few, or of nobody who did anything, says so and nothing else', () => {
    const nothing = { difference: null, interval: null, lift: null, liftInterval: null, pValue: null };
    for (const [one, other] of [
      [proportion(99, 50), proportion(5_000, 100)],
      [proportion(5_000, 12), proportion(5_000, 7)],
      [proportion(0, 0), proportion(0, 0)],
    ] as const) {
      expect(compare(one, other, [one.sum, other.sum], 0.05)).toEqual({
        verdict: 'not_enough_data',
        ...nothing,
      });
    }
  });

  test('has a p below alpha exactly where its interval leaves out nought', () => {
    for (let did = 100; did <= 400; did += 5) {
      const { verdict, pValue, interval } = compare(
        proportion(5_000, did),
        proportion(5_000, 200),
        [did, 200],
        0.05,
      );
      expect((pValue ?? 1) < 0.05).toBe(verdict !== 'no_difference');
      expect((interval?.[0] ?? 0) > 0 || (interval?.[1] ?? 0) < 0).toBe(verdict !== 'no_difference');
    }
  });

  test('has no lift where there is next to nothing to divide by', () => {
    const few = compare(proportion(5_000, 300), proportion(5_000, 20), [300, 20], 0.05);
    expect([few.verdict, few.lift]).toEqual(['higher', null]);
    const { lift } = compare(proportion(5_000, 300), proportion(5_000, 200), [300, 200], 0.05);
    within(lift ?? 0, 0.5);
  });
});
