import { expect, test } from 'vitest';
import { BodyPace } from './body-pace.ts';

test('a window ends when it is filled, and a byte now and then extends nothing', () => {
  const pace = new BodyPace({ windowMs: 10_000, leastBytes: 100 }, 0);
  for (let atMs = 1_000; atMs < 10_000; atMs += 1_000) pace.came(1, atMs);
  expect(pace.dueAtMs).toBe(10_000);
  pace.came(91, 9_500);
  expect(pace.dueAtMs).toBe(19_500);
  pace.restart(15_000);
  pace.came(99, 16_000);
  expect(pace.dueAtMs).toBe(25_000);
});
