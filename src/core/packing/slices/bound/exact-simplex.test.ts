import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maximizeExactly } from './exact-simplex.ts';

const dot = (a: readonly bigint[], b: readonly bigint[]): bigint =>
  a.reduce((sum, each, at) => sum + each * (b[at] ?? 0n), 0n);

describe('the exact maximum of a linear program', () => {
  it('is that of a program solved by hand', () => {
    // 3x + 5y with x <= 4, 2y <= 12, 3x + 2y <= 18: x = 2, y = 6 (Hillier and Lieberman, "Wyndor Glass").
    const optimum = maximizeExactly(
      [3n, 5n],
      [
        [1n, 0n],
        [0n, 2n],
        [3n, 2n],
      ],
      [4n, 12n, 18n],
    )!;
    const { denominator } = optimum;
    expect(optimum.values.map((value) => value / denominator)).toEqual([2n, 6n]);
    expect(optimum.objective).toBe(36n * denominator);
    // The second limit is worth 3/2, and the third 1.
    expect(optimum.rowPrices.map((price) => (2n * price) / denominator)).toEqual([0n, 3n, 2n]);
  });

  it('ends where the largest-gain rule goes in circles', () => {
    // Beale 1955, times 100: the maximum is 5, at x = (4, 0, 100, 0) / 100.
    const optimum = maximizeExactly(
      [75n, -15_000n, 2n, -600n],
      [
        [25n, -6_000n, -4n, 900n],
        [50n, -9_000n, -2n, 300n],
        [0n, 0n, 1n, 0n],
      ],
      [0n, 0n, 1n],
    )!;
    expect(optimum.objective).toBe(5n * optimum.denominator);
    expect(optimum.values.map((value) => (100n * value) / optimum.denominator)).toEqual([4n, 0n, 100n, 0n]);
  });

  it('does not exist where nothing limits a variable that gains', () => {
    expect(maximizeExactly([1n, 1n], [[1n, -1n]], [3n])).toBeNull();
    expect(maximizeExactly([1n], [], [])).toBeNull();
  });

  it('is proven by the prices of the rows, whatever the program', () => {
    const entry = fc.bigInt({ min: -6n, max: 9n });
    const program = fc.tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 8 })).chain(([n, m]) =>
      fc.record({
        gains: fc.array(entry, { minLength: n, maxLength: n }),
        rows: fc.array(fc.array(entry, { minLength: n, maxLength: n }), { minLength: m, maxLength: m }),
        limits: fc.array(fc.bigInt({ min: 0n, max: 9n }), { minLength: m, maxLength: m }),
      }),
    );
    let solved = 0;
    fc.assert(
      fc.property(program, ({ gains, rows, limits }) => {
        const optimum = maximizeExactly(gains, rows, limits);
        if (optimum === null) return;
        solved += 1;
        const { values, rowPrices, objective, denominator } = optimum;
        expect(denominator > 0n && values.every((value) => value >= 0n)).toBe(true);
        rows.forEach((row, at) => expect(dot(row, values) <= (limits[at] ?? 0n) * denominator).toBe(true));
        expect(dot(gains, values)).toBe(objective);
        // Weak duality: prices of the rows that cover every gain cost at least any objective.
        expect(rowPrices.every((price) => price >= 0n)).toBe(true);
        gains.forEach((gain, at) =>
          expect(
            rows.reduce((sum, row, index) => sum + (row[at] ?? 0n) * (rowPrices[index] ?? 0n), 0n) >=
              gain * denominator,
          ).toBe(true),
        );
        expect(dot(limits, rowPrices)).toBe(objective);
      }),
      { numRuns: 2_000 },
    );
    expect(solved).toBeGreaterThan(500);
  });
});
