import type { TensorRtRow } from '../../tables/engines/tensorrt.ts';
import { capabilityNumber } from '../numbers.ts';

/** Of releases that know a capability: the newest for an older device, or the first for a newer one. */
export function otherRelease(row: TensorRtRow, capability: number, others: readonly TensorRtRow[]): string {
  const isTooOld = capability < (capabilityNumber(row.capability) ?? 0);
  const other = isTooOld ? others.at(-1) : others[0];
  if (other === undefined) return 'another device, or another program';
  return isTooOld ? `TensorRT ${other.to.replace(/\.999$/, '')} or older` : `TensorRT ${other.from} or newer`;
}
