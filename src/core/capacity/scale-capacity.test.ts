import { expect, it } from 'vitest';
import { statedCapacity } from './read-stated-curve.ts';
import { replicaPower } from './replica-power.ts';
import { scaleCapacity } from './scale-capacity.ts';

it('a replica of slots that is twice as fast carries twice the rate with as many requests under way', () => {
  const real = statedCapacity({ kind: 'slots', slots: 4, speeds: [1, 1, 1, 1], meanWorkMs: 200 });
  const told = scaleCapacity(real, 2);
  expect(told).toEqual({ ...real, curve: { ...real.curve, meanWorkMs: 100 }, ratePerSecond: 28, serviceMs: 100 });
  expect(replicaPower(told)).toEqual({ slots: 4, mostPerSecond: 40, workMs: 100 });
});

it('a replica of batches that is half as fast takes twice as long for each batch', () => {
  const real = statedCapacity({ kind: 'batch', batchMs: [5, 8], maxDelayMs: 1 });
  const told = scaleCapacity(real, 0.5);
  expect(told.curve).toEqual({ kind: 'batch', batchMs: [10, 16], maxDelayMs: 2 });
  expect([told.ratePerSecond, told.concurrency]).toEqual([real.ratePerSecond / 2, real.concurrency]);
});
