import { outsideAtMost } from '../../evidence/kinds/capacity/sustained-interval.ts';

/** A rate that is to be tried on horizons of its own, with all that is decided before the first of them. */
export interface Candidate {
  readonly perSecond: number;
  /** Its part of the 5%. */
  readonly alphaShare: number;
  /** Horizons that it takes to show what is to be shown. */
  readonly planned: number;
  /** It is left when more horizons than these are not as they have to be. */
  readonly wrongAtMost: number;
}

/** Fewest horizons that can show a share of 80% at 95%. */
export const fewestHorizons = 14;

/**
 * Rates below the one that the search found, the largest first, and how the 5% are split. The first gets nearly all: 14
 * horizons are enough for it. One after it is tried only when the one before was left, which takes few horizons.
 *
 * | candidate | share of the rate of the search | part of the 5% | horizons, all of them inside |
 * |---|---|---|---|
 * | 1 | 97% | 4.4% | 14 (0.8^14 = 4.398%) |
 * | 2 | 88% | 0.25% | 27 (0.8^27 = 0.242%) |
 * | 3 | 78% | 0.25% | 27 |
 * | 4 | 60% | 0.1% | 31 (0.8^31 = 0.099%) |
 */
const lowerTable = [
  { share: 0.97, alphaShare: 0.044 },
  { share: 0.88, alphaShare: 0.0025 },
  { share: 0.78, alphaShare: 0.0025 },
  { share: 0.6, alphaShare: 0.001 },
] as const;

/** @param horizons of a candidate, where more of them can show what the fewest cannot; then some may be outside. */
export function lowerCandidates(searchedPerSecond: number, horizons = fewestHorizons): readonly Candidate[] {
  return lowerTable.map(({ share, alphaShare }) => {
    let planned = Math.max(1, horizons);
    while (outsideAtMost(planned, alphaShare) < 0) planned += 1;
    const wrongAtMost = outsideAtMost(planned, alphaShare);
    return { perSecond: share * searchedPerSecond, alphaShare, planned, wrongAtMost };
  });
}

/** Horizons inside, one after the other, that end the descent. */
const locatedBy = 4;
/** Of the rate of the search, whose runs are shorter than a horizon. */
const descentFrom = 0.95;
/** What is left of the rate after each horizon outside. */
const descentSteps = [0.94, 0.94, 0.94, 0.9, 0.9, 0.85, 0.75, 0.75] as const;

/** Horizons of a measurement whose first rate holds: the descent, the lower limit, and two or three for the upper. */
export const horizonsUsual = (horizons: number): number => locatedBy + horizons + upperTable[1].planned;

/** One horizon of the descent; it belongs to the search, and no limit rests on it. */
export interface LocatingHorizon {
  readonly perSecond: number;
  readonly isInside: boolean;
}

/**
 * Returns where the descent from the rate of the search stands: at 95% of it, and 6% lower after each horizon outside, later
 * more, until four in a row are inside. What holds in a short run often does not hold over a horizon.
 *
 * @returns `at` a rate that wants another horizon; `found` a rate; or `none`, after eight rates
 */
export function descend(
  searchedPerSecond: number,
  located: readonly LocatingHorizon[],
): { readonly kind: 'at' | 'found'; readonly perSecond: number } | { readonly kind: 'none' } {
  let perSecond = descentFrom * searchedPerSecond;
  let [inside, outside] = [0, 0];
  for (const { isInside } of located) {
    if (isInside) {
      inside += 1;
      continue;
    }
    const step = descentSteps[outside];
    if (outside + 1 >= descentSteps.length || step === undefined) return { kind: 'none' };
    perSecond *= step;
    [inside, outside] = [0, outside + 1];
  }
  return { kind: inside >= locatedBy ? 'found' : 'at', perSecond };
}

/**
 * Rates above the smallest one that did not hold, the smallest first: each left at its first horizon inside.
 *
 * | candidate | times the rate | part of the 5% | horizons, all of them outside |
 * |---|---|---|---|
 * | 1 | 1.05 | 4.02% | 2 (0.2^2 = 4%) |
 * | 2 | 1.2 | 0.81% | 3 (0.2^3 = 0.8%) |
 * | 3 | 1.5 | 0.17% | 4 (0.2^4 = 0.16%) |
 */
const upperTable = [
  { factor: 1.05, alphaShare: 0.0402, planned: 2 },
  { factor: 1.2, alphaShare: 0.0081, planned: 3 },
  { factor: 1.5, alphaShare: 0.0017, planned: 4 },
] as const;

export function upperCandidates(failedPerSecond: number): readonly Candidate[] {
  return upperTable.map(({ factor, alphaShare, planned }) => ({
    perSecond: factor * failedPerSecond,
    alphaShare,
    planned,
    wrongAtMost: 0,
  }));
}
