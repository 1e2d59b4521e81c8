import { expect, test } from 'vitest';
import { minimiseConvex } from './cutting-planes.ts';

test('the minimum of a convex function with edges is found to a hundred-thousandth', () => {
  const found = minimiseConvex(
    ({ x, y }) => ({ value: Math.abs(x - 3) + 2 * Math.abs(y - 7), x: Math.sign(x - 3), y: 2 * Math.sign(y - 7) }),
    { x: 10, y: 20 },
    60,
  );
  expect(Math.abs(found.x - 3) + 2 * Math.abs(found.y - 7)).toBeLessThan(1e-3);
});

test('a minimum at the corner where all prices are 0 is taken exactly', () => {
  expect(minimiseConvex(({ x, y }) => ({ value: x + y, x: 1, y: 1 }), { x: 5, y: 5 }, 40)).toEqual({ x: 0, y: 0 });
});

test('an area without width is searched along its length', () => {
  const found = minimiseConvex(
    ({ x, y }) => ({ value: Math.abs(x - 2) + y, x: Math.sign(x - 2), y: 1 }),
    { x: 8, y: 0 },
    60,
  );
  expect(found.y).toBe(0);
  expect(Math.abs(found.x - 2)).toBeLessThan(1e-3);
});
