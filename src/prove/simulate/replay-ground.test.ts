import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStatedCurve, statedCapacity } from '../../core/capacity/read-stated-curve.ts';
import { readStatedStart } from '../../core/coldstart/read-stated-start.ts';
import { compareReplays } from '../../core/cost/marginal/paired-replays.ts';
import type { ScalingTerms } from '../../core/scaling/policy.ts';
import { readArrivals } from '../../core/scaling/simulation/arrivals/read-arrivals.ts';
import { replayGround } from './replay-ground.ts';

const [curve, start] = [readStatedCurve('slots:4,200ms'), readStatedStart('10s')];
if (!curve.ok || !start.ok) throw new Error('the texts are right');

const terms: ScalingTerms = {
  ...{ minReplicas: 1, maxReplicas: 6, toZero: false, warmPool: 0, latencyMs: 2_000, attainmentShare: 0.99 },
  ...{ acceleratorSecondPrice: 1, lateRequestPrice: 0 },
};
const from = { starts: '', capacity: '', objective: '', replicas: '', prices: '' };
const replay = (text: string, changes: Partial<ScalingTerms> = {}, devices = 1) => {
  const { arrivals, forMs } = readArrivals(text, 200);
  const [capacity, starts] = [statedCapacity(curve.value), start.value];
  const ground = {
    terms: { ...terms, ...changes },
    capacity,
    starts,
    initialReplicas: 1,
    currency: null,
    prices: null,
    from,
  };
  const blocks = [{ fromMs: 0, scoreFromMs: forMs / 10, endMs: forMs }];
  const { signal } = new AbortController();
  return replayGround({ signal }, ground, { blocks, seeds: 2, arrivals, unit: null, devices }, () => undefined);
};

describe('replays of the same arrivals and seeds', () => {
  it('of an unchanged contract differ by exactly 0', async () => {
    const rate = fc.integer({ min: 1, max: 40 });
    await fc.assert(
      fc.asyncProperty(rate, fc.nat(100), fc.integer({ min: 1, max: 3 }), async (perSecond, seed, minReplicas) => {
        const text = `poisson:rate=${perSecond}/s,for=3m,seed=${seed}`;
        const { deviceSeconds, late } = compareReplays(
          await replay(text, { minReplicas }),
          await replay(text, { minReplicas }),
        );
        expect([deviceSeconds, late]).toEqual(Array.from({ length: 2 }, () => ({ mean: 0, low: 0, high: 0 })));
      }),
      { numRuns: 3 },
    );
  });

  it('take no more device-seconds without a minimum where silences are long, and have more late requests', async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(100), async (seed) => {
        const text = `silence:rate=5/s,on=1m,off=4m,for=15m,seed=${seed}`;
        const zero = { minReplicas: 0, toZero: true };
        const { deviceSeconds, late } = compareReplays(await replay(text), await replay(text, zero));
        expect(deviceSeconds.mean).toBeLessThanOrEqual(0);
        expect(late.mean).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 3 },
    );
  });

  it('take a replica for the whole scored time where one is kept and little comes, times its devices', async () => {
    // 27 of 30 minutes are scored; one request a minute never needs a second replica.
    const runs = (await replay('poisson:rate=0.0166/s,for=30m', {}, 4)).flat();
    expect(runs.map(({ deviceSeconds }) => deviceSeconds)).toEqual([4 * 1_620, 4 * 1_620]);
  });

  it('of a block are of its own time', async () => {
    const { arrivals } = readArrivals('constant:rate=1/s,for=1h', 200);
    const [capacity, starts] = [statedCapacity(curve.value), start.value];
    const ground = { terms, capacity, starts, initialReplicas: 1, currency: null, prices: null, from };
    const blocks = [{ fromMs: 600_000, scoreFromMs: 1_200_000, endMs: 1_800_000 }];
    const { signal } = new AbortController();
    const [[only] = []] = await replayGround(
      { signal },
      ground,
      { blocks, seeds: 1, arrivals, unit: null, devices: 1 },
      () => undefined,
    );
    expect(only).toEqual({ seed: 1, requests: 600, late: 0, deviceSeconds: 600 });
  });

  it('stop when they are told to', async () => {
    const { arrivals, forMs } = readArrivals('poisson:rate=1/s,for=1m', 200);
    const ground = {
      terms,
      capacity: statedCapacity(curve.value),
      starts: start.value,
      initialReplicas: 1,
      currency: null,
      prices: null,
      from,
    };
    const blocks = [{ fromMs: 0, scoreFromMs: 0, endMs: forMs }];
    const asked = replayGround(
      { signal: AbortSignal.abort(new Error('stopped')) },
      ground,
      { blocks, seeds: 1, arrivals, unit: null, devices: 1 },
      () => undefined,
    );
    await expect(asked).rejects.toThrow('stopped');
  });
});
