import type { StartDistribution } from '../../../coldstart/start-distribution.ts';

/**
 * What one start is charged in a bound, replica-milliseconds of loading.
 *
 * | start | charge | holds for |
 * |---|---|---|
 * | least | the smallest time that a start can take | every policy, in every run, even one that knows how long each start will take |
 * | expected | the least mean loading for one ready replica, giving up slow starts included | the mean over runs of every policy that knows all arrivals and does not know how long a start will take before it has |
 */
export type StartKnowledge = 'least' | 'expected';

export interface StartCharge {
  /** Of one start that was ordered in the scored time. */
  readonly chargeMs: number;
  /** No start is ready sooner than this after its order. */
  readonly leastMs: number;
  /** A start that was ordered before the scored time may be charged nothing while it may still be ready: so long. */
  readonly freeForMs: number;
}

/** See `StartKnowledge`; the proofs are in docs/scaling-bounds.md. */
export function startCharge(starts: StartDistribution, knowledge: StartKnowledge): StartCharge {
  const first = starts.shares.findIndex((share) => share > 0);
  const leastMs = starts.timesMs[Math.max(0, first)] as number;
  if (knowledge === 'least') return { chargeMs: leastMs, leastMs, freeForMs: leastMs };
  return {
    chargeMs: leastMeanLoadingMs(starts),
    leastMs,
    freeForMs: starts.timesMs[starts.timesMs.length - 1] as number,
  };
}

/**
 * Least over all times c of `E[min(S, c)] / P(ready by c)`: whoever gives up each start at c loads that long for one that is
 * ready. Failed starts are taken to fail at once, which is never too much.
 *
 * Worked: half of the starts take 10 s and half 100 s. Waiting for all costs 55 s for one ready replica, giving up after 10 s
 * costs 10 s / 0.5 = 20 s.
 */
function leastMeanLoadingMs(starts: StartDistribution): number {
  let least = Infinity;
  let readyMs = 0;
  let share = 0;
  starts.timesMs.forEach((timeMs, index) => {
    const upTo = starts.shares[index] as number;
    readyMs += (upTo - share) * timeMs;
    share = upTo;
    const waiting = Math.max(0, 1 - share - starts.failureShare);
    if (share > 0) least = Math.min(least, (readyMs + waiting * timeMs) / share);
  });
  return least;
}
