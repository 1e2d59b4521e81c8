import type { QuantileBudget } from '../../../contract/contract.ts';
import type { CapacityMeasurements } from './capacity-measurements.ts';
import { generatorLimit } from './generator-limit.ts';
import { slowingOf, type Slowing } from './slowing.ts';
import { sustainedInterval, type SustainedInterval } from './sustained-interval.ts';
import type { TriedCandidate } from './sustained-measurements.ts';
import { underWayWithoutObjective } from './sustained-rate.ts';

/** Everything that the horizons say of one replica. */
export interface SustainedCapacity extends SustainedInterval {
  readonly slowing: Slowing;
  /** Why the client may have been the limit; null where it was not. */
  readonly generatorLimit: string | null;
  /** Whether other programs took so much of the processors that the replica may carry more, and may not have lost its speed. */
  readonly isBusy: boolean;
}

/**
 * Returns the interval of the sustained rate inside an objective, and what speaks against it; null of evidence without
 * horizons. There is no upper limit where the client may have been the limit, or other programs.
 */
export function sustainedCapacity(
  { closed, sustained }: Pick<CapacityMeasurements, 'closed' | 'sustained'>,
  objective: QuantileBudget | null,
): SustainedCapacity | null {
  if (sustained === undefined) return null;
  const underWayAtMost = underWayWithoutObjective(closed);
  const interval = sustainedInterval(sustained, objective, underWayAtMost);
  const isBusy = sustained.isBusy === true;
  const limit = generatorLimit(sustained, objective, underWayAtMost);
  return {
    lower: interval.lower,
    upper: limit === null && !isBusy ? interval.upper : null,
    slowing: slowingOf(interval.lower ?? sustained.lower.at(-1) ?? { probes: [], horizons: [] }),
    generatorLimit: limit,
    isBusy,
  };
}

/** Mean time of an answer of a rate that was tried, milliseconds; null where nothing was answered. */
export function meanMsOf({ horizons }: TriedCandidate): number | null {
  let [sum, answered] = [0, 0];
  for (const { meanMs, requests, failed } of horizons) {
    if (meanMs === null) continue;
    sum += meanMs * (requests - failed);
    answered += requests - failed;
  }
  return answered === 0 ? null : sum / answered;
}
