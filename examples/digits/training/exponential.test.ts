import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exponential, softmaxInPlace } from './exponential.ts';

test('it is e^x to within a few units of the last place', () => {
  fc.assert(
    fc.property(fc.double({ min: -80, max: 0, noNaN: true }), (x) => {
      expect(Math.abs(exponential(x) / Math.exp(x) - 1)).toBeLessThan(1e-15);
    }),
    { numRuns: 2000 },
  );
});

test('its ends', () => {
  expect(exponential(0)).toBe(1);
  expect(exponential(-0)).toBe(1);
  expect(exponential(-80)).toBeCloseTo(Math.exp(-80), 50);
  expect(exponential(-81)).toBe(0);
  expect(exponential(-1e300)).toBe(0);
});

test('a softmax sums to 1, keeps the order and does not overflow', () => {
  const scores = Float64Array.of(1000, 998, -1000);
  softmaxInPlace(scores);
  expect(scores[0]).toBeCloseTo(1 / (1 + Math.exp(-2)), 14);
  expect(scores[1]).toBeCloseTo(Math.exp(-2) / (1 + Math.exp(-2)), 14);
  expect(scores[2]).toBe(0);
});
