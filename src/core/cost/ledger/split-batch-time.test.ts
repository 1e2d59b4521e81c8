import { expect, test } from 'vitest';
import { splitBatchTime } from './split-batch-time.ts';

test('time of batches is split over their requests, and adds up', () => {
  const sums = splitBatchTime([
    {
      durationMs: 10,
      requests: [
        { id: 'a', purpose: 'answers', work: 3 },
        { id: 'b', purpose: 'golden', work: 1 },
      ],
    },
    { durationMs: 7, requests: [{ id: 'c', purpose: 'shadow', work: 0 }] },
    { durationMs: 99, requests: [] },
  ]);
  // 7.5 and 2.5: the smaller id gets the millisecond.
  expect(sums).toEqual({ answers: 8, golden: 2, shadow: 7, proof: 0, wasted: 0 });
});
