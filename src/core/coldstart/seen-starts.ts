import type { StartDistribution } from './start-distribution.ts';

/** What is taken for a start where none was measured and none was seen: 30 s, stated. */
export const statedStart: StartDistribution = { timesMs: [30_000], shares: [1], failureShare: 0, starts: 0 };

/**
 * Distribution of starts that were seen to become ready while the service ran: each as likely as the others. Weaker than
 * cold-start evidence, which counts failures and knows its tier; `statedStart` where none was seen.
 */
export function seenStarts(totalsMs: readonly number[]): StartDistribution {
  const sorted = [...totalsMs].sort((a, b) => a - b);
  if (sorted.length === 0) return statedStart;
  const timesMs = [...new Set(sorted)];
  return {
    timesMs,
    shares: timesMs.map((timeMs) => (sorted.findLastIndex((each) => each === timeMs) + 1) / sorted.length),
    failureShare: 0,
    starts: sorted.length,
  };
}
