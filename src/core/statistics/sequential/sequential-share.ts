import betainc from '@stdlib/math-base-special-betainc';
import gammaln from '@stdlib/math-base-special-gammaln';

/**
 * Evidence that a share is above (or below) a bound, from counts alone; valid however often one looks.
 *
 * For p > bound the likelihood ratio prod p/bound (hit) or (1 - p)/(1 - bound) (no hit) is a supermartingale under every
 * sequence of probabilities <= bound: one factor has mean 1 + (p - bound)(q - bound)/(bound (1 - bound)) <= 1 for q <= bound.
 * So is its mixture over p with the density of Beta(1/2, 1/2) restricted to p > bound (Robbins 1970, method of mixtures):
 *
 *     E = [B(h + 1/2, n - h + 1/2) / B(1/2, 1/2)] * [P(Beta(h + 1/2, n - h + 1/2) > bound) / P(Beta(1/2, 1/2) > bound)]
 *         / (bound^h (1 - bound)^(n - h))
 *
 * It depends on the totals alone, so that order and the cut into intervals are of no matter at all.
 *
 * @returns the natural logarithm of E, 0 without units; never below `least`.
 */
export function logEvidenceAbove(hits: number, units: number, bound: number): number {
  if (units <= 0) return 0;
  const misses = units - hits;
  const tail = betainc(bound, hits + prior, misses + prior, true, true);
  // Where the tail is too small for a double the evidence is far below 1, and the rest of the formula means nothing.
  if (!(tail > 0)) return least;
  const priorTail = betainc(bound, prior, prior, true, true);
  const logE =
    logBeta(hits + prior, misses + prior) -
    logBeta(prior, prior) +
    Math.log(tail / priorTail) -
    (hits === 0 ? 0 : hits * Math.log(bound)) -
    (misses === 0 ? 0 : misses * Math.log1p(-bound));
  return Math.max(least, logE);
}

/** The same for a share below the bound: hits and misses change places. */
export function logEvidenceBelow(hits: number, units: number, bound: number): number {
  return logEvidenceAbove(units - hits, units, 1 - bound);
}

/**
 * Limits that hold at all times together, each with its own error: no bound below `low` and none above `high` is left.
 *
 * @param logLow the logarithm of 1/alpha for the lower limit, logHigh that for the upper one.
 */
export function shareLimits(
  hits: number,
  units: number,
  logLow: number,
  logHigh: number,
): { readonly low: number; readonly high: number } {
  if (units <= 0) return { low: 0, high: 1 };
  const estimate = hits / units;
  // Evidence grows with the distance from the estimate, so that the limit is where it crosses.
  const low = bisect(0, estimate, (bound) => logEvidenceAbove(hits, units, bound) >= logLow);
  const high = 1 - bisect(0, 1 - estimate, (miss) => logEvidenceBelow(hits, units, 1 - miss) >= logHigh);
  return { low, high };
}

const prior = 0.5;
const least = -700;

function logBeta(a: number, b: number): number {
  return gammaln(a) + gammaln(b) - gammaln(a + b);
}

/** The largest value of [from, to] at which `rejected` still holds; `from` where none does. */
function bisect(from: number, to: number, rejected: (value: number) => boolean): number {
  let low = from;
  let high = to;
  for (let step = 0; step < 40 && high - low > 1e-9; step += 1) {
    const middle = (low + high) / 2;
    if (rejected(middle)) low = middle;
    else high = middle;
  }
  return low;
}
