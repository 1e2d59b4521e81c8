import type { QuantileBudget } from '../contract/contract.ts';
import { readCapacityMeasurements, sentPerSecond } from '../evidence/kinds/capacity/capacity-measurements.ts';
import { sustainedRate } from '../evidence/kinds/capacity/sustained-rate.ts';
import { fitCurve } from './fit-curve.ts';
import { pointsOf } from './measured-points.ts';
import type { ReplicaCapacity } from './service-curve.ts';

/**
 * The capacity of one replica, computed again from the points of capacity evidence: inside the objective that is given, or
 * the one that it was measured for. Null where the evidence is not whole or shows no rate inside the objective.
 */
export function readCapacity(
  measurements: Readonly<Record<string, unknown>>,
  objective?: QuantileBudget | null,
): ReplicaCapacity | null {
  const measured = readCapacityMeasurements(measurements);
  if (measured === null) return null;
  const points = pointsOf(measured);
  const found = sustainedRate(measured, objective === undefined ? measured.objective : objective);
  if (found.kind !== 'sustained' || found.run.meanMs === null || points.closed.length === 0) return null;
  const ratePerSecond = sentPerSecond(found.run);
  const serviceMs = found.run.meanMs;
  // Little's law: as many are under way as arrive in the time that one takes.
  return { curve: fitCurve(points).curve, ratePerSecond, concurrency: (ratePerSecond * serviceMs) / 1_000, serviceMs };
}
