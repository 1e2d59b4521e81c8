import type { ServiceCurve } from '../../../capacity/service-curve.ts';
import { BatchLine } from './batch-line.ts';
import type { BatchTally, ServiceLine } from './service-line.ts';
import { SlotsLine } from './slots-line.ts';

export function makeServiceLine(curve: ServiceCurve, tally: BatchTally): ServiceLine {
  return curve.kind === 'slots' ? new SlotsLine(curve) : new BatchLine(curve, tally);
}

/** Requests that one replica may hold at once. */
export function roomOf(curve: ServiceCurve): number {
  return curve.kind === 'slots' ? curve.slots : curve.batchMs.length;
}
