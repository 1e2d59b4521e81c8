import type { Policy } from '../../../core/scaling/policy.ts';

export interface ReactiveState {
  /** Decisions in a row that wanted fewer. */
  readonly fewer: number;
}

/**
 * A policy for tests that reacts within seconds: so many requests waiting or under way on each replica, and fewer replicas only
 * after that was wanted three times in a row. With nothing to do it wants as few as it may.
 */
export function reactivePolicy(requestsEach: number, periodMs = 1_000): Policy<ReactiveState> {
  return {
    name: 'reactive',
    periodMs,
    begin: () => ({ fewer: 0 }),
    decide({ signals, replicas, terms }, { fewer }) {
      const load = (signals.queueDepth ?? 0) + (signals.inFlight ?? 0);
      const least = terms.toZero ? terms.minReplicas : Math.max(1, terms.minReplicas);
      const wanted = Math.min(terms.maxReplicas, Math.max(least, Math.ceil(load / requestsEach)));
      const present = replicas.filter((replica) => replica.state !== 'draining').length;
      const count = wanted < present ? fewer + 1 : 0;
      const desired = wanted < present && count < 3 ? present : wanted;
      const reason = `${load} requests at ${requestsEach} each want ${wanted}`;
      return { decision: { desired, reason, terms: { load, wanted } }, state: { fewer: count } };
    },
  };
}
