import { lowerRank } from '../../../statistics/order-limits.ts';
import { theilSen } from '../../../statistics/trend.ts';
import { sustainedConfidenceShare, type MeasuredHorizon, type Probe } from './sustained-measurements.ts';

/** A replica that slows down by this share while it is measured does not sustain a rate. */
export const slowedShare = 0.1;

/**
 * What the probes and the horizons say of a replica that slows down.
 *
 * | word | meaning |
 * |---|---|
 * | steady | it is shown that the throughput falls by less than 10% from the first probe to the last |
 * | slows | it is shown to fall, by 10% or more as far as is known; or requests at the end of each horizon take longer |
 * | unclear | neither: more horizons decide |
 */
export type Slowing =
  | { readonly kind: 'steady'; readonly lostShare: number }
  | { readonly kind: 'slows'; readonly of: 'run' | 'horizon'; readonly lostShare: number }
  | { readonly kind: 'unclear'; readonly lostShare: number; readonly lostAtMostShare: number };

/**
 * Returns whether the replica slows down, by exact limits of 95%.
 *
 * Across horizons: the slope of the logarithm of the throughput of the probes (Theil and Sen), over the time from the first
 * to the last. Within horizons: the median of what the last third of each took over the first third, by the binomial limits
 * of a median.
 */
export function slowingOf(probes: readonly Probe[], horizons: readonly MeasuredHorizon[]): Slowing {
  const within = growthAtLeast(horizons);
  if (within > 1 + slowedShare) return { kind: 'slows', of: 'horizon', lostShare: 1 - 1 / within };
  const spanMs = (probes.at(-1)?.atMs ?? 0) - (probes[0]?.atMs ?? 0);
  const slope = theilSen(
    probes.map(({ atMs, perSecond }) => ({ at: atMs / Math.max(spanMs, 1), value: Math.log(perSecond) })),
    sustainedConfidenceShare,
  );
  const lostShare = Math.max(0, -Math.expm1(slope.estimate));
  const lostAtMostShare = -Math.expm1(slope.lower);
  if (lostAtMostShare < slowedShare) return { kind: 'steady', lostShare };
  if (slope.upper < 0 && lostShare >= slowedShare) return { kind: 'slows', of: 'run', lostShare };
  return { kind: 'unclear', lostShare, lostAtMostShare };
}

/** Lower limit of the median growth of a horizon; 0 of too few. */
function growthAtLeast(horizons: readonly MeasuredHorizon[]): number {
  const growths = horizons.flatMap(({ growth }) => (growth === null ? [] : [growth])).sort((a, b) => a - b);
  const rank = lowerRank(growths.length, 0.5, sustainedConfidenceShare);
  return rank === null ? 0 : (growths[rank - 1] ?? 0);
}
