/**
 * Bets of fixed sizes on a payoff z in [-1, 1] that has a mean of at most 0 given the past: each factor 1 + s z is
 * positive and has a mean of at most 1. Small stakes find small shifts, large stakes find large shifts soon.
 */
const sizes: readonly number[] = [0.9, 0.45, 0.2, 0.08];

/** Bets that the payoff is above 0. */
export const upStakes: readonly number[] = sizes;
/** Bets on either side. */
export const bothStakes: readonly number[] = [...sizes, ...sizes.map((size) => -size)];

/** Products after one more payoff. The payoff is cut to [-1, 1]; what is no number is no bet. */
export function multiplyStakes(
  products: readonly number[],
  stakes: readonly number[],
  payoff: number,
): readonly number[] {
  const z = cut(payoff);
  return products.map((product, index) => product * (1 + (stakes[index] ?? 0) * z));
}

export const noBets = (stakes: number): readonly number[] => Array.from({ length: stakes }, () => 1);

/** The value inside [-1, 1]; 0 for what is no number. */
export function cut(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(-1, value));
}
