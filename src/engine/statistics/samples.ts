/** What is known of one side of a comparison: sums suffice, nobody's own outcome is needed. */
export interface Sample {
  /** People. */
  n: number;
  sum: number;
  sumOfSquares: number;
}

/** Of people who did or didn't. */
export function proportion(n: number, did: number): Sample {
  return { n, sum: did, sumOfSquares: did };
}

/** Of a part of the people something is known, of the others it is nothing. */
export function meanOf({ n, sum }: Sample): number {
  return n > 0 ? sum / n : 0;
}

/** Unbiased; 0 of fewer than two. */
export function varianceOf({ n, sum, sumOfSquares }: Sample): number {
  if (n < 2) return 0;
  // Rounding may leave a little less than nothing.
  return Math.max(0, (sumOfSquares - sum ** 2 / n) / (n - 1));
}

export function addSamples(a: Sample, b: Sample): Sample {
  return { n: a.n + b.n, sum: a.sum + b.sum, sumOfSquares: a.sumOfSquares + b.sumOfSquares };
}
