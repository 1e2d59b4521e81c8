import fc from 'fast-check';
import { expect, test } from 'vitest';
import { wilsonInterval } from './wilson.ts';

test('the worked number: 1470 right of 1500', () => {
  const { low, high } = wilsonInterval(1470, 1500);
  expect(low).toBeCloseTo(0.9716, 4);
  expect(high).toBeCloseTo(0.98596, 4);
});

test('nothing measured says nothing', () => {
  expect(wilsonInterval(0, 0)).toEqual({ low: 0, high: 1 });
});

test('the interval holds the share and stays within 0..1', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (rows, share) => {
      const right = Math.round(rows * share);
      const { low, high } = wilsonInterval(right, rows);
      expect(low).toBeGreaterThanOrEqual(0);
      expect(high).toBeLessThanOrEqual(1);
      expect(low).toBeLessThanOrEqual(right / rows + 1e-12);
      expect(high).toBeGreaterThanOrEqual(right / rows - 1e-12);
    }),
  );
});
