import betainc from '@stdlib/math-base-special-betainc';
import betaincinv from '@stdlib/math-base-special-betaincinv';
import gammaln from '@stdlib/math-base-special-gammaln';
import { normalQuantile } from './normal.ts';

/**
 * Regularised incomplete beta function I_x(a, b), for a and b above zero. With a or b at 1 in closed form: there the
 * library takes nearly equal numbers from each other and loses six digits of a small tail.
 */
export function betaCdf(x: number, a: number, b: number): number {
  if (a === 1) return -Math.expm1(b * Math.log1p(-x));
  return b === 1 ? x ** a : betainc(x, a, b);
}

/** The x with I_x(a, b) = share. The library's value is made better by Newton's method, kept between bounds. */
export function betaQuantile(share: number, a: number, b: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  if (a === 1) return -Math.expm1(Math.log1p(-share) / b);
  if (b === 1) return share ** (1 / a);
  let [low, high] = [0, 1];
  const start = betaincinv(share, a, b);
  let x = start > 0 && start < 1 ? start : a / (a + b);
  for (let step = 0; step < 60; step += 1) {
    const error = betaCdf(x, a, b) - share;
    if (error > 0) high = x;
    else low = x;
    const density = Math.exp((a - 1) * Math.log(x) + (b - 1) * Math.log1p(-x) - lnBeta(a, b));
    const newton = x - error / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - x) <= 2 * Number.EPSILON * x) return next;
    x = next;
  }
  return x;
}

const lnBeta = (a: number, b: number): number => gammaln(a) + gammaln(b) - gammaln(a + b);

/** P(X <= k) of a binomial variable of n trials. */
export function binomialCdf(k: number, n: number, share: number): number {
  if (k < 0) return 0;
  return k >= n ? 1 : betainc(share, k + 1, n - k, true, true);
}

/** P(X >= k). */
export function binomialTail(k: number, n: number, share: number): number {
  if (k <= 0) return 1;
  return k > n ? 0 : betaCdf(share, k, n - k + 1);
}

/** ln P(X = k), for a share in (0, 1). */
export function lnBinomialMass(k: number, n: number, share: number): number {
  return lnChoose(n, k) + k * Math.log(share) + (n - k) * Math.log1p(-share);
}

export const lnChoose = (n: number, k: number): number => lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);

const tabulated = 65_536;
let lnFactorials: Float64Array | undefined;

export function lnFactorial(n: number): number {
  if (n >= tabulated) return gammaln(n + 1);
  lnFactorials ??= Float64Array.from({ length: tabulated }, (_, each) => gammaln(each + 1));
  return lnFactorials[n] as number;
}

export interface ShareLimits {
  readonly lower: number;
  readonly upper: number;
}

/** One-sided limits of a share, each with at least this confidence (Clopper and Pearson 1934). For two sides: (1 + c) / 2. */
export function clopperPearson(successes: number, rows: number, confidenceShare: number): ShareLimits {
  return {
    lower: successes === 0 ? 0 : betaQuantile(1 - confidenceShare, successes, rows - successes + 1),
    upper: successes === rows ? 1 : betaQuantile(confidenceShare, successes + 1, rows - successes),
  };
}

/** The same by the score (Wilson 1927): closer to the confidence on average, and below it for some shares. */
export function wilson(successes: number, rows: number, confidenceShare: number): ShareLimits {
  const z = normalQuantile(confidenceShare);
  const share = successes / rows;
  const middle = share + (z * z) / (2 * rows);
  const half = z * Math.sqrt((share * (1 - share)) / rows + (z * z) / (4 * rows * rows));
  const whole = 1 + (z * z) / rows;
  return {
    lower: successes === 0 ? 0 : Math.max(0, (middle - half) / whole),
    upper: successes === rows ? 1 : Math.min(1, (middle + half) / whole),
  };
}
