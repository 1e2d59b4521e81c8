/**
 * Evidence that a bounded quantity has a mean above 0, one observation at a time; valid however often one looks.
 *
 * Null: given the past, each D in [-cap, cap] has mean <= 0. For every stake s in [0, 1) the product of 1 + s D / cap is a
 * test supermartingale (each factor is positive and has mean <= 1), and so is the average over several stakes that were
 * fixed beforehand. Nothing else is assumed of D: no distribution, no variance, no independence within one observation.
 * Ville (1939): P(the average ever reaches 1/alpha) <= alpha. Source: betting of Waudby-Smith and Ramdas (2024,
 * Estimating means of bounded random variables by betting, JRSS B 86(1); arXiv 2010.09686), with fixed stakes in place of
 * adaptive ones, so that the evidence rises with every single D: more of the bad never looks better.
 */
export const stakes: readonly number[] = [0.9, 0.45, 0.2, 0.08];

/** One logarithm for each stake: no evidence yet. */
export function noStakes(): readonly number[] {
  return stakes.map(() => 0);
}

/** @param difference D, clipped into [-cap, cap]. */
export function addToStakes(logs: readonly number[], difference: number, cap: number): readonly number[] {
  const relative = Math.min(1, Math.max(-1, difference / cap));
  return logs.map((log, index) => log + Math.log1p((stakes[index] ?? 0) * relative));
}

/** The logarithm of the average of exponentials: the evidence of several fixed strategies with equal capital. */
export function logAverage(logs: readonly number[]): number {
  const largest = Math.max(...logs);
  if (!Number.isFinite(largest)) return 0;
  return largest + Math.log(logs.reduce((sum, log) => sum + Math.exp(log - largest), 0) / logs.length);
}
