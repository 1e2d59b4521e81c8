import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from './random.ts';
import { inversionShares, theilSen } from './trend.ts';

const series = (values: readonly number[]) => values.map((value, at) => ({ at, value }));

function ordersOf(values: readonly number[]): readonly (readonly number[])[] {
  if (values.length < 2) return [values];
  return values.flatMap((value, at) =>
    ordersOf([...values.slice(0, at), ...values.slice(at + 1)]).map((rest) => [value, ...rest]),
  );
}
const inversionsOf = (order: readonly number[]): number =>
  order.reduce((sum, value, at) => sum + order.slice(at + 1).filter((later) => later < value).length, 0);

describe('inversions of a random order', () => {
  it('are as often as a count of all orders says', () => {
    for (const n of [1, 2, 3, 4, 5, 6]) {
      const all = ordersOf(Array.from({ length: n }, (_, at) => at));
      inversionShares(n).forEach((share, k) => {
        expect(share).toBeCloseTo(all.filter((order) => inversionsOf(order) === k).length / all.length, 12);
      });
    }
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

  it('misses the truth by each limit in at most 5% of series without one', () => {
    const random = seededRandom(1);
    let [above, below] = [0, 0];
    const runs = 2_000;
    for (let run = 0; run < runs; run += 1) {
      const { lower, upper } = theilSen(series(Array.from({ length: 12 }, () => random.nextShare() ** 3)), 0.95);
      if (lower > 0) above += 1;
      if (upper < 0) below += 1;
    }
    // Five standard deviations above 5%.
    expect(Math.max(above, below)).toBeLessThan(0.05 * runs + 5 * Math.sqrt(0.05 * 0.95 * runs));
    expect(above + below).toBeGreaterThan(0.03 * runs);
  });
});
