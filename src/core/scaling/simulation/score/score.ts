import { meanInterval, type MeanInterval } from '../../../statistics/distributions/student-t.ts';
import type { AcceleratorSeconds, SimulationResult } from '../world.ts';

/** What a policy did over several seeds of the same world, each figure with the 95% limits of its mean. */
export interface PolicyScore {
  readonly policy: string;
  readonly seeds: number;
  readonly attainment: MeanInterval;
  /** Serving, idle, loading, draining and asleep together. */
  readonly acceleratorSeconds: MeanInterval;
  readonly byState: AcceleratorSeconds;
  readonly requests: number;
  readonly late: number;
  readonly dropped: number;
  readonly coldHits: number;
  readonly starts: number;
  readonly wakes: number;
  readonly failedStarts: number;
  readonly reversalsPerHour: number;
  /** The lowest of all seeds; null where no five minutes held enough requests. */
  readonly worstFiveMinutesShare: number | null;
  readonly latencyP99Ms: number;
}

export const totalSeconds = ({ serving, idle, loading, draining, asleep }: AcceleratorSeconds): number =>
  serving + idle + loading + draining + asleep;

/** @param results of one policy, at least one, one a seed */
export function scoreOf(results: readonly SimulationResult[]): PolicyScore {
  const mean = (of: (result: SimulationResult) => number): number =>
    results.reduce((sum, result) => sum + of(result), 0) / results.length;
  const worst = results.flatMap(({ worstFiveMinutesShare }) => worstFiveMinutesShare ?? []);
  return {
    policy: results[0]?.policy ?? '',
    seeds: results.length,
    attainment: meanInterval(results.map(({ attainmentShare }) => attainmentShare)),
    acceleratorSeconds: meanInterval(results.map(({ acceleratorSeconds }) => totalSeconds(acceleratorSeconds))),
    byState: {
      serving: mean(({ acceleratorSeconds }) => acceleratorSeconds.serving),
      idle: mean(({ acceleratorSeconds }) => acceleratorSeconds.idle),
      loading: mean(({ acceleratorSeconds }) => acceleratorSeconds.loading),
      draining: mean(({ acceleratorSeconds }) => acceleratorSeconds.draining),
      asleep: mean(({ acceleratorSeconds }) => acceleratorSeconds.asleep),
    },
    requests: mean(({ requests }) => requests),
    late: mean(({ late }) => late),
    dropped: mean(({ dropped }) => dropped),
    coldHits: mean(({ coldHits }) => coldHits),
    starts: mean(({ starts }) => starts),
    wakes: mean(({ wakes }) => wakes),
    failedStarts: mean(({ failedStarts }) => failedStarts),
    reversalsPerHour: mean(({ reversalsPerHour }) => reversalsPerHour),
    worstFiveMinutesShare: worst.length === 0 ? null : Math.min(...worst),
    latencyP99Ms: mean(({ latencyP99Ms }) => latencyP99Ms),
  };
}

/** One policy with one choice of its knobs. */
export interface ScoredPoint {
  readonly label: string;
  readonly attainmentShare: number;
  readonly acceleratorSeconds: number;
}

/** Points that no other beats in one of attainment and cost without losing in the other; by rising cost. */
export function paretoFront<Point extends ScoredPoint>(points: readonly Point[]): readonly Point[] {
  const ordered = [...points].sort(
    (a, b) => a.acceleratorSeconds - b.acceleratorSeconds || b.attainmentShare - a.attainmentShare,
  );
  let best = Number.NEGATIVE_INFINITY;
  return ordered.filter(({ attainmentShare }) => {
    if (attainmentShare <= best) return false;
    best = attainmentShare;
    return true;
  });
}

/** The cheapest of the points that attain at least `share`; null where none does. */
export function cheapestAt<Point extends ScoredPoint>(points: readonly Point[], share: number): Point | null {
  return paretoFront(points).find(({ attainmentShare }) => attainmentShare >= share) ?? null;
}

/** Whether `rival` attains at least as much for at most the cost, and one of the two better by more than `tolerance` of it. */
export function dominates(rival: ScoredPoint, own: ScoredPoint, tolerance = 0): boolean {
  const cheaper = rival.acceleratorSeconds < own.acceleratorSeconds * (1 - tolerance);
  const better = 1 - rival.attainmentShare < (1 - own.attainmentShare) * (1 - tolerance);
  const noDearer = rival.acceleratorSeconds <= own.acceleratorSeconds;
  const noWorse = rival.attainmentShare >= own.attainmentShare;
  return (cheaper && noWorse) || (better && noDearer);
}
