import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { addToBatches, beginBatches } from './batch-means.ts';
import { isWithinTolerance, upperOfShares } from './upper-limit.ts';

const shares = [0.5, 0.3, 0.2];
const tolerance = { sd: 0.2, totalVariation: 0.1 };

describe('the upper limit of a distance of shares', () => {
  it('holds the distance, and comes near it with many rows', () => {
    const live = [0.6, 0.25, 0.15];
    let last = 1;
    for (const [seed, rows] of [
      [1, 300],
      [2, 3_000],
      [3, 30_000],
    ] as const) {
      const random = seededRandom(seed);
      const counts = [0, 0, 0];
      const batches = beginBatches();
      for (let at = 0; at < rows; at += 1) {
        const drawn = random.nextShare();
        const category = drawn < 0.6 ? 0 : drawn < 0.85 ? 1 : 2;
        counts[category] = (counts[category] ?? 0) + 1;
        addToBatches(batches, category === 0 ? 0.5 : -0.5);
      }
      const upper = upperOfShares({ counts, shares, batches, rowVariance: 0.24, alpha: 0.001 }) ?? NaN;
      expect(upper).toBeGreaterThan(live.reduce((sum, each, at) => sum + Math.abs(each - (shares[at] ?? 0)), 0) / 2);
      expect(upper).toBeLessThan(last);
      last = upper;
    }
    expect(last).toBeLessThan(0.12);
  });

  it('is further off where rows depend on each other, and not known without rows', () => {
    const batches = { ...beginBatches(), rows: 1_000, sum: 500, squares: 500 };
    const of = (rowVariance: number) =>
      upperOfShares({ counts: [500, 300, 200], shares, batches, rowVariance, alpha: 0.001 }) ?? NaN;
    expect(of(2.5)).toBeGreaterThan(2 * of(0.25));
    expect(upperOfShares({ counts: [0, 0, 0], shares, batches, rowVariance: 1, alpha: 0.1 })).toBeUndefined();
  });

  it.each([
    ['known', 'mean', 0.19, true],
    ['known', 'mean', 0.21, false],
    ['known', 'shares', 0.1, true],
    ['known', 'missing', 0.11, false],
    ['known', 'mean', undefined, false],
    ['unknown', 'mean', 0, false],
  ] as const)('%s %s of %s: within %s', (state, measure, upper, expected) => {
    expect(isWithinTolerance({ state, measure, ...(upper === undefined ? {} : { upper }) }, tolerance)).toBe(expected);
  });
});
