import { describe, expect, it } from 'vitest';
import { chanceReadyWithin, meanReadyTimeMs, readyForShare, readyShare, readyTimeMs } from './start-times.ts';

const starts = { timesMs: [10, 20, 40], shares: [0.5, 0.75, 0.8], failureShare: 0.2, starts: 20 };

describe('times of starts', () => {
  it('are quantiles of the starts that become ready', () => {
    expect(readyTimeMs(starts, 0.5)).toBe(10);
    expect(readyTimeMs(starts, 0.9)).toBe(20);
    expect(readyTimeMs(starts, 1)).toBe(40);
  });

  it('have the mean of those that become ready', () => {
    expect(meanReadyTimeMs(starts)).toBeCloseTo((10 * 0.5 + 20 * 0.25 + 40 * 0.05) / 0.8, 12);
  });

  it('count failed starts as never ready', () => {
    expect(readyShare(starts, 9)).toBe(0);
    expect(readyShare(starts, 1_000)).toBe(0.8);
  });

  it('make a start less likely to end soon the longer it has outlasted the others', () => {
    expect(chanceReadyWithin(starts, 0, 10)).toBe(0.5);
    expect(chanceReadyWithin(starts, 10, 10)).toBeCloseTo(0.5, 12);
    expect(chanceReadyWithin(starts, 20, 20)).toBeCloseTo(0.05 / 0.25, 12);
    expect(chanceReadyWithin(starts, 40, 1_000)).toBe(0);
  });

  it('are ready for what is left of a time after them', () => {
    const sure = { timesMs: [10_000], shares: [1], failureShare: 0, starts: 1 };
    expect(readyForShare(sure, 4_000, 12_000)).toBe(0.5);
    expect(readyForShare(sure, 0, 5_000)).toBe(0);
    expect(readyForShare(sure, 10_000, 5_000)).toBe(0);
    // Half are ready after 10 of 40, a quarter after 20, a twentieth at the end.
    expect(readyForShare(starts, 0, 40)).toBeCloseTo(0.5 * 0.75 + 0.25 * 0.5, 12);
  });
});
