import { describe, expect, it } from 'vitest';
import type { ServiceCurve } from '../../../core/capacity/service-curve.ts';
import { pacedService } from './paced-service.ts';
import { selfAdvancingClock } from '../../fakes/self-advancing-clock.ts';

/** When each of several requests, sent at these moments, is answered. */
async function answeredAtMs(
  curve: ServiceCurve,
  requests: readonly (readonly [sentMs: number, work?: number])[],
): Promise<readonly number[]> {
  const clock = selfAdvancingClock();
  const service = pacedService(curve, clock);
  return Promise.all(
    requests.map(async ([sentMs, work]) => {
      if (sentMs > 0) await clock.sleep(sentMs);
      await service.serve(work);
      return Number(clock.monotonicMs().toFixed(3));
    }),
  );
}

describe('a paced service', () => {
  const slots: ServiceCurve = { kind: 'slots', slots: 2, speeds: [1, 0.5], meanWorkMs: 100 };
  it('runs as many side by side as it has slots, at the speed of so many', async () => {
    expect(await answeredAtMs(slots, [[0]])).toEqual([100]);
    expect(await answeredAtMs(slots, [[0], [0]])).toEqual([200, 200]);
    // Alone for 50, then 100 beside the other for the 50 that are left; the other has 50 left and is alone again.
    expect(await answeredAtMs(slots, [[0], [50]])).toEqual([150, 200]);
    expect(await answeredAtMs({ ...slots, speeds: [1, 1] }, [[0], [0], [10, 40]])).toEqual([100, 100, 140]);
  });

  const batch: ServiceCurve = { kind: 'batch', batchMs: [10, 15], maxDelayMs: 0 };
  it('takes what waits together, up to its largest batch', async () => {
    expect(await answeredAtMs(batch, [[0], [0], [0]])).toEqual([15, 15, 25]);
    expect(await answeredAtMs(batch, [[0], [1], [2]])).toEqual([10, 25, 25]);
    expect(await answeredAtMs(batch, [[0, 2]])).toEqual([20]);
  });

  it('waits for a fuller batch as long as it says', async () => {
    expect(await answeredAtMs({ ...batch, maxDelayMs: 5 }, [[0], [3]])).toEqual([20, 20]);
    expect(await answeredAtMs({ ...batch, maxDelayMs: 5 }, [[0]])).toEqual([15]);
  });
});
