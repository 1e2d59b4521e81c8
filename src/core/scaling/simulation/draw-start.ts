import type { StartDistribution } from '../../coldstart/start-distribution.ts';
import type { Random } from '../../statistics/random.ts';

export interface DrawnStart {
  /** From the moment that it holds an accelerator until it is ready or has failed, milliseconds. */
  readonly durationMs: number;
  readonly fails: boolean;
}

/**
 * One start. It fails with `failureShare`; how long it takes, to be ready or to fail, is one of `timesMs`: the first whose
 * share reaches a uniform number (the inverse of the steps, nothing in between). A start beyond the last share is not known to
 * end: it is given up at the last time and counts as failed, which is never better than what was measured.
 *
 * Two uniform numbers are drawn in every case, so that the n-th start of one policy is the n-th start of another.
 */
export function drawStart(starts: StartDistribution, random: Random): DrawnStart {
  const failing = random.nextShare() < starts.failureShare;
  const share = random.nextShare();
  let index = 0;
  while (index < starts.shares.length && (starts.shares[index] as number) <= share) index += 1;
  const known = index < starts.shares.length;
  return { durationMs: starts.timesMs[known ? index : starts.timesMs.length - 1] as number, fails: failing || !known };
}
