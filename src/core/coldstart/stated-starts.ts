import { normalQuantile } from '../statistics/distributions/normal.ts';
import type { StartDistribution } from './start-distribution.ts';

const steps = 200;

/** Starts that all take the same time. */
export function fixedStarts(timeMs: number, failureShare = 0): StartDistribution {
  return { timesMs: [timeMs], shares: [1 - failureShare], failureShare, starts: 0 };
}

/**
 * Lognormal starts by two quantiles, in 200 steps of equal share, each at the middle of its share: what a heavy-tailed start
 * is stated by where none was measured.
 *
 * @param p50Ms half of the starts are ready by then, milliseconds
 * @param p95Ms 95 of 100 are
 */
export function lognormalStarts(p50Ms: number, p95Ms: number, failureShare = 0): StartDistribution {
  const spread = Math.log(p95Ms / p50Ms) / normalQuantile(0.95);
  const timesMs = Array.from({ length: steps }, (_, step) =>
    Math.round(p50Ms * Math.exp(spread * normalQuantile((step + 0.5) / steps))),
  );
  const shares = Array.from({ length: steps }, (_, step) => ((step + 1) / steps) * (1 - failureShare));
  return { timesMs, shares, failureShare, starts: 0 };
}
