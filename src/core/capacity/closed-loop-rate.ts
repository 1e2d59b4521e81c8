import type { ServiceCurve } from './service-curve.ts';

/**
 * Answers a second with so many requests under way all the time, each sent when the one before it was answered.
 *
 * Slots: min(c, slots) requests at their speed. Batch: all of them come back together and make the next batch, so that a
 * round takes the wait for a batch that is not full and the time of the batch (worked: 4 under way and 10 ms for a batch of
 * four are 400 a second).
 */
export function closedLoopRate(curve: ServiceCurve, concurrency: number): number {
  if (curve.kind === 'slots') {
    const running = Math.min(concurrency, curve.slots);
    return (1_000 * running * (curve.speeds[running - 1] ?? NaN)) / curve.meanWorkMs;
  }
  const rows = Math.min(concurrency, curve.batchMs.length);
  const waitMs = rows < curve.batchMs.length ? curve.maxDelayMs : 0;
  return (1_000 * rows) / ((curve.batchMs[rows - 1] ?? NaN) + waitMs);
}
