/**
 * Bets of fixed sizes on a payoff z in [-1, 1] that has a mean of at most 0 given the past: each factor 1 + s z is
 * positive and has a mean of at most 1. Small stakes find small shifts, large stakes find large shifts soon.
 */
const sizes: readonly number[] = [0.9, 0.45, 0.2, 0.08];

/** Bets that the payoff is above 0. */
export const upStakes: readonly number[] = sizes;
/** Bets on either side. */
export const bothStakes: readonly number[] = [...sizes, ...sizes.map((size) => -size)];

/**
 * Multiplies the products from `at` on, which are there, one for each stake, by one more payoff, in place. The payoff is cut to [-1, 1];
 * what is no number is no bet.
 *
 * @returns the place after the last product.
 */
export function multiplyStakes(products: number[], at: number, stakes: readonly number[], payoff: number): number {
  const z = cut(payoff);
  // A factor of 1 changes nothing.
  if (z === 0) return at + stakes.length;
  for (let index = 0; index < stakes.length; index += 1) {
    products[at + index] = (products[at + index] ?? 1) * (1 + (stakes[index] ?? 0) * z);
  }
  return at + stakes.length;
}

export const noBets = (stakes: number): number[] => new Array<number>(stakes).fill(1);

/** The value inside [-1, 1]; 0 for what is no number. */
export function cut(value: number): number {
  return Number.isNaN(value) ? 0 : Math.min(1, Math.max(-1, value));
}
