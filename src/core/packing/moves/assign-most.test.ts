import fc from 'fast-check';
import { expect, test } from 'vitest';
import { assignMost } from './assign-most.ts';

test('the best assignment is not the one that takes the largest weight first', () => {
  // Largest first: 9 + 1. The best: 8 + 7.
  expect(
    assignMost([
      [9, 8],
      [7, 1],
    ]),
  ).toEqual([1, 0]);
  expect(assignMost([[1, 5, 2]])).toEqual([1]);
  expect(assignMost([])).toEqual([]);
  expect(() => assignMost([[1], [2]])).toThrow(RangeError);
});

function searchMost(weights: readonly (readonly number[])[], used: readonly number[] = []): number {
  const [first, ...others] = weights;
  if (first === undefined) return 0;
  return Math.max(
    ...first.flatMap((weight, at) => (used.includes(at) ? [] : [weight + searchMost(others, [...used, at])])),
  );
}

test('it reaches what a search through all assignments reaches, and takes each column once', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 5, maxLength: 5 }), { maxLength: 5 }),
      (weights) => {
        const columns = assignMost(weights);
        expect(new Set(columns).size).toBe(weights.length);
        const sum = columns.reduce((total, column, row) => total + (weights[row]?.[column] ?? 0), 0);
        expect(sum).toBe(searchMost(weights));
      },
    ),
  );
});
