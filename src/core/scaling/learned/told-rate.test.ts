import { expect, it } from 'vitest';
import { toldRate } from './told-rate.ts';

it('is the rate of the curve, even between its points, and its last beyond them', () => {
  const slots = { kind: 'slots', slots: 2, speeds: [1, 0.8], meanWorkMs: 1_000 } as const;
  expect([0, 0.5, 1, 1.5, 2, 7].map((held) => toldRate(slots, held))).toEqual([0, 0.5, 1, 1.3, 1.6, 1.6]);
  const batch = { kind: 'batch', batchMs: [100, 125], maxDelayMs: 0 } as const;
  expect([0, 1, 1.5, 2, 3].map((held) => toldRate(batch, held))).toEqual([0, 10, 13, 16, 16]);
});
