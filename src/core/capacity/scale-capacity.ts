import type { ReplicaCapacity, ServiceCurve } from './service-curve.ts';

/**
 * The capacity of a replica that works `factor` times as fast: the rate times the factor, each time over it. Slots, batches and
 * requests under way stay (Little's law: twice the rate of half the time). Factor above 0.
 *
 * Worked: 14 requests/s of 200 ms on 4 slots, factor 2: 28 requests/s of 100 ms on 4 slots.
 */
export function scaleCapacity(capacity: ReplicaCapacity, factor: number): ReplicaCapacity {
  return {
    ...capacity,
    curve: scaleCurve(capacity.curve, factor),
    ratePerSecond: capacity.ratePerSecond * factor,
    serviceMs: capacity.serviceMs / factor,
  };
}

function scaleCurve(curve: ServiceCurve, factor: number): ServiceCurve {
  switch (curve.kind) {
    case 'slots':
      return { ...curve, meanWorkMs: curve.meanWorkMs / factor };
    case 'batch':
      return {
        ...curve,
        batchMs: curve.batchMs.map((timeMs) => timeMs / factor),
        maxDelayMs: curve.maxDelayMs / factor,
      };
  }
}
