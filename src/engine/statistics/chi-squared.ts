/**
 * The upper tail of the chi-squared distribution, which is the regularised upper incomplete gamma function: by its series where
 * that converges fast, else by its continued fraction (Lentz's method); log Γ by Lanczos (g = 7, 9 terms). Good to
 * about 1e-13.
 */
const LANCZOS = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
];
const PRECISION = 1e-15;
const MOST_TERMS = 1_000;

function logGamma(x: number): number {
  const [first = 0, ...rest] = LANCZOS;
  const t = x + 6.5;
  const sum = rest.reduce((all, term, i) => all + term / (x + i), first);
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(sum);
}

/** P(X ≥ `statistic`) for so many degrees of freedom. */
export function chiSquaredTail(statistic: number, degrees: number): number {
  if (statistic <= 0) return 1;
  const [a, x] = [degrees / 2, statistic / 2];
  const scale = Math.exp(a * Math.log(x) - x - logGamma(a));
  return x < a + 1 ? 1 - scale * series(a, x) : scale * continuedFraction(a, x);
}

function series(a: number, x: number): number {
  let term = 1 / a;
  let sum = term;
  for (let n = 1; n < MOST_TERMS && term > sum * PRECISION; n++) {
    term *= x / (a + n);
    sum += term;
  }
  return sum;
}

function continuedFraction(a: number, x: number): number {
  let b = x + 1 - a;
  let c = Number.MAX_VALUE;
  let d = 1 / b;
  let value = d;
  for (let n = 1; n < MOST_TERMS; n++) {
    const factor = -n * (n - a);
    b += 2;
    d = 1 / (factor * d + b);
    c = b + factor / c;
    value *= c * d;
    if (Math.abs(c * d - 1) < PRECISION) break;
  }
  return value;
}
