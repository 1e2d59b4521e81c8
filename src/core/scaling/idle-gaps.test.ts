import { describe, expect, it } from 'vitest';
import { cheapestKeepAlive, idleGaps, keepAliveCurve } from './idle-gaps.ts';

const starts = { timesMs: [10_000], shares: [1], failureShare: 0, starts: 30 };

describe('gaps between requests', () => {
  it('are those of at least the length asked for, with the rate of the time in between', () => {
    expect(idleGaps([0, 1_000, 2_000, 102_000, 103_000], 30_000)).toEqual({ gapsMs: [100_000], busyPerSecond: 1 });
  });

  it('are none of no requests, and of one', () => {
    expect(idleGaps([], 1)).toEqual({ gapsMs: [], busyPerSecond: 0 });
    expect(idleGaps([5], 1)).toEqual({ gapsMs: [], busyPerSecond: 0 });
  });
});

describe('the cost of keeping the last replica', () => {
  const gaps = { gapsMs: [100_000], busyPerSecond: 1 };
  const prices = { acceleratorSecond: 1, lateRequest: 0 };

  it('is idleness when it is kept for ever, and a start with its late requests when it is not kept at all', () => {
    const curve = keepAliveCurve(gaps, starts, 0, prices);
    expect(curve.at(0)).toMatchObject({ keepAliveMs: 0, idleSeconds: 0, loadingSeconds: 10, coldRequests: 11 });
    expect(curve.at(-1)).toMatchObject({ keepAliveMs: Infinity, idleSeconds: 100, loadingSeconds: 0, coldRequests: 0 });
  });

  it('has no late requests where a start is inside the latency', () => {
    expect(keepAliveCurve(gaps, starts, 10_000, prices).at(0)?.coldRequests).toBe(0);
  });

  it('is least without keeping where late requests cost nothing, and for ever where they cost much', () => {
    expect(cheapestKeepAlive(keepAliveCurve(gaps, starts, 0, prices))?.keepAliveMs).toBe(0);
    const dear = { acceleratorSecond: 1, lateRequest: 1_000 };
    expect(cheapestKeepAlive(keepAliveCurve(gaps, starts, 0, dear))?.keepAliveMs).toBe(Infinity);
  });

  it('tells the chance that the next request comes within a start', () => {
    const two = { gapsMs: [5_000, 100_000], busyPerSecond: 1 };
    expect(keepAliveCurve(two, starts, 0, prices).at(0)?.hazard).toBe(0.5);
    expect(keepAliveCurve(two, starts, 0, prices).at(-1)?.hazard).toBeNull();
  });
});
