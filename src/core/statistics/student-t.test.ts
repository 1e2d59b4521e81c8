import { describe, expect, it } from 'vitest';
import { meanInterval, studentTwoSided } from './student-t.ts';

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
