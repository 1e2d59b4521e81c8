import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import type { ReferenceSummary } from '../features/reference.ts';
import { addToBatch, beginBatches, closeBatch, roomOf } from './batch-means.ts';
import { beginDistance, learnRows } from './distance.ts';
import { distancesOf } from './tell-distances.ts';
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
        addToBatch(batches, Float64Array.of(category === 0 ? 0.5 : -0.5), 0, 1);
        if (roomOf(batches) === 0) closeBatch(batches);
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

describe('how recent the rows of an upper limit are', () => {
  const summary = {
    ...{ referenceVersion: 1, featuresVersion: 1, rows: 10_000, ofRows: 10_000, cut: null },
    features: [
      {
        ...{ name: 'x', group: 'x', kind: 'numeric', missingShare: 0 },
        numeric: { mean: 0, sd: 1, quantiles: { p05: 0, p25: 0, p50: 0, p75: 0, p95: 0 } },
      },
    ],
  } as const satisfies ReferenceSummary;
  const rows = 2_304;
  /** Rows one second apart, of which neighbours have this correlation, and whose mean is off: what is known after every 48 rows. */
  function follow(seed: number, rho: number, mean: number, count = rows) {
    const random = seededRandom(seed);
    let [last, state] = [0, beginDistance(summary)];
    const known = [];
    for (let at = 0; at < count; at += 48) {
      const values = Array.from({ length: 48 }, () => {
        const normal = Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
        last = rho * last + Math.sqrt(1 - rho * rho) * normal;
        return { values: { status: '200', x: mean + last } };
      });
      state = learnRows(state, summary, values, at);
      known.push(distancesOf(state, summary, tolerance).find(({ measure }) => measure === 'mean'));
    }
    return known;
  }
  const run = (seed: number, rho: number, mean: number, count = rows) => follow(seed, rho, mean, count).at(-1);

  it('is the newest look for nearly every stream of independent rows, whatever their batches look like by chance', () => {
    const known = Array.from({ length: 200 }, (_, seed) => run(seed + 1, 0, 0));
    const stale = known.filter((one) => one?.state !== 'known' || (one.untilMs ?? 0) < rows - 48);
    expect(stale.length).toBeLessThan(0.08 * known.length);
  });

  it('lacks at most a sixth of the rows, long before the next look at all limits', () => {
    const known = Array.from({ length: 200 }, (_, seed) => run(seed + 1, 0, 0, 2_880));
    const stale = known.filter((one) => one?.state !== 'known' || (one.untilMs ?? 0) < 2_400);
    expect(stale.length).toBeLessThan(0.08 * known.length);
  });

  it.each([0, 0.5, 0.9])(
    'holds the distance at every moment of 19 in 20 of 400 streams with a correlation of %s',
    (rho) => {
      const streams = Array.from({ length: 400 }, (_, seed) => follow(3_000 + seed, rho, 0.2));
      const broken = streams.filter((known) => known.some((one) => one?.state === 'known' && (one.upper ?? 1) < 0.2));
      expect(broken.length).toBeLessThanOrEqual(20);
    },
  );

  it.each([0, 0.5, 0.9])('holds the distance of 19 in 20 of 400 streams with a correlation of %s', (rho) => {
    const uppers = Array.from({ length: 400 }, (_, seed) => run(1_000 + seed, rho, 0.2));
    const broken = uppers.filter((one) => one?.state === 'known' && (one.upper ?? Infinity) < 0.2);
    expect(broken.length).toBeLessThanOrEqual(20);
  });
});
