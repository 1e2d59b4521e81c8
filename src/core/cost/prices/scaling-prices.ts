import type { ReplicaCapacity } from '../../capacity/service-curve.ts';

export interface ScalingPrices {
  readonly acceleratorSecond: number;
  readonly lateRequest: number;
}

/**
 * Prices where the contract states none of its own: an accelerator-second costs 1, and a late request as much as serving
 * enough others that it would be the one that the objective allows: with `p99`, the accelerator time of 100 requests. A price
 * of zero or below says nothing about what an idle accelerator is worth, and is taken for 1 as well.
 *
 * Worked: 0.2 accelerator-seconds a request, p99: a late request costs 20.
 */
export function scalingPrices(stated: {
  readonly acceleratorSecond: number | null;
  readonly attainmentShare: number;
  readonly capacity: Pick<ReplicaCapacity, 'ratePerSecond'>;
}): ScalingPrices {
  const { acceleratorSecond: written, attainmentShare, capacity } = stated;
  const acceleratorSecond = written !== null && written > 0 ? written : 1;
  const allowed = Math.max(1e-6, 1 - attainmentShare);
  return { acceleratorSecond, lateRequest: acceleratorSecond / capacity.ratePerSecond / allowed };
}
