import { readCapacityMeasurements } from '../../evidence/kinds/capacity/capacity-measurements.ts';
import {
  mixDimensions,
  type MixDimension,
  type MixSummary,
  type SizeSummary,
} from '../../evidence/kinds/capacity/request-mix.ts';
import type { QuantileBudget } from '../../contract/contract.ts';
import { readCapacity } from '../read-capacity.ts';
import { costRatio, fitCostSurface, type CostSurface } from './cost-surface.ts';

/** What capacity evidence of one mix says of another. */
export interface ForetoldRate {
  readonly perSecond: number;
  /** Rate that was measured, of the mix of the evidence. */
  readonly measuredPerSecond: number;
  /** Cost of a request of the other mix over one of the measured mix. */
  readonly costRatio: number;
  /** Mean relative error of the surface; null with too few points. */
  readonly errorShare: number | null;
}

/** Why capacity evidence says nothing of another mix. */
export type NothingForetold =
  /** It is not there, or of one kind of request, or too few points of a surface were measured. */
  | { readonly kind: 'no-surface' }
  /** It shows no rate inside the objective. */
  | { readonly kind: 'no-rate' }
  /** Its surface says nothing of a size that differs in this dimension. */
  | { readonly kind: 'other-sizes'; readonly dimension: MixDimension };

/**
 * Returns the rate of another mix, by the cost of its requests: the measured rate over the ratio of costs; or why the evidence tells none.
 * It is right where the objective leaves room for longer requests: whether a longer request alone is in time is not told by it.
 *
 * Worked: 18 requests/s, and a request of the other mix costs 1.5 times as much: 12 requests/s.
 */
export function foretellRate(
  measurements: Readonly<Record<string, unknown>>,
  objective: QuantileBudget | null,
  other: MixSummary,
): ({ readonly kind: 'foretold' } & ForetoldRate) | NothingForetold {
  const mix = readCapacityMeasurements(measurements)?.mix;
  const surface = mix === undefined ? null : fitCostSurface(mix.surface);
  if (mix === undefined || surface === null) return { kind: 'no-surface' };
  const untold = mixDimensions.find((name) => !isToldBy(surface, mix.summary[name], other[name], name));
  if (untold !== undefined) return { kind: 'other-sizes', dimension: untold };
  const capacity = readCapacity(measurements, objective);
  if (capacity === null) return { kind: 'no-rate' };
  const concurrency = Math.max(...mix.surface.map((point) => point.concurrency));
  const ratio = costRatio(surface, { of: other, over: mix.summary, concurrency });
  if (!(ratio > 0)) return { kind: 'no-surface' };
  return {
    kind: 'foretold',
    perSecond: capacity.ratePerSecond / ratio,
    measuredPerSecond: capacity.ratePerSecond,
    costRatio: ratio,
    errorShare: surface.errorShare,
  };
}

/** Means that differ by less are the same size. */
const sameShare = 0.01;

/** A dimension that the surface has a cost for may be of any size; of another one the size has to stay. */
function isToldBy(
  { units }: CostSurface,
  measured: SizeSummary | undefined,
  other: SizeSummary | undefined,
  name: MixDimension,
): boolean {
  if (measured === undefined || other === undefined) return measured === other;
  return units[name] !== undefined || Math.abs(other.mean / measured.mean - 1) <= sameShare;
}
