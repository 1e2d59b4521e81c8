import type { PolicyInput } from '../../policy.ts';

/**
 * Returns what a policy is asked with, in requests of the work that the rate of a replica is told of: with a factor of 2, of requests that take
 * twice that work, ten that arrive count as twenty. What waits, arrives, is answered and is expected is counted so; what is under way is not.
 *
 * @param factor cost of a request that arrives over the cost that the rate of a replica is told of, above 0
 */
export function weighRequests(input: PolicyInput, factor: number): PolicyInput {
  if (factor === 1) return input;
  const { signals, ahead } = input;
  const weighed = (count: number | null): number | null => (count === null ? null : count * factor);
  return {
    ...input,
    signals: {
      ...signals,
      queueDepth: weighed(signals.queueDepth),
      arrivalsPerSecond: weighed(signals.arrivalsPerSecond),
      completionsPerSecond: weighed(signals.completionsPerSecond),
    },
    ...(ahead === undefined || ahead === null
      ? {}
      : { ahead: { ...ahead, ratePerSecond: ahead.ratePerSecond * factor } }),
  };
}
