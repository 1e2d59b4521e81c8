import type { ObjectiveSection, QuantileBudget } from './contract.ts';
import type { ScalingTerms } from '../policy.ts';

/**
 * What a policy holds to: of the quantiles that `objective.latency` promises the highest, because whoever keeps that keeps the
 * most requests. A service that promises only its first token is held to that. Null: nothing is promised.
 */
export function strictestLatency(
  objective: ObjectiveSection | undefined,
): Pick<ScalingTerms, 'latencyMs' | 'attainmentShare'> | null {
  const budget: QuantileBudget = objective?.latency ?? objective?.ttft ?? {};
  const [highest] = Object.entries(budget)
    .map(([name, latencyMs]) => ({ latencyMs, attainmentShare: Number(`${name.slice(1)}e-2`) }))
    .sort((a, b) => b.attainmentShare - a.attainmentShare);
  return highest ?? null;
}
