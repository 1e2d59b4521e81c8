import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { betaCdf, betaQuantile, lnBinomialMass, lnFactorial, makeBinomialMass } from './binomial.ts';

describe('a quantile of the beta distribution', () => {
  const size = fc.double({ min: 0.5, max: 1e4, noNaN: true });
  it('is where the distribution has that share', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-9, max: 0.999, noNaN: true }), size, size, (share, a, b) => {
        const found = betaQuantile(share, a, b);
        // Beside 1 a number has no digits left for the distance from it.
        fc.pre(found < 1 - 1e-6);
        expect(Math.abs(betaCdf(found, a, b) / share - 1)).toBeLessThan(1e-8);
      }),
    );
  });
  it.each([
    // Far out in either tail, where a search that bisects would run out of steps.
    [1e-12, 0.5, 333, 2.3603243928757257e-27],
    [5e-7, 0.7, 2e6, 4.3456779373799594e-16],
  ])('of %d with a = %d and b = %d is %d', (share, a, b, expected) => {
    expect(Math.abs(betaQuantile(share, a, b) / expected - 1)).toBeLessThan(1e-9);
  });
});

describe('masses of the binomial distribution', () => {
  it('are the same from a table as one by one, on both sides of the end of the table', () => {
    for (const trials of [10, 1_500, 70_000]) {
      const mass = makeBinomialMass(0.3, trials);
      const k = Math.round(trials * 0.3);
      expect(mass(k, trials)).toBe(Math.exp(lnBinomialMass(k, trials, 0.3)));
    }
  });
  it('add up to one', () => {
    const mass = makeBinomialMass(0.07, 1_500);
    const sum = Array.from({ length: 1_501 }, (_, k) => mass(k, 1_500)).reduce((total, each) => total + each, 0);
    expect(sum).toBeCloseTo(1, 10);
  });
  it('come from factorials that are right however the table grows', () => {
    expect(lnFactorial(5)).toBeCloseTo(Math.log(120), 12);
    expect(lnFactorial(3)).toBeCloseTo(Math.log(6), 12);
    expect(lnFactorial(20)).toBeCloseTo(Math.log(2_432_902_008_176_640_000), 10);
  });
});
