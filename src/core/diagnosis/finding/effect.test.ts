import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../statistics/random.ts';
import { estimateEffect, limitRank, type Round } from './effect.ts';

/** A round whose difference of logarithms is this. */
const roundOf = (difference: number): Round => ({
  without: [100, 100],
  withChange: [100 * Math.exp(difference), 100 * Math.exp(difference)],
});

describe('the effect of a change', () => {
  it('is the geometric mean of the rounds, with the limits of three rounds', () => {
    // Subset means of ln 1.1, ln 1.2, ln 1.3, computed by hand; levels 1/8 and 2/8 are the ranks 1 and 2.
    const rounds = [1.1, 1.2, 1.3].map((ratio) => roundOf(Math.log(ratio)));
    const { estimate, lower, upper } = estimateEffect(rounds, { lower: 1 / 8, upper: 2 / 8 });
    expect(estimate).toBeCloseTo((1.1 * 1.2 * 1.3) ** (1 / 3) - 1, 12);
    expect(lower).toBeCloseTo(0.1, 12);
    // The greatest mean is 1.3, the second greatest that of 1.2 and 1.3.
    expect(upper).toBeCloseTo(Math.sqrt(1.2 * 1.3) - 1, 12);
  });

  it('has no limits with too few rounds for the level', () => {
    const { lower, upper } = estimateEffect([roundOf(1), roundOf(1)], { lower: 0.01, upper: 0.01 });
    expect([lower, upper]).toEqual([-1, Infinity]);
  });

  it('does not see a steady drift of the machine, in either order', () => {
    const drift = (at: number): number => 100 * Math.exp(-0.2 * at);
    const abba: Round = { without: [drift(0), drift(3)], withChange: [drift(1), drift(2)] };
    const baab: Round = { without: [drift(1), drift(2)], withChange: [drift(0), drift(3)] };
    expect(estimateEffect([abba, baab], { lower: 0.5, upper: 0.5 }).estimate).toBeCloseTo(0, 12);
  });

  it('refuses blocks in which nothing was measured', () => {
    expect(() => estimateEffect([{ without: [1, 0], withChange: [1, 1] }], { lower: 0.5, upper: 0.5 })).toThrow(
      RangeError,
    );
    expect(() => estimateEffect([], { lower: 0.5, upper: 0.5 })).toThrow(RangeError);
  });

  it('turns round when with and without change places', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 4, maxLength: 9 }),
        (differences) => {
          const levels = { lower: 0.1, upper: 0.1 };
          const there = estimateEffect(differences.map(roundOf), levels);
          const back = estimateEffect(
            differences.map((each) => roundOf(-each)),
            levels,
          );
          expect(Math.log1p(back.lower)).toBeCloseTo(-Math.log1p(there.upper), 9);
          expect(there.lower).toBeLessThanOrEqual(there.estimate + 1e-12);
        },
      ),
    );
  });

  it('has a lower limit above the truth with the stated probability, for heavy tails too', () => {
    const random = seededRandom(16);
    const [rounds, level, runs] = [8, 0.05, 4_000];
    let above = 0;
    for (let run = 0; run < runs; run += 1) {
      // Cauchy: no mean, no variance, symmetric about 0.
      const drawn = Array.from({ length: rounds }, () => Math.tan(Math.PI * (random.nextShare() - 0.5)) / 100);
      if (estimateEffect(drawn.map(roundOf), { lower: level, upper: level }).lower > 0) above += 1;
    }
    // Exactly 12 / 256 = 4.69%; four standard deviations of 4,000 runs are 1.3%.
    expect(limitRank(rounds, level)).toBe(12);
    expect(above / runs).toBeGreaterThan(0.0335);
    expect(above / runs).toBeLessThan(0.0605);
  });

  it('agrees with the permutation of all signs', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 6, maxLength: 6 }),
        fc.constantFrom(1 / 64, 2 / 64, 5 / 64),
        (differences, level) => {
          const { lower } = estimateEffect(differences.map(roundOf), { lower: level, upper: level });
          const limit = Math.log1p(lower);
          // Just below the limit the sign test rejects, just above it does not.
          expect(signTestPValue(differences, limit - 1e-7)).toBeLessThanOrEqual(level + 1e-12);
          expect(signTestPValue(differences, limit + 1e-7)).toBeGreaterThan(level);
        },
      ),
    );
  });
});

/** Share of the sign patterns whose sum is at least the observed one, of "the true difference is at most `at`". */
function signTestPValue(differences: readonly number[], at: number): number {
  const shifted = differences.map((each) => each - at);
  const observed = shifted.reduce((sum, each) => sum + each, 0);
  let asLarge = 0;
  for (let pattern = 0; pattern < 2 ** shifted.length; pattern += 1) {
    const sum = shifted.reduce((total, each, index) => total + ((pattern >> index) & 1 ? each : -each), 0);
    if (sum >= observed - 1e-12) asLarge += 1;
  }
  return asLarge / 2 ** shifted.length;
}
