import { readingAtMostMs } from '../demand-history.ts';
import type { PlimsollState } from '../rest-own.ts';

/**
 * Returns what is remembered after the clock went back by more than a reading may be late: each moment that is now to come becomes the present. What
 * happened in between is unknown, as after a hold. Otherwise nothing would be counted, and no replica given up, until the clock is where it was. The
 * same state where the clock did not go back.
 *
 * @param atMs moment of the signals
 * @param nowMs moment of the decision
 */
export function afterClockStep(state: PlimsollState, atMs: number, nowMs: number): PlimsollState {
  const { history, hold, doubt, learned } = state;
  if (history.seenMs === null || atMs >= history.seenMs - readingAtMostMs) return state;
  return {
    ...state,
    history: {
      ...history,
      seenMs: atMs,
      openTick: { fromMs: atMs, arrivals: 0 },
      lastArrivalMs: history.lastArrivalMs === null ? null : Math.min(history.lastArrivalMs, atMs),
    },
    hold: hold === null ? null : { ...hold, below: withoutFuture(hold.below, nowMs) },
    // What was promised was due by the clock before.
    doubt: { ...doubt, promise: null, distrust: withoutFuture(doubt.distrust, atMs) },
    learned:
      learned === null
        ? null
        : {
            ...learned,
            starts: {
              ...learned.starts,
              countedMs: learned.starts.countedMs === null ? null : Math.min(learned.starts.countedMs, nowMs),
            },
          },
  };
}

const withoutFuture = <T extends { readonly sinceMs: number }>(begun: T | null, presentMs: number): T | null =>
  begun === null ? null : { ...begun, sinceMs: Math.min(begun.sinceMs, presentMs) };
