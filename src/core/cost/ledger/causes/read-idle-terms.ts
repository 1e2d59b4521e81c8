import type { IdleTerms } from '../fact.ts';

/** The parts of a recorded scaling decision that tell why replicas exist. A `ScalingRecord` of core/scaling is one. */
export interface RecordedDecision {
  readonly grounds: {
    readonly input: {
      readonly signals: { readonly arrivalsPerSecond: number | null };
      readonly terms: { readonly minReplicas: number; readonly warmPool: number };
    };
  };
  /** `terms` as the policy `plimsoll` names them; another policy's are read as far as they have the same names. */
  readonly decision: { readonly desired: number; readonly terms: Readonly<Record<string, number | null>> };
}

/**
 * Returns the terms of a scaling decision in whole replicas.
 *
 * | term | read from |
 * |---|---|
 * | demand | replicas for the forecast, scaled to the rate that arrives now, and those for the backlog, rounded up |
 * | minReplicas, warmPool | the terms that the policy was asked with |
 * | ahead | what was decided, without the warm pool |
 *
 * Where the policy does not tell its forecast, the demand is not known apart from what is wanted ahead: demand is `ahead`.
 *
 * Worked: 3.2 replicas for 40 requests/s that are forecast, 20 arrive, no backlog: demand 2. Decided 5 with a warm pool of 1:
 * ahead 4.
 */
export function readIdleTerms({ grounds, decision }: RecordedDecision): IdleTerms {
  const { minReplicas, warmPool } = grounds.input.terms;
  const ahead = Math.max(0, decision.desired - warmPool);
  const { forDemand = null, forBacklog = null, forecastPerSecond = null } = decision.terms;
  const arrives = grounds.input.signals.arrivalsPerSecond;
  if (forDemand === null || arrives === null) return { demand: ahead, minReplicas, ahead, warmPool };
  const share = forecastPerSecond === null || forecastPerSecond <= arrives ? 1 : arrives / forecastPerSecond;
  return { demand: Math.ceil(forDemand * share + (forBacklog ?? 0) - 1e-9), minReplicas, ahead, warmPool };
}
