import { describe, expect, it } from 'vitest';
import { makeWorld } from '../../../testing/rigs/scaling/simulated-worlds.ts';
import { statedCapacity } from '../../capacity/read-stated-curve.ts';
import type { ServiceCurve } from '../../capacity/service-curve.ts';
import { lognormalStarts } from '../../coldstart/stated-starts.ts';
import { seededRandom } from '../../statistics/random.ts';
import { plimsollPolicy } from '../own/plimsoll.ts';
import { readArrivals } from './arrivals/read-arrivals.ts';
import { totalSeconds } from './score/score.ts';
import { simulate } from './simulate.ts';
import type { SimulatedWorld } from './world.ts';

const starts = lognormalStarts(30_000, 40_000);
const wave = 'diurnal:rate=20/s,amplitude=80%,period=1h,for=150m,work=lognormal(1s,0.5)';
const bursts = 'bursts:calm=10/s*10m,busy=40/s*5m,for=150m,work=lognormal(1s,0.5)';
const batchBursts = 'bursts:calm=20/s*10m,busy=100/s*5m,for=150m,work=lognormal(1ms,0.5)';

const slots = (...speeds: readonly number[]): ServiceCurve => ({
  kind: 'slots',
  slots: speeds.length,
  speeds,
  meanWorkMs: 1_000,
});
/** A batch of n takes so long for itself, and so much more for each request. */
const batches = (fixedMs: number, eachMs: number): ServiceCurve => ({
  kind: 'batch',
  batchMs: [1, 2, 3, 4, 5, 6, 7, 8].map((requests) => fixedMs + requests * eachMs),
  maxDelayMs: 50,
});

/** Of the arrivals of each draw on its own: a single one is off by half a point either way. */
const draws = [2, 5, 8];

function runAll(text: string, real: ServiceCurve, told: ServiceCurve | null) {
  const runs = draws.map((draw) => run(`${text},seed=${draw}`, real, told));
  const mean = (pick: (one: (typeof runs)[number]) => number): number =>
    runs.reduce((sum, one) => sum + pick(one), 0) / runs.length;
  const leastShare = Math.min(...runs.map((one) => one.attainmentShare));
  return { attainmentShare: mean((one) => one.attainmentShare), leastShare, seconds: mean((one) => one.seconds) };
}

function run(text: string, real: ServiceCurve, told: ServiceCurve | null) {
  const { arrivals, forMs } = readArrivals(text, 1_000);
  const world: SimulatedWorld = {
    ...makeWorld([], { capacity: statedCapacity(real) }),
    arrivals,
    endMs: forMs,
    scoreFromMs: 30 * 60_000,
    starts,
    terms: { ...makeWorld([]).terms, minReplicas: 1, toZero: false, latencyMs: 5_000, lateRequestPrice: 0 },
    ...(told === null ? {} : { told: { capacity: statedCapacity(told), starts } }),
  };
  const { attainmentShare, acceleratorSeconds } = simulate(world, plimsollPolicy, seededRandom(3));
  return { attainmentShare, seconds: totalSeconds(acceleratorSeconds) };
}

describe('a told curve of another shape than the real one', () => {
  it.each([
    ['slots slow down to 0.7', wave, slots(1, 0.9, 0.8, 0.7), slots(1, 1, 1, 1)],
    ['slots slow down to 0.5', wave, slots(1, 0.83, 0.67, 0.5), slots(1, 1, 1, 1)],
    ['slots slow down from the middle on', wave, slots(1, 1, 0.85, 0.7), slots(1, 1, 1, 1)],
    ['slots slow down to 0.5, with bursts', bursts, slots(1, 0.5), slots(1, 1)],
    ['full slots are 1.3 times as fast as told', bursts, slots(1, 1), slots(1, 0.77)],
    ['full batches take longer', batchBursts, batches(300, 60), batches(400, 20)],
    ['full batches take less', batchBursts, batches(400, 20), batches(200, 60)],
  ])(
    'is served as by right knowledge where %s',
    (_, text, real, told) => {
      const [own, right] = [runAll(text, real, told), runAll(text, real, null)];
      expect(own.attainmentShare).toBeGreaterThan(Math.min(0.99, right.attainmentShare) - 0.01);
      expect(own.leastShare).toBeGreaterThan(Math.min(0.99, right.leastShare) - 0.015);
      expect(own.seconds).toBeLessThan(1.06 * right.seconds);
    },
    240_000,
  );

  it('is decided by as it is where it is of the real shape', () => {
    for (const curve of [slots(1, 1), slots(1, 0.7)]) {
      expect(run(`${wave},seed=2`, curve, curve)).toEqual(run(`${wave},seed=2`, curve, null));
    }
  }, 240_000);
});
