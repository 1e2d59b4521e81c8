import { studentTwoSided } from '../../../statistics/distributions/student-t.ts';
import type { Burst } from './find-bursts.ts';

/** So many bursts, each greater than the one before, are a trend: were they all alike, they came in that order once in 120 times. */
const trendBursts = 5;

/**
 * Returns how many times as great as the last one bursts may get, as a logarithm, where they grow; null where they do not. Steps of the
 * logarithm are taken for normal, with a mean and a scatter of their own (a random walk with drift): of n steps after k that were seen
 * the upper prediction limit is n d + t s sqrt(n + n² / k).
 *
 * Worked: 10, 11.5, 13.2, 15.2, 17.5 requests/s: steps of 0.14 that are all alike, so the next may be 1.15 times as great.
 *
 * @param bursts oldest first
 * @param standsBuckets for which settings are chosen
 * @param chance that the limit holds
 */
export function growthOf(bursts: readonly Burst[], standsBuckets: number, chance: number): number | null {
  let first = bursts.length - 1;
  while (first > 0 && rateAt(bursts, first - 1) < rateAt(bursts, first)) first -= 1;
  const run = bursts.slice(Math.max(0, first));
  const [oldest, newest] = [run[0], run.at(-1)];
  if (run.length < trendBursts || oldest === undefined || newest === undefined) return null;
  const steps = run.slice(1).map(({ ratePerSecond }, at) => Math.log(ratePerSecond / rateAt(run, at)));
  const count = steps.length;
  const mean = steps.reduce((sum, step) => sum + step, 0) / count;
  const deviation = Math.sqrt(steps.reduce((sum, step) => sum + (step - mean) ** 2, 0) / (count - 1));
  const apart = (newest.from - oldest.from) / count;
  const ahead = Math.max(1, Math.ceil(standsBuckets / apart));
  const limit = studentTwoSided(2 * chance - 1, count - 1);
  return ahead * mean + limit * deviation * Math.sqrt(ahead + ahead ** 2 / count);
}

const rateAt = (bursts: readonly Burst[], at: number): number => bursts[at]?.ratePerSecond ?? 0;
