import type { QuantileBudget } from '../contract/contract.ts';
import {
  readCapacityMeasurements,
  sentPerSecond,
  type CapacityMeasurements,
} from '../evidence/kinds/capacity/capacity-measurements.ts';
import { meanMsOf, sustainedCapacity } from '../evidence/kinds/capacity/sustained-capacity.ts';
import { sustainedConfidenceShare } from '../evidence/kinds/capacity/sustained-measurements.ts';
import { sustainedRate } from '../evidence/kinds/capacity/sustained-rate.ts';
import { fitCurve } from './fit-curve.ts';
import { pointsOf } from './measured-points.ts';
import type { RateInterval, ReplicaCapacity } from './service-curve.ts';

/**
 * The capacity of one replica, computed again from the points of capacity evidence: inside the objective that is given, or
 * the one that it was measured for. The rate is the lower limit; of evidence without horizons it is that of the best run.
 * Null where the evidence is not whole, shows no rate inside the objective, or shows that the replica slows down.
 */
export function readCapacity(
  measurements: Readonly<Record<string, unknown>>,
  objective?: QuantileBudget | null,
): ReplicaCapacity | null {
  const measured = readCapacityMeasurements(measurements);
  if (measured === null) return null;
  const points = pointsOf(measured);
  const rate = readRate(measured, objective === undefined ? measured.objective : objective);
  if (rate === null || points.closed.length === 0) return null;
  const { ratePerSecond, serviceMs, interval } = rate;
  return {
    curve: fitCurve(points).curve,
    ratePerSecond,
    // Little's law: as many are under way as arrive in the time that one takes.
    concurrency: (ratePerSecond * serviceMs) / 1_000,
    serviceMs,
    ...(interval === undefined ? {} : { interval }),
  };
}

interface FoundRate {
  readonly ratePerSecond: number;
  readonly serviceMs: number;
  readonly interval?: RateInterval;
}

function readRate(measured: CapacityMeasurements, objective: QuantileBudget | null): FoundRate | null {
  const found = sustainedCapacity(measured, objective);
  if (found === null) return readBestRun(measured, objective);
  const { lower, upper, slowing, isBusy } = found;
  const serviceMs = lower === null ? null : meanMsOf(lower);
  if (lower === null || serviceMs === null || (slowing.kind === 'slows' && !isBusy)) return null;
  return {
    ratePerSecond: lower.perSecond,
    serviceMs,
    interval: {
      lower: lower.perSecond,
      upper: upper?.perSecond ?? null,
      confidence: sustainedConfidenceShare,
      horizons: lower.horizons.length,
    },
  };
}

function readBestRun(measured: CapacityMeasurements, objective: QuantileBudget | null): FoundRate | null {
  const found = sustainedRate(measured, objective);
  if (found.kind !== 'sustained' || found.run.meanMs === null) return null;
  return { ratePerSecond: sentPerSecond(found.run), serviceMs: found.run.meanMs };
}
