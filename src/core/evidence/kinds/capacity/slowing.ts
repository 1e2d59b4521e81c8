import type { RankLimits } from '../../../statistics/rank-counts.ts';
import { middleOf, shiftBetween, theilSen } from '../../../statistics/trend.ts';
import { sustainedConfidenceShare, type Probe, type TriedCandidate } from './sustained-measurements.ts';

/** A replica that slows down by this share while it is measured does not sustain a rate. */
export const slowedShare = 0.1;
/** Requests that are shown to take longer at the end of a horizon, and by more than this as far as is known, raise a doubt. */
const doubtedShare = 0.05;

/**
 * What the probes and the horizons say of a replica that slows down.
 *
 * | word | meaning |
 * |---|---|
 * | steady | it is shown that the throughput falls by less than 10%, and nothing shows that requests take longer at the end of a horizon |
 * | slows | the throughput is shown to fall, by 10% or more as far as is known; or requests are shown to take 10% longer |
 * | unclear | neither, or requests seem to take 10% longer at the end of a horizon: more horizons decide |
 */
export type Slowing =
  | { readonly kind: 'steady'; readonly lostShare: number }
  | { readonly kind: 'slows'; readonly of: 'run' | 'horizon'; readonly lostShare: number }
  | { readonly kind: 'unclear'; readonly of: 'run' | 'horizon'; readonly lostAtMostShare: number };

/**
 * Returns whether the replica slows down over the horizons of one rate, by exact limits of 95%.
 *
 * Across horizons, of the logarithm of the throughput of the probes: the slope over the whole time (Theil and Sen), for what
 * slows down little by little; all after a moment against all before it (Mann and Whitney), at each moment, for what slows
 * down at once. The largest loss counts. Within horizons, of the logarithm of what the last third took over the first: the
 * middle (Wilcoxon).
 */
export function slowingOf({ probes, horizons }: Pick<TriedCandidate, 'probes' | 'horizons'>): Slowing {
  const growth = middleOf(
    horizons.flatMap((horizon) => (horizon.growth === null ? [] : [Math.log(horizon.growth)])),
    sustainedConfidenceShare,
  );
  if (growth.lower > Math.log1p(slowedShare)) return { kind: 'slows', of: 'horizon', lostShare: lossOf(-growth.lower) };
  const changes = changesOf(probes);
  const lostShare = Math.max(0, ...changes.map(({ estimate }) => lossOf(estimate)));
  const lostAtMostShare = Math.max(0, ...changes.map(({ lower }) => lossOf(lower)));
  const isShown = changes.some(({ estimate, upper }) => upper < 0 && lossOf(estimate) >= slowedShare);
  if (isShown) return { kind: 'slows', of: 'run', lostShare };
  if (lostAtMostShare >= slowedShare) return { kind: 'unclear', of: 'run', lostAtMostShare };
  const isGrowing = growth.lower > 0 && growth.estimate > Math.log1p(doubtedShare);
  if (isGrowing || growth.estimate > Math.log1p(slowedShare))
    return { kind: 'unclear', of: 'horizon', lostAtMostShare: lossOf(-growth.upper) };
  return { kind: 'steady', lostShare };
}

/** Probes on each side of a moment, at least. */
const fewestOfSide = 3;

/** Changes of the logarithm of the throughput over the measurement. */
function changesOf(probes: readonly Probe[]): readonly RankLimits[] {
  const spanMs = Math.max(1, (probes.at(-1)?.atMs ?? 0) - (probes[0]?.atMs ?? 0));
  const rates = probes.map(({ perSecond }) => Math.log(perSecond));
  const slope = theilSen(
    probes.map(({ atMs }, index) => ({ at: atMs / spanMs, value: rates[index] ?? 0 })),
    sustainedConfidenceShare,
  );
  const splits = Math.max(0, rates.length - 2 * fewestOfSide + 1);
  const shifts = Array.from({ length: splits }, (_, split) => {
    const at = split + fewestOfSide;
    return shiftBetween(rates.slice(0, at), rates.slice(at), sustainedConfidenceShare);
  });
  return [slope, ...shifts];
}

/** Share that is lost by a change of a logarithm. */
const lossOf = (change: number): number => -Math.expm1(change);
