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

/**
 * The estimate of Aalen and Johansen (1978), which is that of Kaplan and Meier where no start fails: of the starts that are
 * still under way at a time, the share that becomes ready then. A failed start is an end of its own kind, because it never
 * becomes ready; one that still runs leaves the count at its time. No start at all gives a distribution of which nothing is
 * known.
 */
export function startDistribution(observed: readonly ObservedStart[]): StartDistribution {
  // At equal times a start that still runs leaves last: it had lasted as long as the others.
  const ordered = [...observed].sort(
    (a, b) => a.totalMs - b.totalMs || Number(a.outcome === 'running') - Number(b.outcome === 'running'),
  );
  const steps = new Map<number, number>();
  let [underWayShare, readyShare, failureShare] = [1, 0, 0];
  ordered.forEach(({ totalMs, outcome }, index) => {
    if (outcome === 'running') return;
    const stepShare = underWayShare / (ordered.length - index);
    underWayShare -= stepShare;
    if (outcome === 'failed') failureShare += stepShare;
    else steps.set(totalMs, (readyShare += stepShare));
  });
  const timesMs = steps.size === 0 ? [ordered.at(-1)?.totalMs ?? 0] : [...steps.keys()];
  // Sums of shares reach 1 only up to rounding.
  const shares = steps.size === 0 ? [0] : [...steps.values()].map((share) => Math.min(1, share));
  return { timesMs, shares, failureShare: Math.min(failureShare, 1 - (shares.at(-1) ?? 0)), starts: observed.length };
}

/** Time within which this share of the starts becomes ready; null where it is not known that so many ever do. */
export function quantileMs({ timesMs, shares }: StartDistribution, quantileShare: number): number | null {
  const at = shares.findIndex((share) => share >= quantileShare - rounding);
  return at === -1 ? null : (timesMs[at] ?? null);
}

const rounding = 1e-9;
