import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failsAtEveryRate, nextOpenRate, openRunsAtMost, type TriedRate } from './rate-search.ts';

/** Every rate that is tried against a replica that holds up to `truth`. */
function search(promised: number, truth: number): readonly TriedRate[] {
  const tried: TriedRate[] = [];
  for (;;) {
    const perSecond = nextOpenRate(promised, tried);
    if (perSecond === null) return tried;
    tried.push({ perSecond, held: perSecond <= truth });
  }
}
const largestHeld = (tried: readonly TriedRate[]): number =>
  Math.max(0, ...tried.filter(({ held }) => held).map(({ perSecond }) => perSecond));

describe('the search for the largest rate that holds', () => {
  it('tries 80%, 95% and 105% of what closed loops promise first', () => {
    expect(
      search(100, 104)
        .slice(0, 3)
        .map(({ perSecond }) => perSecond),
    ).toEqual([80, 95, 105]);
    expect(nextOpenRate(100, [{ perSecond: 80, held: false }])).toBe(64);
  });

  it('ends within 3% below the truth, in a bounded number of runs', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0.1, max: 1e5, noNaN: true }),
        fc.double({ min: 0.3, max: 1.6, noNaN: true }),
        (promised, share) => {
          const tried = search(promised, promised * share);
          expect(tried.length).toBeLessThanOrEqual(openRunsAtMost);
          const found = largestHeld(tried);
          expect(found).toBeLessThanOrEqual(promised * share);
          expect(found).toBeGreaterThanOrEqual((promised * share) / 1.0301);
        },
      ),
    );
  });

  it('gives up on a replica that holds no rate', () => {
    const tried = search(100, 0);
    expect(tried).toHaveLength(openRunsAtMost);
    expect(tried.at(-1)?.perSecond).toBeLessThan(20);
  });
});

describe('failures at every rate', () => {
  const tried = (...shares: readonly number[]) =>
    shares.map((failedShare, at) => ({ perSecond: 80 * 0.8 ** at, held: false, failedShare }));
  it('end the search after four runs', () => {
    expect(failsAtEveryRate(tried(0.3, 0.31, 0.29))).toBe(false);
    expect(failsAtEveryRate(tried(0.3, 0.31, 0.29, 0.3))).toBe(true);
  });
  it('do not where they fall with the rate, where there are none, or where one held', () => {
    expect(failsAtEveryRate(tried(0.3, 0.25, 0.2, 0.15))).toBe(false);
    expect(failsAtEveryRate(tried(0, 0, 0, 0))).toBe(false);
    expect(failsAtEveryRate(tried())).toBe(false);
    expect(failsAtEveryRate([{ perSecond: 80, held: true, failedShare: 0 }, ...tried(0.3, 0.3, 0.3, 0.3)])).toBe(false);
  });
});
