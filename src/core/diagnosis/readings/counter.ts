import { combineReadings, isRead, makeReading, makeUnknown, mapReading, type Reading } from './reading.ts';

/**
 * How far a counter grew between two looks. A counter that went back wrapped, or its process or driver began anew: how far it
 * grew is then unknown, and never guessed from the width of the counter.
 *
 * | before | after | growth |
 * |---|---|---|
 * | 5 | 9 | 4 |
 * | 9 | 5 | unknown: it went back |
 * | unknown | any | unknown, with that reason |
 */
export function measureGrowth(before: Reading, after: Reading, what: string): Reading {
  if (isRead(before) && isRead(after) && after.value < before.value) {
    return makeUnknown(`${what} went back from ${before.value} to ${after.value}: it wrapped or began anew`);
  }
  return combineReadings(before, after, (from, to) => to - from);
}

/** Growth a second. @param elapsedMs time between the two looks. */
export function measureRate(before: Reading, after: Reading, elapsedMs: number, what: string): Reading {
  if (!(elapsedMs > 0)) return makeUnknown('no time passed between the two looks');
  return mapReading(measureGrowth(before, after, what), (growth) => (growth * 1_000) / elapsedMs);
}

/** Growth of a counter of milliseconds as a share of the time between the looks. May be above 1 for a sum over several. */
export function measureTimeShare(before: Reading, after: Reading, elapsedMs: number, what: string): Reading {
  return mapReading(measureRate(before, after, elapsedMs, what), (msEachSecond) => msEachSecond / 1_000);
}

/** The mean of a gauge that was looked at twice; the one that is known where the other is not. */
export function averageGauge(before: Reading, after: Reading): Reading {
  if (isRead(before) && isRead(after)) return makeReading((before.value + after.value) / 2);
  return isRead(after) ? after : isRead(before) ? before : after;
}
