import { openRunsAtMost } from '../rate-search.ts';
import { horizonsUsual } from './candidates.ts';

export interface DurationTerms {
  /** Levels of closed loops. */
  readonly levels: number;
  readonly measureMs: number;
  readonly horizonMs: number;
  readonly horizons: number;
}

/** Runs of a search until it ends, mostly. */
const usualSearchRuns = 6;
/** A run of the search lasts so many times as long as a closed loop at most. */
export const longestRunFactor = 10;
/** A probe lasts this share of a horizon, and as long as a closed loop at least. */
const probeShare = 0.05;

/** How long a probe takes, milliseconds. */
export const probeMs = ({ measureMs, horizonMs }: Pick<DurationTerms, 'measureMs' | 'horizonMs'>): number =>
  Math.max(measureMs, probeShare * horizonMs);

/**
 * How long a measurement takes where the first candidate holds, milliseconds: what people are told before it begins. Starts
 * of the replica are not in it.
 *
 * Worked: 7 levels of 3 s, horizons of 2 min: 32 s, 6 runs of 30 s, 21 horizons and 15 probes of 6 s are 47 min.
 */
export function usualDurationMs(terms: DurationTerms): number {
  const { levels, measureMs, horizonMs, horizons } = terms;
  const closedMs = 1.2 * measureMs * (levels + 2);
  const searchMs = Math.min(usualSearchRuns, openRunsAtMost) * longestRunFactor * measureMs;
  return closedMs + searchMs + horizonsUsual(horizons) * horizonMs + (horizons + 1) * probeMs(terms);
}
