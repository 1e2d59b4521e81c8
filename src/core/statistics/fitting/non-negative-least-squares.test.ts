import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitNonNegative } from './non-negative-least-squares.ts';

const rounded = (values: readonly number[]) => values.map((value) => Number(value.toFixed(9)));

describe('non-negative least squares', () => {
  it('gives back a line that has no noise', () => {
    const { coefficients, squares } = fitNonNegative(
      [1, 2, 5].map((x) => [1, x]),
      [1, 2, 5].map((x) => 3 + 2 * x),
    );
    expect(rounded(coefficients)).toEqual([3, 2]);
    expect(squares).toBeCloseTo(0, 12);
  });

  it('sets to zero what would be negative, and fits the rest anew', () => {
    // Plain least squares gives 4 - x; without the slope the mean is best: (3 + 2 + 1) / 3, off by 1, 0 and 1.
    const { coefficients, squares } = fitNonNegative(
      [1, 2, 3].map((x) => [1, x]),
      [3, 2, 1],
    );
    expect(rounded(coefficients)).toEqual([2, 0]);
    expect(squares).toBeCloseTo(2, 12);
  });

  it('takes one of two columns that say the same', () => {
    expect(
      rounded(
        fitNonNegative(
          [
            [1, 2],
            [2, 4],
          ],
          [3, 6],
        ).coefficients,
      ),
    ).toEqual([3, 0]);
  });

  it('is all zeros where nothing positive helps', () => {
    expect(fitNonNegative([[1], [2]], [-1, -2])).toEqual({ coefficients: [0], squares: 5 });
  });

  it('refuses rows that do not fit', () => {
    expect(() => fitNonNegative([[1], [1, 2]], [1, 2])).toThrow(RangeError);
    expect(() => fitNonNegative([[1]], [1, 2])).toThrow(RangeError);
  });

  it('satisfies the conditions of an optimum (Karush, Kuhn and Tucker) for any data', () => {
    const small = fc.double({ min: -10, max: 10, noNaN: true });
    const data = fc.integer({ min: 1, max: 4 }).chain((columns) =>
      fc.array(fc.tuple(fc.array(small, { minLength: columns, maxLength: columns }), small), {
        minLength: 1,
        maxLength: 8,
      }),
    );
    fc.assert(
      fc.property(data, (pairs) => {
        const rows = pairs.map(([row]) => row);
        const values = pairs.map(([, value]) => value);
        const { coefficients } = fitNonNegative(rows, values);
        const left = rows.map(
          (row, at) => (values[at] ?? 0) - row.reduce((sum, x, column) => sum + x * (coefficients[column] ?? 0), 0),
        );
        const scale = 1e-5 * Math.max(1, ...rows.flat().map(Math.abs)) * Math.max(1, ...values.map(Math.abs));
        for (const [column, coefficient] of coefficients.entries()) {
          const gradient = rows.reduce((sum, row, at) => sum + (row[column] ?? 0) * (left[at] ?? 0), 0);
          expect(coefficient).toBeGreaterThanOrEqual(0);
          expect(gradient).toBeLessThanOrEqual(scale * rows.length);
          if (coefficient > 0) expect(Math.abs(gradient)).toBeLessThanOrEqual(scale * rows.length);
        }
      }),
    );
  });
});
