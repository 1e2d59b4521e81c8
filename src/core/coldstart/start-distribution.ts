import type { Phase } from '../contract/contract.ts';

/** One start that was observed, of one tier. */
export interface ObservedStart {
  /** From the decision to start until ready; for one that is censored, how long it had lasted when it was last seen. */
  readonly totalMs: number;
  /**
   * | outcome | meaning |
   * |---|---|
   * | ready | it took `totalMs` |
   * | failed | it ended after `totalMs` without becoming ready: a ready one would have taken longer |
   * | running | it had not ended after `totalMs` |
   */
  readonly outcome: 'ready' | 'failed' | 'running';
  /** Parts that were told apart, in milliseconds; several phases in one entry where they could not be. */
  readonly phases: readonly { readonly phases: readonly Phase[]; readonly durationMs: number }[];
}

/**
 * Distribution of the time that a start takes, as the scaler and the simulator use it: an estimate of the cumulative
 * distribution by steps (Kaplan and Meier 1958 where starts are censored), and the share that never becomes ready.
 */
export interface StartDistribution {
  /** Increasing, milliseconds. At least one. */
  readonly timesMs: readonly number[];
  /** Share of the starts that become ready within the time of the same index; increasing, the last at most 1. */
  readonly shares: readonly number[];
  /**
   * Share of the starts that fail; with the last of `shares` at most 1, and what is left between their sum and 1 is not known to
   * end.
   */
  readonly failureShare: number;
  /** Starts that it rests on; 0 where it was stated instead of measured. */
  readonly starts: number;
}
