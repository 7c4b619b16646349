/** Significant digits that a sum of decimal fractions is good for: binary sums drift in the sixteenth. */
const DIGITS = 14;

/** The sum as a reader adds it: 0.1 + 0.2 is 0.3. */
export function decimalSum(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return Number(sum.toPrecision(DIGITS));
}
