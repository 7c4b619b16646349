/**
 * Two sides of an experiment, compared while it runs. The difference of two means has the variance of both together; their
 * ratio that of the delta method. Where a normal approximation can't be trusted yet, it says that there isn't enough data,
 * and nothing else.
 */
import { alwaysValidP, halfWidth } from './confidence-sequence.ts';
import { addSamples, meanOf, type Sample, varianceOf } from './samples.ts';

export type Interval = [low: number, high: number];
export type Verdict = 'not_enough_data' | 'no_difference' | 'higher' | 'lower';

export interface Comparison {
  verdict: Verdict;
  /** Of the means: with less other. */
  difference: number | null;
  interval: Interval | null;
  /** The difference as a share of the other side's mean; null where that is too uncertain to divide by. */
  lift: number | null;
  liftInterval: Interval | null;
  /** Valid at any time, too. */
  pValue: number | null;
}

/** On each side. */
const LEAST_PEOPLE = 100;
/** Who would have done anything on the smaller side, were both alike: of fewer, their mean is no normal one yet. */
const LEAST_ACTIVE = 10;
/** Who did anything, on the side that is divided by. */
const LEAST_TO_DIVIDE = 25;

const NOTHING = { difference: null, interval: null, lift: null, liftInterval: null, pValue: null };

/**
 * @param active people with any outcome, on the one side and on the other
 * @param alpha how often the interval may be wrong, at any time
 */
export function compare(one: Sample, other: Sample, active: [number, number], alpha: number): Comparison {
  const own = varianceOf(one) / one.n + varianceOf(other) / other.n;
  const variance = differenceVariance(one, other, own);
  const smaller = Math.min(one.n, other.n);
  const expected = (smaller * (active[0] + active[1])) / (one.n + other.n);
  const isEnough = smaller >= LEAST_PEOPLE && expected >= LEAST_ACTIVE && variance > 0;
  if (!isEnough) return { verdict: 'not_enough_data', ...NOTHING };
  const n = one.n + other.n;
  const difference = meanOf(one) - meanOf(other);
  const interval = around(difference, halfWidth(variance, n, alpha));
  const lift = active[1] >= LEAST_TO_DIVIDE && meanOf(other) > 0 ? relative(one, other) : null;
  const liftInterval = lift && around(lift.estimate, halfWidth((lift.variance * variance) / own, n, alpha));
  // A ratio is less certain than the difference: where only that is told, the ratio isn't.
  const isLiftTold = liftInterval !== null && holdsNought(liftInterval) === holdsNought(interval);
  return {
    verdict: interval[0] > 0 ? 'higher' : interval[1] < 0 ? 'lower' : 'no_difference',
    difference,
    interval,
    lift: isLiftTold && lift ? lift.estimate : null,
    liftInterval: isLiftTold ? liftInterval : null,
    pValue: alwaysValidP(difference, variance, n, alpha),
  };
}

/**
 * Each side's own variance, or that of both taken together where it is more. A small hold-out that happens to hold no big
 * spender has a low mean and a low variance at once, which looks like certainty; against that its own variance is no
 * measure.
 */
function differenceVariance(one: Sample, other: Sample, own: number): number {
  const together = varianceOf(addSamples(one, other)) * (1 / one.n + 1 / other.n);
  return Math.max(own, together) || 0;
}

/** `(one − other) / other`, and its variance by the delta method. */
export function relative(one: Sample, other: Sample): { estimate: number; variance: number } {
  const [a, b] = [meanOf(other), meanOf(one)];
  const variance = varianceOf(one) / (a ** 2 * one.n) + (varianceOf(other) * b ** 2) / (a ** 4 * other.n);
  return { estimate: (b - a) / a, variance };
}

function holdsNought([low, high]: Interval): boolean {
  return low <= 0 && high >= 0;
}

function around(estimate: number, half: number): Interval {
  return [estimate - half, estimate + half];
}
