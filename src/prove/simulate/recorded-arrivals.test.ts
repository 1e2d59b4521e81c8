import { describe, expect, it } from 'vitest';
import type { HistoryPoint } from '../../core/health/history.ts';
import { readRecordedArrivals } from './recorded-arrivals.ts';

const minute = 60_000;
const point = (endMinute: number, minutes: number, requestsPerSecond: number): HistoryPoint => ({
  ...{ atMs: endMinute * minute, spanMs: minutes * minute, requestsPerSecond, errorsPerSecond: 0 },
  ...{ queueDepth: null, inFlight: null, latencyP50Ms: null, latencyP99Ms: null, batchFillShare: null },
});

describe('recorded arrivals', () => {
  it('are as many as were counted, time without a report left out', () => {
    const points = [point(10, 10, 0.5), point(11, 1, 1), point(21, 1, 0)];
    const { requests, endMs, arrivals, notes } = readRecordedArrivals(points, 200);
    expect([requests, endMs]).toEqual([360, 12 * minute]);
    const times = [...{ [Symbol.iterator]: arrivals }].map(({ atMs }) => atMs);
    expect(times.filter((atMs) => atMs < 10 * minute)).toHaveLength(300);
    expect(times.filter((atMs) => atMs >= 10 * minute && atMs < 11 * minute)).toHaveLength(60);
    expect(notes).toEqual([
      expect.stringContaining('counts of up to 10m 0s'),
      '9m 0s without a report of a gateway are left out',
    ]);
  });

  it('are refused where there is too little of them, with what records them', () => {
    for (const points of [[], [point(9, 9, 5)], [point(30, 30, 0)]]) {
      expect(() => readRecordedArrivals(points, 200)).toThrow(expect.objectContaining({ code: 'arrivals-missing' }));
    }
  });
});
