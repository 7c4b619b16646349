/**
 * Confidence sequences: intervals that hold all the time, however often one looks and whenever one stops. (A usual
 * interval holds for the one look that was planned; who looks daily and stops at the first that pleases is wrong far more
 * often than the 5 % that it says.)
 *
 * Asymptotic sequences by Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas, “Time-uniform central limit theory and asymptotic
 * confidence sequences” (arXiv 2103.06476v7): the width is their eq. 9, `rho` their eq. 161, of which the tuning
 * parameter says at how many people the sequence is narrowest. GrowthBook's sequential test is the same.
 */

/** At so many people the sequence is narrowest. */
const TUNING = 5_000;

/** @param alpha how often the sequence may be wrong, at any time of its life */
function mixingRho(alpha: number, tuning: number): number {
  const log = -2 * Math.log(alpha);
  return Math.sqrt((log + Math.log(log + 1)) / tuning);
}

/**
 * Half the width of the interval around an estimate.
 *
 * @param variance of the estimate itself
 * @param n people that it rests on
 */
export function halfWidth(variance: number, n: number, alpha: number, tuning = TUNING): number {
  const rho = mixingRho(alpha, tuning);
  const t = n * rho ** 2 + 1;
  return Math.sqrt(variance * n) * Math.sqrt((2 * t * Math.log(Math.sqrt(t) / alpha)) / (n * rho) ** 2);
}

/** How small `alpha` could be for the interval to leave out nought, with the `rho` of the given one. */
export function alwaysValidP(
  estimate: number,
  variance: number,
  n: number,
  alpha: number,
  tuning = TUNING,
): number {
  const rho = mixingRho(alpha, tuning);
  const t = n * rho ** 2 + 1;
  const z2 = estimate ** 2 / variance;
  const evidence = (n * rho ** 2 * z2) / (2 * t) - Math.log(t) / 2;
  return Math.min(1, Math.exp(-evidence));
}
