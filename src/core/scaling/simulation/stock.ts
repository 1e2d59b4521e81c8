import type { StockOut } from './world.ts';

/** Accelerators that are to be had at a moment; Infinity outside of stock-outs, the least where they overlap. */
export function stockAt(stockOuts: readonly StockOut[], nowMs: number): number {
  let least = Infinity;
  for (const { fromMs, toMs, replicasAtMost } of stockOuts) {
    if (fromMs <= nowMs && nowMs < toMs) least = Math.min(least, replicasAtMost);
  }
  return least;
}

/** The next moment after `nowMs` at which a stock-out ends; Infinity for none. */
export function stockReturnsMs(stockOuts: readonly StockOut[], nowMs: number): number {
  let next = Infinity;
  for (const { toMs } of stockOuts) if (toMs > nowMs) next = Math.min(next, toMs);
  return next;
}
