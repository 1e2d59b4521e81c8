import type { StartDistribution } from '../../coldstart/start-distribution.ts';
import type { Random } from '../../statistics/random.ts';

export interface DrawnStart {
  /** From the moment that it holds an accelerator until it is ready or has failed, milliseconds. */
  readonly durationMs: number;
  readonly fails: boolean;
}

/**
 * One start by a uniform number and the steps of the distribution (their inverse, nothing in between): ready at the first time
 * whose share reaches it; failed where it lies in the `failureShare` beyond the last, after as long as one that becomes ready
 * takes; and given up at the last time, counted as failed, where it is not known to end, which is never better than what was
 * measured.
 *
 * Two uniform numbers are drawn in every case, so that the n-th start of one policy is the n-th start of another.
 */
export function drawStart({ timesMs, shares, failureShare }: StartDistribution, random: Random): DrawnStart {
  const [share, failing] = [random.nextShare(), random.nextShare()];
  const readyShare = shares[shares.length - 1] as number;
  if (share < readyShare) return { durationMs: timeAt(timesMs, shares, share), fails: false };
  const known = share < readyShare + failureShare;
  return { durationMs: timeAt(timesMs, shares, known ? failing * readyShare : readyShare), fails: true };
}

function timeAt(timesMs: readonly number[], shares: readonly number[], share: number): number {
  let index = 0;
  while (index < shares.length - 1 && (shares[index] as number) <= share) index += 1;
  return timesMs[index] as number;
}
