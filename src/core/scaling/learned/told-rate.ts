import type { ServiceCurve } from '../../capacity/service-curve.ts';

/**
 * Returns the requests a second that the told curve foretells for one replica with `held` requests under way (a fraction between
 * two points of the curve). Beyond its last point a queue inside the engine grows, and the rate stays.
 *
 * Worked: 2 slots of 1 s at speeds 1 and 0.8: 0.5 held give 0.5/s, 2 give 1.6/s, 7 give 1.6/s.
 */
export function toldRate(curve: ServiceCurve, held: number): number {
  const most = curve.kind === 'slots' ? curve.slots : curve.batchMs.length;
  const low = Math.min(most, Math.floor(held));
  const below = rateAt(curve, low);
  if (low === most) return below;
  return below + (held - low) * (rateAt(curve, low + 1) - below);
}

function rateAt(curve: ServiceCurve, held: number): number {
  if (held === 0) return 0;
  return curve.kind === 'slots'
    ? (1_000 * held * (curve.speeds[held - 1] ?? 1)) / curve.meanWorkMs
    : (1_000 * held) / (curve.batchMs[held - 1] ?? 1);
}
