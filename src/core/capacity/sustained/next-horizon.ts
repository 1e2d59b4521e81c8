import type { QuantileBudget } from '../../contract/contract.ts';
import { standingOfHorizon } from '../../evidence/kinds/capacity/sustained-interval.ts';
import type { MeasuredHorizon, TriedCandidate } from '../../evidence/kinds/capacity/sustained-measurements.ts';
import { lowerCandidates, upperCandidates, type Candidate } from './candidates.ts';

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
  readonly lower: readonly TriedCandidate[];
  readonly upper: readonly TriedCandidate[];
}

/** The next horizon, and what there is to say of how long it goes on. */
export interface NextHorizon {
  readonly side: 'lower' | 'upper';
  readonly candidate: Candidate;
  /** Horizons of this candidate that are left, this one included. */
  readonly left: number;
}

/**
 * Returns the next horizon to run; null when both limits are as good as they get. First the lower limit: candidates downwards
 * until one is shown to be sustained. Then the upper: candidates upwards until one is shown not to be.
 *
 * | a candidate is | when |
 * |---|---|
 * | left | more of its horizons are wrong than may be |
 * | shown | all that were planned have run |
 */
export function nextHorizon(terms: HorizonTerms, searched: SearchedRates, run: HorizonsRun): NextHorizon | null {
  if (searched.heldPerSecond === null) return null;
  const lower = lowerCandidates(searched.heldPerSecond, terms.horizons);
  const next = nextOf(lower, run.lower, 'lower', terms);
  if (next !== null) return { side: 'lower', ...next };
  const above = nextOf(upperCandidates(smallestFailed(terms, searched, run)), run.upper, 'upper', terms);
  return above === null ? null : { side: 'upper', ...above };
}

function nextOf(
  candidates: readonly Candidate[],
  tried: readonly TriedCandidate[],
  side: NextHorizon['side'],
  terms: HorizonTerms,
): Omit<NextHorizon, 'side'> | null {
  for (const [at, candidate] of candidates.entries()) {
    const horizons = tried[at]?.horizons ?? [];
    const wrong = horizons.filter((horizon) => isWrong(horizon, side, terms)).length;
    if (wrong > candidate.wrongAtMost) continue;
    const left = candidate.planned - horizons.length;
    return left > 0 ? { candidate, left } : null;
  }
  return null;
}

function isWrong(horizon: MeasuredHorizon, side: NextHorizon['side'], terms: HorizonTerms): boolean {
  const standing = standingOfHorizon(horizon, terms.objective, terms.underWayAtMost);
  return standing !== (side === 'lower' ? 'inside' : 'outside');
}

/** The smallest rate above the lower limit that failed, in the search or on a horizon; 10% more where none did. */
function smallestFailed(terms: HorizonTerms, { heldPerSecond, failedPerSecond }: SearchedRates, run: HorizonsRun): number {
  const left = run.lower.slice(0, -1).map(({ perSecond }) => perSecond);
  const last = run.lower.at(-1);
  const isLeft = last !== undefined && last.horizons.some((horizon) => isWrong(horizon, 'lower', terms));
  const failed = [...left, ...(isLeft && last.horizons.length < last.planned ? [last.perSecond] : [])];
  return Math.min(failedPerSecond ?? 1.1 * (heldPerSecond ?? 0), ...failed);
}

/** The candidates with one more horizon: of the last of them, or of a new one. */
export function addHorizon(
  tried: readonly TriedCandidate[],
  { perSecond, alphaShare, planned }: Candidate,
  horizon: MeasuredHorizon,
): readonly TriedCandidate[] {
  const last = tried.at(-1);
  if (last?.perSecond === perSecond) {
    return [...tried.slice(0, -1), { ...last, horizons: [...last.horizons, horizon] }];
  }
  return [...tried, { perSecond, alphaShare, planned, horizons: [horizon] }];
}
