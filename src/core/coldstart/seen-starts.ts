import { startDistribution, type StartDistribution } from './start-distribution.ts';
import { fixedStarts } from './stated-starts.ts';

/** What is taken for a start where none was measured and none was seen: 30 s, stated. */
export const statedStart: StartDistribution = fixedStarts(30_000);

/**
 * Distribution of starts that were seen to become ready while the service ran: each as likely as the others. Weaker than
 * cold-start evidence, which counts failures and knows its tier; `statedStart` where none was seen.
 */
export function seenStarts(totalsMs: readonly number[]): StartDistribution {
  if (totalsMs.length === 0) return statedStart;
  return startDistribution(totalsMs.map((totalMs) => ({ totalMs, outcome: 'ready', phases: [] })));
}
