import type { ReplayedWorld } from '../../../core/scaling/own/settings/replay.ts';

/**
 * A world of six-second buckets for replays: two slots of a second each, starts of 40 s, at most 3.5 s of waiting.
 *
 * @param arrivals requests in each bucket; the policy expects their rate, to a thousandth
 */
export function buildReplayedWorld(arrivals: readonly number[], changes: Partial<ReplayedWorld> = {}): ReplayedWorld {
  const expected = arrivals.map((count) => Math.round((count / 6) * 1_000) / 1_000);
  return {
    bucketMs: 6_000,
    arrivals,
    expected,
    peakPerSecond: Math.max(...expected),
    meanPerSecond: arrivals.reduce((sum, count) => sum + count, 0) / (6 * arrivals.length),
    variability: 0.8,
    power: { slots: 2, mostPerSecond: 2, workMs: 1_000 },
    startMs: 40_000,
    carriedShare: 1,
    meanStartMs: 32_000,
    waitMs: 3_500,
    lateAfterMs: changes.waitMs ?? 3_500,
    minReplicas: 1,
    maxReplicas: 30,
    ...changes,
  };
}
