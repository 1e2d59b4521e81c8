import type { ObjectiveSection, QuantileBudget } from '../contract.ts';

export interface LatencyObjective {
  /** Milliseconds, queueing included. */
  readonly latencyMs: number;
  /** Share of the requests that have to keep it: 0.99 for `p99`. */
  readonly attainmentShare: number;
}

/**
 * What a policy holds to: of the quantiles that `objective.latency` promises the highest, because whoever keeps that keeps the
 * most requests. A service that promises only its first token is held to that. Null: nothing is promised.
 */
export function strictestLatency(objective: ObjectiveSection | undefined): LatencyObjective | null {
  const budget: QuantileBudget = objective?.latency ?? objective?.ttft ?? {};
  const [highest] = Object.entries(budget)
    .map(([name, latencyMs]) => ({ latencyMs, attainmentShare: Number(`${name.slice(1)}e-2`) }))
    .sort((a, b) => b.attainmentShare - a.attainmentShare);
  return highest ?? null;
}
