/** How far the estimate may be off what is used before what is used follows it. */
export interface DeadBand {
  /** In logarithms: 0.04 is four per cent. */
  readonly log: number;
  readonly deviations: number;
  /** The side that is careful: -1 below the estimate (a rate), 1 above it (a time). */
  readonly careful: -1 | 1;
}

/**
 * Returns the logarithm that decisions use: the one before while the estimate may as well be the same, so that noise moves nothing, and
 * exactly 0 (the evidence) where the estimate comes back to it. It moves to the careful side by one standard deviation. What is `standing` is a
 * deviation that is off by the same before and after a move: it is part of the careful side alone.
 */
export function usedLog(
  before: number,
  { mean, deviation, standing = 0 }: { readonly mean: number; readonly deviation: number; readonly standing?: number },
  { log, deviations, careful }: DeadBand,
): number {
  const offset = careful * Math.hypot(deviation, standing);
  const next = mean + offset;
  // What was taken for careful sake is given back once it is no longer doubted.
  if (Math.abs(mean - before) <= log + deviations * deviation && !(before !== 0 && Math.abs(next - before) > log))
    return before;
  return Math.abs(mean) <= log / 2 + deviation ? 0 : next;
}
