import { meanInterval } from '../../statistics/distributions/student-t.ts';

/** What one replay of one block of arrivals took, with one draw of starts. */
export interface ReplayRun {
  readonly seed: number;
  /** Of all replicas in all states, times the devices of a replica. */
  readonly deviceSeconds: number;
  readonly requests: number;
  /** Answered after the objective's latency, or never. */
  readonly late: number;
}

/** Replays of one contract: the runs of each block, in order of their seeds. No block is empty. */
export type Replay = readonly (readonly ReplayRun[])[];

/** A mean with its 95% limits; they are null where one value says nothing of its own spread. */
export interface Estimate {
  readonly mean: number;
  readonly low: number | null;
  readonly high: number | null;
}

export interface ReplayMeans {
  readonly deviceSeconds: number;
  readonly requests: number;
  readonly late: number;
}

/** Means of one block: two contracts, and what the second one takes more. */
export interface ReplayDifference {
  readonly present: ReplayMeans;
  readonly changed: ReplayMeans;
  readonly deviceSeconds: Estimate;
  readonly late: Estimate;
  /** What the limits are over: days of arrivals, or draws of starts with the same arrivals. */
  readonly limitsOver: 'blocks' | 'seeds';
}

/**
 * Returns how two replays of the same blocks with the same seeds differ, `changed` less `present`. Each run is compared with the
 * run of the same block and seed, so that what both have in common cancels: equal contracts differ by exactly 0.
 *
 * | blocks | values that the 95% limits (Student's t) are over |
 * |---|---|
 * | two or more | the mean difference of each block |
 * | one | the difference of each seed; other arrivals are not in the limits |
 *
 * Worked: seeds with 10 and 14 device-seconds more: mean 12, limits 12 -+ 12.71 x 2 = -13.4..37.4.
 * @throws Error (a bug) where the two have other blocks or seeds.
 */
export function compareReplays(present: Replay, changed: Replay): ReplayDifference {
  if (present.length === 0 || keysOf(present) !== keysOf(changed)) {
    throw new Error(`replays of other blocks or seeds: ${keysOf(present)} and ${keysOf(changed)}`);
  }
  return {
    present: meansOf(present),
    changed: meansOf(changed),
    deviceSeconds: estimateDifference(present, changed, 'deviceSeconds'),
    late: estimateDifference(present, changed, 'late'),
    limitsOver: present.length > 1 ? 'blocks' : 'seeds',
  };
}

/** Returns the means of one block: over the seeds of each, then over the blocks. */
export function meansOf(replay: Replay): ReplayMeans {
  const of = (key: keyof ReplayMeans): number => mean(replay.map((runs) => mean(runs.map((run) => run[key]))));
  return { deviceSeconds: of('deviceSeconds'), requests: of('requests'), late: of('late') };
}

function estimateDifference(present: Replay, changed: Replay, key: 'deviceSeconds' | 'late'): Estimate {
  const byBlock = present.map((runs, block) =>
    runs.map((run, at) => (changed[block]?.[at]?.[key] ?? Number.NaN) - run[key]),
  );
  const values = byBlock.length > 1 ? byBlock.map(mean) : (byBlock[0] ?? []);
  const { mean: centre, low, high } = meanInterval(values);
  return values.length > 1 ? { mean: centre, low, high } : { mean: centre, low: null, high: null };
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const keysOf = (replay: Replay): string =>
  replay.map((runs) => runs.map(({ seed, requests }) => `${seed}:${requests}`).join(',')).join(' | ');
