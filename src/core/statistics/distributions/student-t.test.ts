import { describe, expect, it } from 'vitest';
import { seededRandom } from '../random.ts';
import { meanInterval, shiftOfMeans, studentTwoSided } from './student-t.ts';

describe('the distribution of Student', () => {
  // scipy.stats.t.ppf(0.975, df) and t.ppf(0.995, df), scipy 1.16
  it.each([
    [0.95, 1, 12.706204736432095],
    [0.95, 4, 2.7764451051977987],
    [0.95, 19, 2.093024054408263],
    [0.99, 19, 2.860934606449914],
    [0.95, 1000, 1.9623390808264078],
  ])('has %f of its mass, with %i degrees of freedom, inside %f', (confidence, freedom, expected) => {
    expect(studentTwoSided(confidence, freedom)).toBeCloseTo(expected, 8);
  });
});

describe('the interval of a mean', () => {
  it('is by hand for three values', () => {
    const { mean, low, high } = meanInterval([1, 2, 3]);
    expect(mean).toBe(2);
    expect(high - mean).toBeCloseTo(4.302652729911275 / Math.sqrt(3), 8);
    expect(mean - low).toBeCloseTo(high - mean, 12);
  });

  it('is the value alone for one', () => {
    expect(meanInterval([7])).toEqual({ mean: 7, low: 7, high: 7 });
  });
});

describe('the shift between two means', () => {
  it('is by hand for three values beside one', () => {
    // Squares 1 + 0 + 1 over 2 degrees of freedom: a variance of 1, and t(0.95, 2) = 2.919985580353726.
    const { estimate, lower, upper } = shiftOfMeans([1, 2, 3], [7], 0.95);
    expect(estimate).toBe(5);
    expect(estimate - lower).toBeCloseTo(2.919985580353726 * Math.sqrt(1 + 1 / 3), 8);
    expect(upper - estimate).toBeCloseTo(estimate - lower, 12);
  });

  it.each([
    [[], [1, 2, 3]],
    [[1, 2, 3], []],
    [[1], [2]],
  ])('has no limits of %j and %j', (firsts, seconds) => {
    expect(shiftOfMeans(firsts, seconds, 0.95)).toEqual({ estimate: 0, lower: -Infinity, upper: Infinity });
  });

  it('misses the truth in 5% of cases on each side, with one value on a side', () => {
    const random = seededRandom(2);
    const normal = (): number =>
      Math.sqrt(-2 * Math.log(1 - random.nextShare())) * Math.cos(2 * Math.PI * random.nextShare());
    const runs = 4_000;
    let [above, below] = [0, 0];
    for (let run = 0; run < runs; run += 1) {
      const { lower, upper } = shiftOfMeans(Array.from({ length: 14 }, normal), [normal()], 0.95);
      if (lower > 0) above += 1;
      if (upper < 0) below += 1;
    }
    // Five standard deviations.
    const most = 5 * Math.sqrt(0.05 * 0.95 * runs);
    for (const missed of [above, below]) expect(Math.abs(missed - 0.05 * runs)).toBeLessThan(most);
  });
});
