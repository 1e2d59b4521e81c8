import type { QuantileBudget } from '../../../contract/contract.ts';
import { clopperPearson } from '../../../statistics/distributions/binomial.ts';
import {
  sustainedShare,
  type MeasuredHorizon,
  type SustainedMeasurements,
  type TriedCandidate,
} from './sustained-measurements.ts';

/**
 * Whether one horizon is inside the objective.
 *
 * | horizon | inside |
 * |---|---|
 * | no request was due | undecided: it counts for neither limit |
 * | each promised quantile of its times is at most its limit | inside |
 * | one is above | outside |
 * | one was not measured, or the horizon was cut short and none is above | undecided |
 * | no objective | inside where nothing failed and at most `underWayAtMost` requests were under way, else outside |
 */
export type HorizonStanding = 'inside' | 'outside' | 'undecided';

export function standingOfHorizon(
  { requests, failed, quantiles, underWay, isCutShort }: MeasuredHorizon,
  objective: QuantileBudget | null,
  underWayAtMost: number,
): HorizonStanding {
  if (requests === 0) return 'undecided';
  if (objective === null) return failed === 0 && underWay <= underWayAtMost ? 'inside' : 'outside';
  let standing: HorizonStanding = isCutShort ? 'undecided' : 'inside';
  for (const [name, limitMs] of Object.entries(objective)) {
    const valueMs = quantiles[name];
    if (valueMs === undefined) standing = 'undecided';
    else if (valueMs === null || valueMs > limitMs) return 'outside';
  }
  return standing;
}

/** Limits of the rate that one replica sustains; null where none is shown. */
export interface SustainedInterval {
  readonly lower: TriedCandidate | null;
  readonly upper: TriedCandidate | null;
}

/**
 * Returns the largest rate that is shown to be sustained, and the smallest that is shown not to be. A rate is sustained when
 * at least 80% of independent horizons are inside the objective.
 *
 * Shown is what the exact limit of the share says (Clopper and Pearson 1934) with the candidate's part of the 5%. All
 * candidates of one side together err with at most 5%, whichever of them is taken. A candidate that was left before its last
 * horizon shows nothing for the lower limit.
 *
 * Worked: 14 of 14 horizons inside show more than 80% (0.8^14 = 4.4%); 13 of 13 do not (5.5%). 2 of 2 outside show less (0.2^2 = 4%).
 */
export function sustainedInterval(
  { lower, upper }: Pick<SustainedMeasurements, 'lower' | 'upper'>,
  objective: QuantileBudget | null,
  underWayAtMost: number,
): SustainedInterval {
  const standings = ({ horizons }: TriedCandidate): readonly HorizonStanding[] =>
    horizons.map((horizon) => standingOfHorizon(horizon, objective, underWayAtMost));
  const held = lower.filter((candidate) => isShownInside(candidate, standings(candidate)));
  const missed = upper.filter((candidate) => isShownOutside(candidate, standings(candidate)));
  return {
    lower: held.toSorted((a, b) => b.perSecond - a.perSecond)[0] ?? null,
    upper: missed.toSorted((a, b) => a.perSecond - b.perSecond)[0] ?? null,
  };
}

function isShownInside({ alphaShare, planned }: TriedCandidate, standings: readonly HorizonStanding[]): boolean {
  if (standings.length < planned || standings.length === 0) return false;
  const inside = standings.filter((standing) => standing === 'inside').length;
  return clopperPearson(inside, standings.length, 1 - alphaShare).lower >= sustainedShare;
}

function isShownOutside({ alphaShare, planned }: TriedCandidate, standings: readonly HorizonStanding[]): boolean {
  if (standings.length < planned || standings.length === 0) return false;
  const outside = standings.filter((standing) => standing === 'outside').length;
  return clopperPearson(outside, standings.length, 1 - alphaShare).lower >= 1 - sustainedShare;
}

/** How many horizons of so many may be outside until the limit no longer shows that the rate is sustained; -1: none may. */
export function outsideAtMost(horizons: number, alphaShare: number): number {
  let outside = -1;
  while (
    outside + 1 < horizons &&
    clopperPearson(horizons - outside - 1, horizons, 1 - alphaShare).lower >= sustainedShare
  ) {
    outside += 1;
  }
  return outside;
}
