import type { QuantileBudget } from '../../contract/contract.ts';
import { standingOfHorizon } from '../../evidence/kinds/capacity/sustained-interval.ts';
import type { MeasuredHorizon, Probe, TriedCandidate } from '../../evidence/kinds/capacity/sustained-measurements.ts';
import { descend, lowerCandidates, upperCandidates, type Candidate, type LocatingHorizon } from './candidates.ts';

/** What the search left behind. */
export interface SearchedRates {
  /** The largest rate that held, below every rate that did not, or a smaller one where none held; null: there is none. */
  readonly heldPerSecond: number | null;
  /** The smallest rate that did not hold; null where all held. */
  readonly failedPerSecond: number | null;
}

export interface HorizonTerms {
  readonly objective: QuantileBudget | null;
  /** Without an objective. */
  readonly underWayAtMost: number;
  /** Of each candidate, at least. */
  readonly horizons: number;
}

/** What was tried so far. */
export interface HorizonsRun {
  readonly located: readonly LocatingHorizon[];
  readonly lower: readonly TriedCandidate[];
  readonly upper: readonly TriedCandidate[];
}

/** The next horizon. */
export type NextHorizon =
  | { readonly kind: 'locate'; readonly perSecond: number }
  | {
      readonly kind: 'lower' | 'upper';
      readonly perSecond: number;
      readonly candidate: Candidate;
      /** Horizons of this candidate that are left, this one included. */
      readonly left: number;
    };

/**
 * Returns the next horizon to run; null when both limits are as good as they get.
 *
 * 1. Locate: a descent from the rate of the search, until four horizons in a row are inside.
 * 2. Lower limit: candidates from there downwards, until one is shown to be sustained.
 * 3. Upper limit: candidates upwards from the smallest rate that failed, until one is shown not to be.
 *
 * | a candidate is | when |
 * |---|---|
 * | left | more of its horizons are wrong than may be |
 * | shown | all that were planned have run |
 */
export function nextHorizon(terms: HorizonTerms, searched: SearchedRates, run: HorizonsRun): NextHorizon | null {
  if (searched.heldPerSecond === null) return null;
  const descent = descend(searched.heldPerSecond, run.located);
  if (descent.kind === 'at') return { kind: 'locate', perSecond: descent.perSecond };
  if (descent.kind === 'found') {
    const lower = lowerCandidates(descent.perSecond, terms.horizons);
    const next = nextOf(lower, run.lower, 'lower', terms);
    if (next !== null) return next;
  }
  return nextOf(upperCandidates(smallestFailed(terms, searched, run)), run.upper, 'upper', terms);
}

function nextOf(
  candidates: readonly Candidate[],
  tried: readonly TriedCandidate[],
  kind: Side,
  terms: HorizonTerms,
): NextHorizon | null {
  for (const [at, candidate] of candidates.entries()) {
    const horizons = tried[at]?.horizons ?? [];
    const wrong = horizons.filter((horizon) => isWrong(horizon, kind, terms)).length;
    if (wrong > candidate.wrongAtMost) continue;
    const left = candidate.planned - horizons.length;
    return left > 0 ? { kind, perSecond: candidate.perSecond, candidate, left } : null;
  }
  return null;
}

type Side = 'lower' | 'upper';

function isWrong(horizon: MeasuredHorizon, side: Side, terms: HorizonTerms): boolean {
  const standing = standingOfHorizon(horizon, terms.objective, terms.underWayAtMost);
  return standing !== (side === 'lower' ? 'inside' : 'outside');
}

/** The smallest rate that failed, in the search or on a horizon; 10% above the one that held where none did. */
function smallestFailed(
  terms: HorizonTerms,
  { heldPerSecond, failedPerSecond }: SearchedRates,
  { located, lower }: HorizonsRun,
): number {
  const failed = lower.filter(({ horizons, planned }) => {
    const isOutside = horizons.some((horizon) => isWrong(horizon, 'lower', terms));
    return isOutside && horizons.length < planned;
  });
  const rates = [...failed, ...located.filter(({ isInside }) => !isInside)].map(({ perSecond }) => perSecond);
  return Math.min(failedPerSecond ?? 1.1 * (heldPerSecond ?? 0), ...rates);
}

/**
 * What was tried, with one more horizon.
 *
 * @param probes made for it: before it, where it is the first of a candidate for the lower limit, and after it
 */
export function addHorizon(
  terms: HorizonTerms,
  run: HorizonsRun,
  next: NextHorizon,
  horizon: MeasuredHorizon,
  probes: readonly Probe[] = [],
): HorizonsRun {
  if (next.kind === 'locate') {
    const isInside = !isWrong(horizon, 'lower', terms);
    return { ...run, located: [...run.located, { perSecond: next.perSecond, isInside }] };
  }
  return { ...run, [next.kind]: addToCandidates(run[next.kind], next.candidate, horizon, probes) };
}

/** Of the last of them, or of a new one. */
function addToCandidates(
  tried: readonly TriedCandidate[],
  { perSecond, alphaShare, planned }: Candidate,
  horizon: MeasuredHorizon,
  probes: readonly Probe[],
): readonly TriedCandidate[] {
  const last = tried.at(-1);
  if (last?.perSecond === perSecond) {
    return [
      ...tried.slice(0, -1),
      { ...last, horizons: [...last.horizons, horizon], probes: [...last.probes, ...probes] },
    ];
  }
  return [...tried, { perSecond, alphaShare, planned, horizons: [horizon], probes }];
}
