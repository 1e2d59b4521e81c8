import { formatElapsed } from '../../units/quantity/quantity-duration.ts';
import type { LearnedEvidence, LearnedRatio } from '../policy.ts';
import { ratioText } from './learned-text.ts';

/** Evidence whose numbers live data contradict. */
export interface Departure {
  readonly part: 'capacity' | 'starts';
  /** What is seen, for people. */
  readonly reason: string;
}

/** Since when live data contradict each part, by a clock that never steps; null while they do not. */
export interface DepartureHold {
  readonly capacitySinceMs: number | null;
  readonly startsSinceMs: number | null;
  readonly distrustSinceMs: number | null;
}

export const nothingDeparts: DepartureHold = { capacitySinceMs: null, startsSinceMs: null, distrustSinceMs: null };

interface Band {
  readonly lower: number;
  readonly upper: number;
  readonly samplesAtLeast: number;
}

/** Replicas of one kind of node differ by some per cent, and a mix of requests by more: that is no other capacity. */
const capacityBand: Band = { lower: 0.8, upper: 1.25, samplesAtLeast: 200 };
/** Single starts differ by more, and are few. */
const startsBand: Band = { lower: 0.67, upper: 1.5, samplesAtLeast: 5 };

/** A minute of another mix, or one slow node, is no news. */
export const departsAfterMs = 300_000;

/**
 * Returns which evidence no longer holds by what the live service teaches, and since when. A part departs once it was contradicted
 * in each look of five minutes:
 *
 * | part | contradicted while |
 * |---|---|
 * | capacity | the interval of its ratio is outside of 0.8 to 1.25, by 200 answers or more |
 * | capacity | the policy acts on feedback alone, and starts do not explain it |
 * | starts | the interval of their ratio is outside of 0.67 to 1.5, by 5 starts or more |
 *
 * @param learned null where the policy learns nothing, or was not asked: the hold begins anew
 * @param monotonicMs by a clock that never steps
 */
export function findDepartures(
  before: DepartureHold,
  learned: LearnedEvidence | null,
  monotonicMs: number,
): { readonly hold: DepartureHold; readonly departures: readonly Departure[] } {
  if (learned === null) return { hold: nothingDeparts, departures: [] };
  const since = (is: boolean, sinceMs: number | null): number | null => (is ? (sinceMs ?? monotonicMs) : null);
  const isStartsOut = isOutside(learned.starts, startsBand);
  const hold: DepartureHold = {
    capacitySinceMs: since(isOutside(learned.capacity, capacityBand), before.capacitySinceMs),
    startsSinceMs: since(isStartsOut, before.startsSinceMs),
    distrustSinceMs: since(!learned.trusted && !isStartsOut, before.distrustSinceMs),
  };
  const lasted = (sinceMs: number | null): string | null =>
    sinceMs === null || monotonicMs - sinceMs < departsAfterMs ? null : formatElapsed(monotonicMs - sinceMs);
  const [capacityFor, startsFor, distrustFor] = [
    lasted(hold.capacitySinceMs),
    lasted(hold.startsSinceMs),
    lasted(hold.distrustSinceMs),
  ];
  const departures: Departure[] = [];
  if (capacityFor !== null) {
    const reason = `for ${capacityFor} a replica has carried ${ratioText(learned.capacity, 'answer')} of the rate that was measured`;
    departures.push({ part: 'capacity', reason });
  } else if (distrustFor !== null) {
    const reason = `for ${distrustFor} scaling has acted on feedback alone: what it promised by this evidence did not come true`;
    departures.push({ part: 'capacity', reason });
  }
  if (startsFor !== null) {
    const reason = `for ${startsFor} starts have taken ${ratioText(learned.starts, 'start')} of the time that was measured`;
    departures.push({ part: 'starts', reason });
  }
  return { hold, departures };
}

const isOutside = ({ lower, upper, samples }: LearnedRatio, band: Band): boolean =>
  samples >= band.samplesAtLeast && (upper < band.lower || lower > band.upper);
