import { countStarts, type StartOrder } from './start-order.ts';

export interface ReplayedSpares {
  readonly starts: number;
  /** Starts that found a spare. */
  readonly found: number;
}

/**
 * Returns how many of the starts would have found one of so many spares. A spare that is taken is replaced after `replaceMs`. Starts that
 * are ordered at the same moment take one spare each.
 *
 * Worked: 1 spare, replaced after 10 s; starts at 0, 4 and 12 s: the first and the third find it.
 *
 * @param orders in order of time
 */
export function replaySpares(orders: readonly StartOrder[], spares: number, replaceMs: number): ReplayedSpares {
  const backAtMs: number[] = [];
  let found = 0;
  for (const { atMs, starts } of orders) {
    while ((backAtMs[0] ?? Infinity) <= atMs) backAtMs.shift();
    const taken = Math.min(starts, spares - backAtMs.length);
    for (let each = 0; each < taken; each += 1) backAtMs.push(atMs + replaceMs);
    found += taken;
  }
  return { starts: countStarts(orders), found };
}

/** Returns the least number of spares with which this share of the starts finds one; 1 is all of them. */
export function findLeastSpares(orders: readonly StartOrder[], foundShare: number, replaceMs: number): number {
  const starts = countStarts(orders);
  let spares = 0;
  while (replaySpares(orders, spares, replaceMs).found < foundShare * starts - 1e-9) spares += 1;
  return spares;
}
