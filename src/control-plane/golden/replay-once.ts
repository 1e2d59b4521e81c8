import type { GoldenSet } from '../../core/monitoring/golden.ts';
import { replaysThatCount, type ReplayOutcome } from '../../core/monitoring/replay/replay-state.ts';
import type { Clock } from '../../ports/process/clock.ts';
import { replayGoldenSet } from '../turn/golden-replay.ts';
import type { ReplicaWay } from './replay-path.ts';

/**
 * Replays a golden set on one replica; a failure is repeated, because one alone may be a replay that broke. Two that
 * contradict each other say nothing. Where a gateway does not lead to the replica, it is asked past the gateway.
 */
export async function replayOnce(
  ways: readonly ReplicaWay[],
  model: string,
  golden: GoldenSet,
  clock: Clock,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  const startedMs = clock.monotonicMs();
  let requests = 0;
  let said: Pick<ReplayOutcome, 'verdict' | 'replays' | 'path' | 'reason'> = {
    ...{ verdict: 'unknown', replays: 0, path: 'direct', reason: 'no way leads to the replica' },
  };
  for (const { client, endpoint, path } of ways) {
    const infer: typeof client.infer = (...asked) => {
      requests += 1;
      return client.infer(...asked);
    };
    const one = () => replayGoldenSet({ infer }, { endpoint, model }, golden, signal);
    const { isReached, ...seen } = await replayConfirmed(one);
    said = { ...seen, path };
    if (isReached) break;
  }
  return { ...said, atMs: clock.nowMs(), requests, busyMs: clock.monotonicMs() - startedMs };
}

async function replayConfirmed(
  one: () => ReturnType<typeof replayGoldenSet>,
): Promise<Pick<ReplayOutcome, 'verdict' | 'replays' | 'reason'> & { readonly isReached: boolean }> {
  for (let replays = 1; ; replays += 1) {
    const seen = await one();
    if (seen.outcome === 'unreachable') {
      return { verdict: 'unknown', replays: 0, reason: seen.reason, isReached: false };
    }
    if (seen.outcome === 'rejected') {
      if (replays >= replaysThatCount) return { verdict: 'fail', replays, reason: seen.reason, isReached: true };
      continue;
    }
    if (replays === 1) return { verdict: 'pass', replays: 1, reason: '', isReached: true };
    const reason = 'it failed once, and passed when it was repeated';
    return { verdict: 'unknown', replays: 0, reason, isReached: true };
  }
}
