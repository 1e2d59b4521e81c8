import betainc from '@stdlib/math-base-special-betainc';
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

/** The x with I_x(a, b) = share, to the last digit or two: by Newton's method, kept between bounds. */
export function betaQuantile(share: number, a: number, b: number): number {
  if (share <= 0) return 0;
  if (share >= 1) return 1;
  if (a === 1) return -Math.expm1(Math.log1p(-share) / b);
  if (b === 1) return share ** (1 / a);
  let [low, high] = [0, 1];
  const start = approximateBetaQuantile(share, a, b);
  let x = start > 0 && start < 1 ? start : a / (a + b);
  const scale = lnBeta(a, b);
  for (let step = 0; step < 60; step += 1) {
    const found = betaCdf(x, a, b);
    if (found > share) high = x;
    else low = x;
    // In logarithms, in which the lower tail is a straight line, C x^a: a step lands on it from however far.
    const slope = Math.exp(a * Math.log(x) + (b - 1) * Math.log1p(-x) - scale) / found;
    const newton = x * Math.exp(Math.log(share / found) / slope);
    if (Math.abs(newton - x) <= 2 * Number.EPSILON * x) return newton;
    x = newton > low && newton < high ? newton : (low + high) / 2;
    if (x === low || x === high) return x;
  }
  return x;
}

/**
 * Two or three digits of it: by way of the normal distribution (Abramowitz and Stegun 1964, 26.5.22), or by the first term
 * of the series of the nearer end where a or b is below 1. The start of an exact search costs more than the whole search:
 * its code is large, and has to be loaded and compiled first.
 */
function approximateBetaQuantile(share: number, a: number, b: number): number {
  if (a > 1 && b > 1) {
    const z = normalQuantile(1 - share);
    const [ofA, ofB] = [1 / (2 * a - 1), 1 / (2 * b - 1)];
    const mean = 2 / (ofA + ofB);
    const lambda = (z * z - 3) / 6;
    const w = (z * Math.sqrt(lambda + mean)) / mean - (ofB - ofA) * (lambda + 5 / 6 - 2 / (3 * mean));
    return a / (a + b * Math.exp(2 * w));
  }
  const [below, above] = [Math.exp(a * Math.log(a / (a + b))) / a, Math.exp(b * Math.log(b / (a + b))) / b];
  const whole = below + above;
  return share < below / whole ? (a * whole * share) ** (1 / a) : 1 - (b * whole * (1 - share)) ** (1 / b);
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

/** P(X = k) of n trials, for many k and n, none above `mostTrials`, at one share in (0, 1). */
export function makeBinomialMass(share: number, mostTrials: number): (k: number, n: number) => number {
  lnFactorial(Math.min(mostTrials, mostTabulated - 1));
  const table = lnFactorials;
  const [lnHit, lnMiss] = [Math.log(share), Math.log1p(-share)];
  if (mostTrials >= table.length) return (k, n) => Math.exp(lnBinomialMass(k, n, share));
  return (k, n) => {
    const lnWays = (table[n] as number) - (table[k] as number) - (table[n - k] as number);
    return Math.exp(lnWays + k * lnHit + (n - k) * lnMiss);
  };
}

export const lnChoose = (n: number, k: number): number => lnFactorial(n) - lnFactorial(k) - lnFactorial(n - k);

const mostTabulated = 65_536;
let lnFactorials = new Float64Array(0);

export function lnFactorial(n: number): number {
  if (n >= mostTabulated) return gammaln(n + 1);
  if (n >= lnFactorials.length) growLnFactorials(n + 1);
  return lnFactorials[n] as number;
}

/** As far as it is asked: the whole table takes 15 ms, more than a judgement of 1,500 rows. */
function growLnFactorials(least: number): void {
  const longer = new Float64Array(Math.max(least, 2 * lnFactorials.length));
  longer.set(lnFactorials);
  for (let each = lnFactorials.length; each < longer.length; each += 1) longer[each] = gammaln(each + 1);
  lnFactorials = longer;
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
