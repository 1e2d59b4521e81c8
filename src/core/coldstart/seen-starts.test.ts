import { expect, test } from 'vitest';
import { seenStarts, statedStart } from './seen-starts.ts';

test('starts that were seen are each as likely; without any, what is stated is taken', () => {
  expect(seenStarts([900, 300, 300, 600])).toEqual({
    timesMs: [300, 600, 900],
    shares: [0.5, 0.75, 1],
    failureShare: 0,
    starts: 4,
  });
  expect(seenStarts([])).toBe(statedStart);
});
