import { describe, expect, it } from 'vitest';
import { binomialCdf } from './binomial.ts';
import { drawBinomial } from './draw-binomial.ts';
import { seededRandom } from '../random.ts';

describe('a binomial number', () => {
  it.each([
    [1, 0.3],
    [12, 0.05],
    [40, 0.2],
    [60, 0.17],
    [200, 0.5],
    [1_000, 0.999],
    [20_000, 0.0001],
    [1_000_000, 0.1],
    [1_000_000, 0.93],
  ])('of %d trials at %d has the distribution of one', (trials, share) => {
    const random = seededRandom(trials);
    const draws = 20_000;
    const drawn = Array.from({ length: draws }, () => drawBinomial(random, trials, share)).sort((a, b) => a - b);
    expect(drawn.every((hits) => Number.isInteger(hits) && hits >= 0 && hits <= trials)).toBe(true);
    // Kolmogorov and Smirnov at 0.1%; the test is conservative for whole numbers.
    let greatest = 0;
    drawn.forEach((hits, index) => {
      if (drawn[index + 1] === hits) return;
      greatest = Math.max(greatest, Math.abs((index + 1) / draws - binomialCdf(hits, trials, share)));
    });
    expect(greatest).toBeLessThan(1.95 / Math.sqrt(draws));
  });
  it('is certain at the ends', () => {
    const random = seededRandom(1);
    expect([0, 1].map((share) => drawBinomial(random, 50, share))).toEqual([0, 50]);
    expect(drawBinomial(random, 0, 0.4)).toBe(0);
  });
});
