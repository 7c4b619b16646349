import { describe, expect, test } from 'vitest';
import { aTrigger } from '../testing/builders.ts';
import { type ArmOutcome, judgeExperiment } from './experiment.ts';

const goals = [
  { id: 'order', on: { event: 'Order Completed' }, within: '7d', value: 'event.properties.revenue' },
] as const;
const variants = [
  { id: 'a', weight: 1 },
  { id: 'b', weight: 1 },
  { id: 'c', weight: 2 },
];
const compared = aTrigger({ goals: [...goals], experiment: { holdout: 0.2, variants } });

const size = (variant: string, people: number, heldOut = 0) => ({ variant, people, heldOut });
const outcome = (variant: string, active: number, each: number, heldOut = 0): ArmOutcome => ({
  ...{ goal: 'order', variant, heldOut, active, paying: active },
  ...{ sum: active * each, sumOfSquares: active * each ** 2 },
});
const SIZES = [
  ...[size('a', 2_000), size('b', 2_010), size('c', 3_990)],
  ...[size('a', 500, 1), size('b', 490, 1), size('c', 1_010, 1)],
];

describe('an experiment', () => {
  test('compares everybody who wasn’t held out with the hold-out, and says what the messages have brought', () => {
    const report = judgeExperiment(compared, 0, SIZES, [
      ...[outcome('a', 300, 10), outcome('b', 310, 10), outcome('c', 590, 10)],
      ...[outcome('a', 40, 10, 1), outcome('c', 60, 10, 1)],
    ]);
    const [order] = report.againstHoldout;
    expect(order).toMatchObject({
      one: { people: 8_000, converted: 1_200, value: 12_000 },
      other: { people: 2_000, converted: 100, value: 1_000 },
      conversion: { verdict: 'higher' },
    });
    expect(order?.conversion.difference).toBeCloseTo(0.1, 12);
    expect(order?.conversion.lift).toBeCloseTo(2, 12);
    // 12,000 came; 8,000 people of the hold-out's kind would have brought 4,000.
    expect(order?.incrementalValue?.amount).toBeCloseTo(8_000, 6);
    expect(report.sampleRatio.isMismatch).toBe(false);
    expect(report.variants.map(({ variant, against }) => [variant, against])).toEqual([
      ['b', 'a'],
      ['c', 'a'],
    ]);
  });

  test('asks more of each comparison the more there are', () => {
    const [b] = judgeExperiment(compared, 0, SIZES, [outcome('a', 300, 10), outcome('b', 310, 10)]).variants;
    const two = { ...compared, experiment: { holdout: 0.2, variants: variants.slice(0, 2) } };
    const [alone] = judgeExperiment(two, 0, SIZES, [outcome('a', 300, 10), outcome('b', 310, 10)]).variants;
    const width = (one: typeof b) =>
      (one?.conversion.interval?.[1] ?? 0) - (one?.conversion.interval?.[0] ?? 0);
    expect(width(b)).toBeGreaterThan(width(alone));
  });

  test('says that people are not where they were drawn to', () => {
    const fewer = SIZES.map((one) =>
      one.variant === 'a' && one.heldOut === 0 ? { ...one, people: 1_700 } : one,
    );
    expect(judgeExperiment(compared, 0, fewer, []).sampleRatio.isMismatch).toBe(true);
    // The workspace's own hold-out makes that of the trigger larger; a transactional one has no part in it.
    expect(judgeExperiment(compared, 0.1, SIZES, []).sampleRatio.isMismatch).toBe(true);
    const informs = { ...compared, category: 'transactional' as const };
    expect(judgeExperiment(informs, 0.1, SIZES, []).sampleRatio.isMismatch).toBe(false);
  });

  test('of nobody has not enough data, and says so', () => {
    const { againstHoldout, arms, sampleRatio } = judgeExperiment(compared, 0, [], []);
    expect([arms, sampleRatio.pValue]).toEqual([[], null]);
    expect(againstHoldout).toMatchObject([
      {
        conversion: { verdict: 'not_enough_data' },
        value: { verdict: 'not_enough_data' },
        incrementalValue: null,
      },
    ]);
  });
});
