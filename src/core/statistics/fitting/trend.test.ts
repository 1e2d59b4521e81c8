import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { inversionShares, pairShares, signedRankShares, type RankLimits } from '../comparison/rank-counts.ts';
import { middleOf, shiftBetween, theilSen } from './trend.ts';

const series = (values: readonly number[]) => values.map((value, at) => ({ at, value }));
const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, at) => at);

function ordersOf(values: readonly number[]): readonly (readonly number[])[] {
  if (values.length < 2) return [values];
  return values.flatMap((value, at) =>
    ordersOf([...values.slice(0, at), ...values.slice(at + 1)]).map((rest) => [value, ...rest]),
  );
}
const inversionsOf = (order: readonly number[]): number =>
  order.reduce((sum, value, at) => sum + order.slice(at + 1).filter((later) => later < value).length, 0);

/** Share of the cases that count to k, by k. */
const sharesOf = (counts: readonly number[], length: number): readonly number[] =>
  Array.from({ length }, (_, k) => counts.filter((count) => count === k).length / counts.length);
const expectClose = (found: readonly number[], expected: readonly number[]): void => {
  expect(found).toHaveLength(expected.length);
  found.forEach((share, k) => expect(share).toBeCloseTo(expected[k] ?? NaN, 12));
};

describe('ranks by chance', () => {
  it.each([1, 2, 3, 4, 5, 6])('have inversions as a count of all orders of %i says', (n) => {
    expectClose(inversionShares(n), sharesOf(ordersOf(numbers(n)).map(inversionsOf), (n * (n - 1)) / 2 + 1));
  });

  it.each([1, 3, 6])('have signed ranks as a count of all signs of %i says', (n) => {
    const sums = numbers(2 ** n).map((signs) =>
      numbers(n).reduce((sum, rank) => sum + ((signs >> rank) & 1) * (rank + 1), 0),
    );
    expectClose(signedRankShares(n), sharesOf(sums, (n * (n + 1)) / 2 + 1));
  });

  it.each([
    [1, 1],
    [2, 3],
    [4, 2],
  ])('have pairs as a count of all orders of %i and %i says', (firsts, seconds) => {
    const counts = ordersOf(numbers(firsts + seconds)).map((order) =>
      order
        .slice(0, firsts)
        .reduce((sum, first) => sum + order.slice(firsts).filter((second) => second > first).length, 0),
    );
    expectClose(pairShares(firsts, seconds), sharesOf(counts, firsts * seconds + 1));
  });
});

describe('the slope of a series', () => {
  it('is the median of the slopes of all pairs', () => {
    // Slopes 2, 1.5, 1, 1, 0.5, 0: the median is 1.
    expect(theilSen(series([0, 2, 3, 3]), 0.95).estimate).toBe(1);
    expect(theilSen(series([5]), 0.95)).toEqual({ estimate: 0, lower: -Infinity, upper: Infinity });
  });

  it('has no limit of 95% of three values, and one of four', () => {
    expect(theilSen(series([1, 2, 3]), 0.95)).toMatchObject({ lower: -Infinity, upper: Infinity });
    expect(theilSen(series([0, 2, 3, 3]), 0.95)).toMatchObject({ lower: 0, upper: 2 });
  });

  it('turns with the series', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 4, maxLength: 14 }), (values) => {
        const [up, down] = [theilSen(series(values), 0.95), theilSen(series(values.map((value) => -value)), 0.95)];
        expect(up.estimate).toBeCloseTo(-down.estimate, 9);
        expect(up.lower).toBeCloseTo(-down.upper, 9);
      }),
    );
  });
});

describe('a shift between two samples', () => {
  it('is the median of the differences, with limits from four and four values on', () => {
    // Differences 3, 4, 5, 6 and one less each: median 4.
    expect(shiftBetween([1, 2], [5, 6, 7], 0.95)).toEqual({ estimate: 4.5, lower: -Infinity, upper: Infinity });
    // P(U = 16) = 1/70, P(U >= 15) = 2/70, P(U >= 14) = 4/70 is above 5%: the limits are the second outermost.
    expect(shiftBetween([0, 0, 0, 0], [1, 2, 3, 4], 0.95)).toMatchObject({ lower: 1, upper: 4 });
  });
});

describe('the middle of values', () => {
  it('is the median of the means of all pairs', () => {
    // Means 1, 1.5, 3, 2, 3.5, 5.
    expect(middleOf([1, 2, 5], 0.95)).toEqual({ estimate: 2.5, lower: -Infinity, upper: Infinity });
    // P(W = 15) = 1/32: the outermost of 15 means.
    expect(middleOf([1, 2, 3, 4, 9], 0.95)).toMatchObject({ lower: 1, upper: 9 });
  });
});

describe('limits of 95%', () => {
  const draw = seededRandom(1);
  const skewed = (count: number): readonly number[] => numbers(count).map(() => draw.nextShare() ** 3);
  const even = (count: number): readonly number[] => numbers(count).map(() => draw.nextShare() - draw.nextShare());
  it.each<[string, () => RankLimits]>([
    ['a slope', () => theilSen(series(skewed(12)), 0.95)],
    ['a shift', () => shiftBetween(skewed(5), skewed(6), 0.95)],
    ['a middle', () => middleOf(even(11), 0.95)],
  ])('of %s miss nothing more often than they may', (_, limits) => {
    const runs = 2_000;
    let [above, below] = [0, 0];
    for (let run = 0; run < runs; run += 1) {
      const { lower, upper } = limits();
      if (lower > 0) above += 1;
      if (upper < 0) below += 1;
    }
    // Five standard deviations above 5%.
    expect(Math.max(above, below)).toBeLessThan(0.05 * runs + 5 * Math.sqrt(0.05 * 0.95 * runs));
    expect(above + below).toBeGreaterThan(0.03 * runs);
  });
});
