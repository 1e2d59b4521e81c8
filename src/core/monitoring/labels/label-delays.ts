/**
 * Delays of labels of right and of wrong answers, in bins of `labels.within` / 2^k. Labels of wrong answers often come first
 * (a fraud is reported), so that the labels so far are no fair sample: this shows how far they are from one.
 */
export interface LabelDelays {
  /** Bin 0 is the second half of `within`, bin 1 the quarter before, and so on. */
  readonly right: readonly number[];
  readonly wrong: readonly number[];
}

const bins = 16;
export const noDelays: LabelDelays = { right: Array(bins).fill(0), wrong: Array(bins).fill(0) };

export function addDelay(delays: LabelDelays, delayMs: number, withinMs: number, isRight: boolean): LabelDelays {
  const halvings = Math.floor(Math.log2(withinMs / Math.max(1, delayMs)));
  const bin = Math.min(bins - 1, Math.max(0, halvings));
  const side = isRight ? 'right' : 'wrong';
  return { ...delays, [side]: delays[side].map((count, at) => (at === bin ? count + 1 : count)) };
}

export interface SideDelay {
  readonly labels: number;
  readonly medianMs: number | null;
  /** 95% came sooner. */
  readonly p95Ms: number | null;
}

export interface DelayReport {
  readonly right: SideDelay;
  readonly wrong: SideDelay;
  /**
   * Whether labels of wrong answers come sooner or later than those of right answers; null with fewer than 20 of either. By
   * the test of Kolmogorov and Smirnov at 1%, which takes labels as independent: a hint and no verdict.
   */
  readonly differs: boolean | null;
}

/** Medians and the 95% are the upper ends of their bins. */
export function reportDelays({ right, wrong }: LabelDelays, withinMs: number): DelayReport {
  const [rights, wrongs] = [sum(right), sum(wrong)];
  return {
    right: describeSide(right, withinMs),
    wrong: describeSide(wrong, withinMs),
    differs: Math.min(rights, wrongs) < fewest ? null : largestGap(right, wrong) > gapAt1Percent(rights, wrongs),
  };
}

const fewest = 20;
const gapAt1Percent = (n: number, m: number): number => 1.628 * Math.sqrt((n + m) / (n * m));

function largestGap(one: readonly number[], other: readonly number[]): number {
  const [n, m] = [sum(one), sum(other)];
  let [ones, others, gap] = [0, 0, 0];
  for (let bin = 0; bin < bins; bin += 1) {
    ones += one[bin] ?? 0;
    others += other[bin] ?? 0;
    gap = Math.max(gap, Math.abs(ones / n - others / m));
  }
  return gap;
}

const describeSide = (counts: readonly number[], withinMs: number): SideDelay => ({
  labels: sum(counts),
  medianMs: quantileOf(counts, 0.5, withinMs),
  p95Ms: quantileOf(counts, 0.95, withinMs),
});

function quantileOf(counts: readonly number[], share: number, withinMs: number): number | null {
  const needed = sum(counts) * share;
  if (needed === 0) return null;
  let seen = 0;
  for (let bin = bins - 1; bin >= 0; bin -= 1) {
    seen += counts[bin] ?? 0;
    if (seen >= needed) return withinMs / 2 ** bin;
  }
  return withinMs;
}

const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0);
