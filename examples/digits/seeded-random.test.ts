import { expect, test } from 'vitest';
import { seededRandom } from './seeded-random.ts';

test('one seed draws one sequence, on every machine', () => {
  const random = seededRandom(7);
  const drawn = [random.below(1000), random.below(1000), random.below(1000), random.below(1000)];
  expect(drawn).toEqual([427, 488, 307, 480]);
});

test('a shuffle keeps every item and moves some', () => {
  const items = Array.from({ length: 100 }, (_, index) => index);
  const shuffled = seededRandom(1).shuffle([...items]);
  expect(shuffled).not.toEqual(items);
  expect([...shuffled].sort((a, b) => a - b)).toEqual(items);
});

test('whole numbers below a bound are spread evenly', () => {
  const random = seededRandom(3);
  const counts = [0, 0, 0, 0, 0];
  for (let draw = 0; draw < 50_000; draw += 1) counts[random.below(5)]! += 1;
  // Standard deviation of each count is 89; five of them is a chance of one in a million.
  for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(450);
});
