import type { Random } from '../../statistics/random.ts';

/** Moments of a Poisson stream from 0 until `durationMs`, milliseconds, in order; at most so many. */
export function drawArrivals(
  perSecond: number,
  durationMs: number,
  random: Random,
  atMost = Infinity,
): readonly number[] {
  const arrivals: number[] = [];
  for (let atMs = 0; arrivals.length < atMost;) {
    atMs -= (1_000 * Math.log(1 - random.nextShare())) / perSecond;
    if (atMs > durationMs) break;
    arrivals.push(atMs);
  }
  return arrivals;
}
