import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { beginHistory, bucketsKept, type DemandHistory } from './demand-history.ts';
import { rebinHistory } from './rebin-history.ts';

const historyOf = (ticksPerBucket: number, arrivals: readonly number[]): DemandHistory => ({
  ...beginHistory(ticksPerBucket),
  seenMs: 1_000_000,
  arrivals,
  expected: arrivals.map((count) => count / 2),
});

describe('a history in other buckets', () => {
  it('joins and cuts buckets from the newest end on', () => {
    // 6 ticks in all: [4 in 2][0 in 2][6 in 2] become [4 + 0 / 2][0 / 2 + 6].
    expect(rebinHistory(historyOf(2, [4, 0, 6]), 3)).toMatchObject({ arrivals: [4, 6], expected: [2, 3] });
    expect(rebinHistory(historyOf(2, [4, 0, 6]), 1).arrivals).toEqual([2, 2, 0, 0, 3, 3]);
    // 4 ticks at the end make a bucket; two at the beginning are left out.
    expect(rebinHistory(historyOf(2, [4, 0, 6]), 4).arrivals).toEqual([6]);
  });

  it('keeps every request of the time that it keeps, the greatest rate, and the moment', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 30 }),
        fc.array(fc.nat(50), { maxLength: 60 }),
        (from, to, arrivals) => {
          const next = rebinHistory(historyOf(from, arrivals), to);
          const ticks = Array.from(
            { length: arrivals.length * from },
            (_, at) => arrivals[Math.floor(at / from)]! / from,
          );
          const kept = ticks.slice(ticks.length - next.arrivals.length * to);
          const sum = (list: readonly number[]): number => list.reduce((total, value) => total + value, 0);
          expect(sum(next.arrivals)).toBeCloseTo(sum(kept), 1);
          expect(kept.length).toBeGreaterThan(ticks.length - to);
          expect(Math.max(0, ...next.expected)).toBeLessThanOrEqual(Math.max(0, ...arrivals) / 2);
          expect(next.seenMs).toBe(1_000_000);
        },
      ),
    );
  });

  it('stays as short as any history', () => {
    const long = historyOf(
      30,
      Array.from({ length: bucketsKept }, () => 1),
    );
    expect(rebinHistory(long, 1).arrivals).toHaveLength(bucketsKept);
  });
});
