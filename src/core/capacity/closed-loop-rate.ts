import { interpolate } from '../statistics/fitting/isotonic.ts';
import type { ServiceCurve } from './service-curve.ts';

/**
 * Answers a second with so many requests under way all the time, each sent when the one before it was answered.
 *
 * Slots: min(c, slots) requests at their speed. Batch: a round takes the wait for a batch that is not full and the time of
 * the batch (worked: 4 in a batch of 10 ms are 400 a second).
 * @param meanBatchRows rows of a batch, where they are known: fewer than are under way where a batch begins before all of
 *   them came back. All that are under way, unless given.
 */
export function closedLoopRate(curve: ServiceCurve, concurrency: number, meanBatchRows = concurrency): number {
  if (curve.kind === 'slots') {
    const running = Math.min(concurrency, curve.slots);
    return (1_000 * running * (curve.speeds[running - 1] ?? NaN)) / curve.meanWorkMs;
  }
  const rows = Math.min(meanBatchRows, curve.batchMs.length);
  const waitMs = rows < curve.batchMs.length ? curve.maxDelayMs : 0;
  const points = curve.batchMs.map((y, at) => ({ x: at + 1, y }));
  return (1_000 * rows) / (interpolate(points, rows) + waitMs);
}
