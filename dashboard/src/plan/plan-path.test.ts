import { expect, it } from 'vitest';
import { bandPath, linePath } from './plan-path.ts';

const weeks = [
  { lower: 0, estimate: 5, upper: 10 },
  { lower: 5, estimate: 7.5, upper: 20 },
];

it('draws the estimate in the middle of each week, from the bottom up', () => {
  expect(linePath(weeks, 20)).toBe('M25.00,75.00L75.00,62.50');
  expect(linePath([], 20)).toBe('');
});

it('draws the interval along its upper limits and back along the lower ones', () => {
  expect(bandPath(weeks, 20)).toBe('M25.00,50.00L75.00,0.00L75.00,75.00L25.00,100.00Z');
  expect(bandPath([], 20)).toBe('');
});
