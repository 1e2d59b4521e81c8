import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clopperPearson, wilson } from '../distributions/binomial.ts';
import { holm } from './holm.ts';
import {
  exactPairedLower,
  exactPairedPValue,
  exactPairedPValueBelow,
  exactPairedUpper,
  isExactlyRejected,
} from './paired-exact.ts';
import { pairedDifference, swapped, tangoLimits, tangoPValue, tangoScore, waldPasses } from './paired-score.ts';
import { powerOfPaired, rowsForPaired, rowsForShare, rowsForStandardError } from '../limits/required-rows.ts';

const counts = (onlyFirst: number, onlySecond: number, rows: number) => ({ onlyFirst, onlySecond, rows });
const tables = fc
  .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 30 }), fc.integer({ min: 60, max: 2_000 }))
  .map(([b, c, n]) => counts(b, c, n));

describe('the score of paired shares', () => {
  it('is that of worked values: 95% limits (method of Tango)', () => {
    // With no row discordant the limit is z^2 / (n + z^2).
    const z = 1.959963984540054;
    expect(tangoLimits(counts(0, 0, 50), 0.975).upper).toBeCloseTo(z ** 2 / (50 + z ** 2), 12);
    expect(tangoLimits(counts(1, 0, 50), 0.975)).toMatchObject({
      lower: expect.closeTo(-0.0528, 4) as number,
      upper: expect.closeTo(0.105, 4) as number,
    });
  });
  it('is that of McNemar at a difference of zero', () => {
    expect(tangoScore(counts(12, 5, 100), 0)).toBeCloseTo(7 / Math.sqrt(17), 12);
  });
  it('falls as the difference rises, and turns its sign with the raters', () => {
    fc.assert(
      fc.property(tables, fc.double({ min: -0.9, max: 0.9, noNaN: true }), (table, difference) => {
        expect(tangoScore(table, difference + 0.01)).toBeLessThanOrEqual(tangoScore(table, difference) + 1e-9);
        expect(tangoScore(swapped(table), -difference)).toBeCloseTo(-tangoScore(table, difference), 7);
      }),
    );
  });
  it('rises with the rows that only the first gets right and falls with the others: what the exact test rests on', () => {
    fc.assert(
      fc.property(tables, fc.double({ min: -0.2, max: 0.2, noNaN: true }), (table, difference) => {
        const { onlyFirst, onlySecond, rows } = table;
        const score = tangoScore(table, difference);
        expect(tangoScore(counts(onlyFirst + 1, onlySecond, rows), difference)).toBeGreaterThanOrEqual(score - 1e-9);
        expect(tangoScore(counts(onlyFirst, onlySecond + 1, rows), difference)).toBeLessThanOrEqual(score + 1e-9);
      }),
    );
  });
  it('has limits about the estimate that its own test does not reject', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const { lower, upper } = tangoLimits(table, 0.95);
        expect(lower).toBeLessThanOrEqual(pairedDifference(table));
        expect(upper).toBeGreaterThanOrEqual(pairedDifference(table));
        expect(tangoPValue(table, lower + 1e-6)).toBeGreaterThan(0.0499);
      }),
    );
  });
});

describe('the exact test', () => {
  it('is the power of one binomial where nothing is discordant: (1 - margin)^n', () => {
    expect(exactPairedPValue(counts(0, 0, 500), -0.005)).toBeCloseTo(0.995 ** 500, 5);
  });
  it('is close to the score for many rows', () => {
    const table = counts(500, 530, 20_000);
    expect(exactPairedPValue(table, -0.005)).toBeCloseTo(tangoPValue(table, -0.005), 3);
  });
  it('has limits on which its p-value is the level', () => {
    const table = counts(9, 5, 300);
    const [lower, upper] = [exactPairedLower(table, 0.95), exactPairedUpper(table, 0.95)];
    expect(exactPairedPValue(table, lower)).toBeLessThanOrEqual(0.05);
    expect(exactPairedPValue(table, lower + 1e-3)).toBeGreaterThan(0.05);
    expect(exactPairedPValueBelow(table, upper)).toBeLessThanOrEqual(0.05);
  });
  it('has a limit that lies at its level whatever the table: rejected there, and not a thousandth of the distance above', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const lower = exactPairedLower(table, 0.95);
        const distance = pairedDifference(table) - lower;
        expect(exactPairedPValue(table, lower)).toBeLessThanOrEqual(0.05);
        // The test is a sum over tables and steps as they come and go, so that some point just above is not rejected.
        const above = [1e-5, 1e-4, 1e-3].map((share) => exactPairedPValue(table, lower + share * distance));
        expect(Math.max(...above)).toBeGreaterThan(0.05);
      }),
      { numRuns: 40, examples: [[{ onlyFirst: 10, onlySecond: 25, rows: 710 }]] },
    );
  });
  it.each([
    [105, 4, 1500, 0.95, 0.05670549606866741],
    [10, 25, 710, 0.95, -0.03576401635815732],
    [3, 0, 20, 0.975, -0.03634435071008961],
    [21, 7, 91, 0.95, 0.05849985648552927],
    [23, 5, 2842, 0.975, 0.002626760712647346],
    [36, 231, 1024, 0.975, -0.2199829970602586],
  ])('has the limit that a search without short cuts finds: %i, %i of %i', (first, second, rows, confidence, limit) => {
    expect(exactPairedLower(counts(first, second, rows), confidence)).toBe(limit);
  });
  it('rejects at once what its p-value rejects, and nothing else', () => {
    const anyDifference = fc.double({ min: -0.2, max: 0.2, noNaN: true });
    let [rejected, tested] = [0, 0];
    fc.assert(
      fc.property(tables, anyDifference, fc.constantFrom(0.05, 0.01, 0.5), (table, difference, level) => {
        const expected = exactPairedPValue(table, difference) <= level;
        expect(isExactlyRejected(table, difference, level)).toBe(expected);
        rejected += Number(expected);
        tested += 1;
      }),
      { numRuns: 300 },
    );
    expect(rejected).toBeGreaterThan(tested / 10);
    expect(isExactlyRejected(counts(0, 0, 500), 0, 0.05)).toBe(false);
    expect(isExactlyRejected(counts(40, 0, 40), 0.5, 0.05)).toBe(true);
  });
  it('is never small in both directions, and a wider margin is never harder to meet', () => {
    fc.assert(
      fc.property(tables, (table) => {
        const narrow = exactPairedPValue(table, -0.01);
        expect(Math.max(narrow, exactPairedPValueBelow(table, -0.01))).toBeGreaterThanOrEqual(0.5);
        expect(exactPairedPValue(table, -0.03)).toBeLessThanOrEqual(narrow + 1e-6);
      }),
      { numRuns: 40 },
    );
  });
  it('holds its level at every discordance, where Wald does not', () => {
    const [rows, margin] = [60, 0.05];
    let most = 0;
    let wald = 0;
    for (const discordance of [0.05, 0.06, 0.08, 0.1, 0.15, 0.2, 0.3]) {
      most = Math.max(
        most,
        passShare(rows, discordance, margin, (t) => exactPairedPValue(t, -margin) <= 0.05),
      );
      wald = Math.max(
        wald,
        passShare(rows, discordance, margin, (t) => waldPasses(t, margin, 1.6448536269514722)),
      );
    }
    expect(most).toBeLessThanOrEqual(0.05);
    expect(most).toBeGreaterThan(0.03);
    expect(wald).toBeGreaterThan(0.055);
  }, 60_000);
});

/** Probability of passing when the first is worse by exactly the margin: over every table. */
function passShare(
  rows: number,
  discordance: number,
  margin: number,
  passes: (table: ReturnType<typeof counts>) => boolean,
): number {
  const [first, second] = [(discordance - margin) / 2, (discordance + margin) / 2];
  let sum = 0;
  let massOfB = (1 - first) ** rows;
  for (let b = 0; b <= Math.min(rows, 30); b += 1) {
    const rest = second / (1 - first);
    let mass = massOfB * (1 - rest) ** (rows - b);
    for (let c = 0; c <= Math.min(rows - b, 40); c += 1) {
      if (mass > 1e-12 && passes(counts(b, c, rows))) sum += mass;
      mass *= ((rows - b - c) / (c + 1)) * (rest / (1 - rest));
    }
    massOfB *= ((rows - b) / (b + 1)) * (first / (1 - first));
  }
  return sum;
}

describe('rows that would decide', () => {
  it('are some 5,000 for equal versions that disagree on 2% of rows, at a margin of 0.5%', () => {
    const rates = { firstShare: 0.01, secondShare: 0.01 };
    expect(rowsForPaired(rates, 0.005, 0.95)).toBe(5_131);
    expect(powerOfPaired(rates, 5_131, 0.005, 0.95)).toBeCloseTo(0.8, 3);
  });
  it('are none where the difference is on the wrong side', () => {
    expect(rowsForPaired({ firstShare: 0.01, secondShare: 0.02 }, 0.005, 0.95)).toBeNull();
    expect(rowsForShare(0.9, 0.9, 0.95)).toBeNull();
    expect(rowsForStandardError(100, 0.1, 0, 0.95)).toBeNull();
  });
  it('shrink with the square of the distance', () => {
    expect(rowsForStandardError(100, 0.01, 0.02, 0.95)).toBe(Math.ceil(100 * (2.4864749 / 2) ** 2));
  });
});

describe('limits of a share', () => {
  it('are those of the textbook for none of n: 1 - alpha^(1/n)', () => {
    expect(clopperPearson(0, 10, 0.95)).toEqual({ lower: 0, upper: expect.closeTo(1 - 0.05 ** 0.1, 12) as number });
    expect(clopperPearson(81, 263, 0.975).lower).toBeCloseTo(0.2527, 4);
    expect(wilson(81, 263, 0.975)).toEqual({
      lower: expect.closeTo(0.2553, 4) as number,
      upper: expect.closeTo(0.3662, 4) as number,
    });
  });
});

describe('Holm', () => {
  it('multiplies the smallest by their number, the next by one less, and never falls', () => {
    const adjusted = holm([0.01, 0.04, 0.03, 0.005]);
    [0.03, 0.06, 0.06, 0.02].forEach((value, index) => expect(adjusted[index]).toBeCloseTo(value, 12));
    expect(holm([])).toEqual([]);
  });
  it('is at least the p-value, at most Bonferroni', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 }), (values) => {
        holm(values).forEach((adjusted, index) => {
          expect(adjusted).toBeGreaterThanOrEqual(values[index]!);
          expect(adjusted).toBeLessThanOrEqual(Math.min(1, values.length * values[index]!));
        });
      }),
    );
  });
});
