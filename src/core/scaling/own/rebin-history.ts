import { bucketsKept, type DemandHistory } from './demand-history.ts';

/**
 * Returns the history in buckets of another length: the same requests, evenly spread where a bucket is cut, and of the rates that were expected
 * the greatest of those that a new bucket touches. What is open or newest stays; of a history that becomes too long the newest part is kept.
 *
 * Worked: buckets of 2 ticks with 4, 0 and 6 requests give buckets of 3 ticks with 4 and 6; the oldest remainder is left out.
 */
export function rebinHistory(history: DemandHistory, ticksPerBucket: number): DemandHistory {
  const { arrivals, expected, openBucket } = history;
  const from = history.ticksPerBucket;
  if (from === ticksPerBucket) return history;
  // Whole new buckets, counted back from the newest end.
  const count = Math.min(bucketsKept, Math.floor((arrivals.length * from) / ticksPerBucket));
  const [nextArrivals, nextExpected]: [number[], number[]] = [[], []];
  for (let ago = count; ago > 0; ago -= 1) {
    const begin = arrivals.length * from - ago * ticksPerBucket;
    const end = begin + ticksPerBucket;
    let [sum, most] = [0, 0];
    for (let at = Math.floor(begin / from); at * from < end && at < arrivals.length; at += 1) {
      const ticks = Math.min(end, (at + 1) * from) - Math.max(begin, at * from);
      sum += ((arrivals[at] ?? 0) * ticks) / from;
      most = Math.max(most, expected[at] ?? 0);
    }
    nextArrivals.push(Math.round(sum * 1_000) / 1_000);
    nextExpected.push(most);
  }
  // An open bucket that is longer than a new one would never close.
  const open = openBucket.ticks < ticksPerBucket ? openBucket : { ticks: 0, arrivals: 0 };
  return { ...history, ticksPerBucket, openBucket: open, arrivals: nextArrivals, expected: nextExpected };
}
