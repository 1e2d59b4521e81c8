import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { binomialCdf } from '../distributions/binomial.ts';
import { lowerRank, censoredQuantileLimits, sampleForUpperLimit, upperRank } from './order-limits.ts';
import { seededRandom } from '../../../testing/builders/files/onnx-models.ts';

const known = (value: number) => ({ atLeast: value, atMost: value });

describe('limits of a quantile by order statistics', () => {
  it.each([
    [0.5, 5],
    [0.9, 29],
    [0.95, 59],
    [0.99, 299],
  ])('the largest of a sample bounds the quantile %d at 95%% from %d values on', (share, least) => {
    expect(sampleForUpperLimit(share, 0.95)).toBe(least);
    expect(upperRank(least, share, 0.95)).toBe(least);
    expect(upperRank(least - 1, share, 0.95)).toBeNull();
  });

  it('are the ranks of the published tables', () => {
    // Conover 1999, table of the binomial: of 20 values the 6th and the 15th bound the median at 95.9% together.
    expect([lowerRank(20, 0.5, 0.975), upperRank(20, 0.5, 0.975)]).toEqual([6, 15]);
    expect(lowerRank(1, 0.9, 0.95)).toBeNull();
    expect(lowerRank(1, 0.99, 0.95)).toBe(1);
    expect(censoredQuantileLimits([], 0.9, 0.95)).toEqual({ estimate: Infinity, lower: 0, upper: Infinity });
  });

  it('take a rank no further out than the confidence asks for', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.double({ min: 0.05, max: 0.99, noNaN: true }), (n, share) => {
        const rank = upperRank(n, share, 0.95);
        if (rank === null) expect(1 - share ** n).toBeLessThan(0.95);
        else {
          expect(binomialCdf(rank - 1, n, share)).toBeGreaterThanOrEqual(0.95);
          if (rank > 1) expect(binomialCdf(rank - 2, n, share)).toBeLessThan(0.95);
        }
      }),
    );
  });

  it('keep their confidence', () => {
    const random = seededRandom(7);
    let [below, above] = [0, 0];
    const rounds = 4_000;
    for (let round = 0; round < rounds; round += 1) {
      const { lower, upper } = censoredQuantileLimits(
        Array.from({ length: 45 }, () => known(random())),
        0.9,
        0.95,
      );
      if (upper < 0.9) below += 1;
      if (lower > 0.9) above += 1;
    }
    // 5% with three standard errors of the simulation.
    expect(Math.max(below, above) / rounds).toBeLessThan(0.05 + 3 * Math.sqrt((0.05 * 0.95) / rounds));
    expect(Math.min(below, above)).toBeGreaterThan(0);
  });

  it('only grow wider where a value is censored', () => {
    const spans = fc.array(
      fc.tuple(fc.double({ min: 0, max: 100, noNaN: true }), fc.double({ min: 0, max: 100, noNaN: true })),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(spans, (pairs) => {
        const exact = censoredQuantileLimits(
          pairs.map(([value]) => known(value)),
          0.8,
          0.9,
        );
        const wide = censoredQuantileLimits(
          pairs.map(([value, less], at) => ({
            atLeast: Math.min(value, less),
            atMost: at % 3 === 0 ? Infinity : value,
          })),
          0.8,
          0.9,
        );
        expect(wide.lower).toBeLessThanOrEqual(exact.lower);
        expect(wide.upper).toBeGreaterThanOrEqual(exact.upper);
      }),
    );
  });
});
