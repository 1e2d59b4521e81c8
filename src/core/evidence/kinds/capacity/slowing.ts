import type { RankLimits } from '../../../statistics/comparison/rank-counts.ts';
import { shiftOfMeans } from '../../../statistics/distributions/student-t.ts';
import { middleOf, shiftBetween, theilSen } from '../../../statistics/fitting/trend.ts';
import {
  growthSpanShare,
  sustainedConfidenceShare,
  type Probe,
  type TriedCandidate,
} from './sustained-measurements.ts';

/** A replica that slows down by this share while it is measured does not sustain a rate. */
export const slowedShare = 0.1;

/**
 * What the probes and the horizons say of a replica that slows down.
 *
 * | word | over the horizons, and within each of them |
 * |---|---|
 * | steady | the speed is shown to fall by less than 10% in both |
 * | slows | the speed is shown to fall, by 10% or more as far as is known, in one |
 * | unclear | neither: more horizons decide |
 */
export type Slowing =
  | { readonly kind: 'steady'; readonly lostShare: number }
  | { readonly kind: 'slows'; readonly of: 'run' | 'horizon'; readonly lostShare: number }
  | { readonly kind: 'unclear'; readonly of: 'run' | 'horizon'; readonly lostAtMostShare: number };

/**
 * Returns whether the replica slows down over the horizons of one rate, by limits of 95%. Each way of slowing down has its own
 * limit, and a replica is steady when all limits are below 10%. So one that loses 10% in one of these ways is called
 * steady with a probability of at most 5% (an intersection-union test, Berger 1982), and nothing is split. That it slows is
 * shown by any one of them: there the 5% are split over all of them (Bonferroni), so that a steady replica on a machine that does other
 * things too is called slow with a probability of at most 5%.
 *
 * | a replica that slows down | is seen by | limits |
 * |---|---|---|
 * | little by little | the slope of the throughput of the probes over the whole time | Theil and Sen |
 * | at once | all probes after a moment against all before, at each moment with three on each side | Mann and Whitney |
 * | at once, at one of the ends | the same, with one or two on one side; never shown, only not excluded | Student |
 * | within horizons | the growth of the times from the first third of a horizon to the last | Wilcoxon |
 *
 * Changes are of logarithms. Growth is measured between the middles of the outer thirds; the change over a whole
 * horizon is 1.6 times as large.
 */
export function slowingOf({ probes, horizons }: Pick<TriedCandidate, 'probes' | 'horizons'>): Slowing {
  const ways = 2 + Math.max(0, probes.length - 2 * fewestOfSide + 1);
  const showing = 1 - (1 - sustainedConfidenceShare) / ways;
  const within = changeWithin(horizons, showing);
  const { shown, possible } = changesOf(probes, showing);
  const lostShare = Math.max(0, ...shown.map(({ estimate }) => lossOf(estimate)));
  if (isShown(within)) return { kind: 'slows', of: 'horizon', lostShare: lossOf(within.estimate) };
  if (shown.some(isShown)) return { kind: 'slows', of: 'run', lostShare };
  const lostAtMostShare = Math.max(0, ...[...shown, ...possible].map(({ lower }) => lossOf(lower)));
  if (lostAtMostShare >= slowedShare) return { kind: 'unclear', of: 'run', lostAtMostShare };
  const lostWithinShare = lossOf(within.lower);
  if (lostWithinShare >= slowedShare) return { kind: 'unclear', of: 'horizon', lostAtMostShare: lostWithinShare };
  return { kind: 'steady', lostShare };
}

/** A change: how large it is at the worst by 95%, and at the best by the share that shows it. */
interface Change {
  readonly estimate: number;
  readonly lower: number;
  readonly upper: number;
}

const isShown = ({ estimate, upper }: Change): boolean => upper < 0 && lossOf(estimate) >= slowedShare;

/** @param limits of a change, by a confidence. @param showing confidence of what is shown. */
function changeBy(limits: (confidence: number) => RankLimits, showing: number): Change {
  const { estimate, lower } = limits(sustainedConfidenceShare);
  return { estimate, lower, upper: limits(showing).upper };
}

/** Change of the logarithm of the speed from the beginning of a horizon to its end. */
function changeWithin(horizons: TriedCandidate['horizons'], showing: number): Change {
  const changes = horizons.flatMap(({ growth }) => (growth === null ? [] : [-Math.log(growth) / growthSpanShare]));
  return changeBy((confidence) => middleOf(changes, confidence), showing);
}

/** Probes on each side of a moment that can show a change. */
const fewestOfSide = 3;

/** Changes of the logarithm of the throughput over the measurement: those that can be shown, and those that can be excluded at most. */
function changesOf(probes: readonly Probe[], showing: number): Record<'shown' | 'possible', readonly Change[]> {
  const spanMs = Math.max(1, (probes.at(-1)?.atMs ?? 0) - (probes[0]?.atMs ?? 0));
  const rates = probes.map(({ perSecond }) => Math.log(perSecond));
  const points = probes.map(({ atMs }, index) => ({ at: atMs / spanMs, value: rates[index] ?? 0 }));
  const shown = [changeBy((confidence) => theilSen(points, confidence), showing)];
  const possible: Change[] = [];
  for (let at = 1; at < rates.length; at += 1) {
    const [before, after] = [rates.slice(0, at), rates.slice(at)];
    if (Math.min(at, rates.length - at) < fewestOfSide)
      possible.push(shiftOfMeans(before, after, sustainedConfidenceShare));
    else shown.push(changeBy((confidence) => shiftBetween(before, after, confidence), showing));
  }
  return { shown, possible };
}

/** Share that is lost by a change of a logarithm. */
const lossOf = (change: number): number => -Math.expm1(change);
