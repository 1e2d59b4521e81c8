import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { interpolate, isotonicRegression } from './isotonic.ts';

const points = fc.array(
  fc.record({
    x: fc.integer({ min: 0, max: 20 }),
    y: fc.double({ min: -100, max: 100, noNaN: true }),
    weight: fc.integer({ min: 1, max: 50 }),
  }),
  { minLength: 1, maxLength: 30 },
);
const total = (of: readonly { readonly y: number; readonly weight: number }[]): number =>
  of.reduce((sum, { y, weight }) => sum + y * weight, 0);

describe('isotonic regression', () => {
  it('pools what decreases by weight, and leaves the rest', () => {
    const fitted = isotonicRegression([
      { x: 1, y: 1, weight: 1 },
      { x: 2, y: 5, weight: 3 },
      { x: 3, y: 1, weight: 1 },
      { x: 4, y: 9, weight: 1 },
    ]);
    expect(fitted.map(({ x, y }) => [x, y])).toEqual([
      [1, 1],
      [2, 4],
      [3, 4],
      [4, 9],
    ]);
  });

  it('never decreases, has one value for each x, and keeps the weighted sum', () => {
    fc.assert(
      fc.property(points, (given) => {
        const fitted = isotonicRegression(given);
        expect(fitted.map(({ x }) => x)).toEqual([...new Set(given.map(({ x }) => x))].sort((a, b) => a - b));
        fitted.slice(1).forEach(({ y }, at) => expect(y).toBeGreaterThanOrEqual(fitted[at]?.y ?? NaN));
        expect(total(fitted)).toBeCloseTo(total(given), 6);
      }),
    );
  });

  it('is drawn as lines between its points, and flat beyond them', () => {
    const line = [
      { x: 2, y: 10 },
      { x: 4, y: 20 },
    ];
    expect([1, 2, 3, 4, 9].map((x) => interpolate(line, x))).toEqual([10, 10, 15, 20, 20]);
    expect(() => interpolate([], 1)).toThrow(RangeError);
  });
});
