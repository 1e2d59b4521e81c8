/** What a spare and its absence cost, in one unit of money. */
export interface SparePrices {
  /** One second of one spare. */
  readonly spareSecond: number;
  /** A start that finds no spare, beyond one that finds one. */
  readonly miss: number;
}

export interface WarmPoolSize {
  readonly spares: number;
  /** Share of the time in which more starts are under way than there are spares. */
  readonly beyondShare: number;
  /** The largest such share that a further spare would not pay for. */
  readonly allowedShare: number;
}

/**
 * Returns the number of spares that costs least: the newsvendor's. Of spares that are replaced after T seconds, with D starts within T, the
 * cost of n spares is `h T n + c E[max(0, D - n)]`. One more spare costs `h T` and saves `c P(D > n)`. So n is the least number with
 *
 *   P(D > n) <= h T / c
 *
 * Source: Arrow, Harris and Marschak 1951. Worked: T = 40 s, a spare-second costs 1, a miss 4,000: at most 1% of the time. With the shares
 * 0.9, 0.07, 0.025, 0.005 of 0 to 3 starts it is 2: more than 2 are under way 0.5% of the time, more than 1 for 3%.
 *
 * @param shares share of the time in which n starts are under way, from 0; they add up to 1
 * @param replaceMs until a spare that was taken is replaced, milliseconds
 */
export function sizeWarmPool(
  shares: readonly number[],
  { spareSecond, miss }: SparePrices,
  replaceMs: number,
): WarmPoolSize {
  const allowedShare = miss > 0 ? Math.min(1, (spareSecond * replaceMs) / 1_000 / miss) : 1;
  let spares = 0;
  let beyondShare = shares.slice(1).reduce((sum, share) => sum + share, 0);
  while (beyondShare > allowedShare + rounding && spares < shares.length - 1) {
    spares += 1;
    beyondShare = Math.max(
      0,
      shares.slice(spares + 1).reduce((sum, share) => sum + share, 0),
    );
  }
  return { spares, beyondShare, allowedShare };
}

const rounding = 1e-12;

/**
 * Returns what a start that finds no spare costs at most: while one replica is missing for the time that a spare would have saved, as many
 * requests are late as that replica carries. A scaler that orders ahead of the demand loses less.
 *
 * Worked: 20 requests/s, 35 s saved, a late request costs 5: 3,500.
 */
export function priceMiss(of: {
  readonly ratePerSecond: number;
  readonly lateRequestPrice: number;
  /** Start without a spare less start with one, milliseconds. */
  readonly savedMs: number;
}): number {
  return (of.ratePerSecond * of.lateRequestPrice * Math.max(0, of.savedMs)) / 1_000;
}
