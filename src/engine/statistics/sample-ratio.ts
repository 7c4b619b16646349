import { chiSquaredTail } from './chi-squared.ts';

export interface SampleRatio {
  /** How likely so uneven a split is by chance; null where too few people were drawn to say. */
  pValue: number | null;
  /** Something keeps people out of one side: what is compared isn't alike, and no difference can be believed. */
  isMismatch: boolean;
}

/** Pearson's test needs about five expected on each side. */
const LEAST_EXPECTED = 5;
/** It is looked at daily and must not cry wolf; a real fault is far beyond it in no time. */
const MISMATCH_P = 0.001;

/** Whether people were drawn in the proportions that were wanted. `weights`: any positive numbers, in the counts' order. */
export function sampleRatio(counts: readonly number[], weights: readonly number[]): SampleRatio {
  const [n, whole] = [counts, weights].map((all) => all.reduce((sum, one) => sum + one, 0));
  const expected = weights.map((weight) => ((n ?? 0) * weight) / (whole || 1));
  if (counts.length < 2 || expected.some((one) => one < LEAST_EXPECTED))
    return { pValue: null, isMismatch: false };
  const statistic = counts.reduce((sum, count, i) => {
    const wanted = expected[i] ?? 1;
    return sum + (count - wanted) ** 2 / wanted;
  }, 0);
  const pValue = chiSquaredTail(statistic, counts.length - 1);
  return { pValue, isMismatch: pValue < MISMATCH_P };
}
