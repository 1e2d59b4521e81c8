import { statedCapacity } from '../../src/core/capacity/read-stated-curve.ts';
import { lognormalStarts } from '../../src/core/coldstart/stated-starts.ts';
import { scalingPrices } from '../../src/core/cost/prices/scaling-prices.ts';
import { readArrivals } from '../../src/core/scaling/simulation/arrivals/read-arrivals.ts';
import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';

export const hourMs = 3_600_000;
export const startMs = 40_000;
export const withSpareMs = 5_000;
const attainmentShare = 0.99;
export const capacity = statedCapacity({ kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 1_000 });
export const prices = scalingPrices({ acceleratorSecond: 1, attainmentShare, capacity });

/** Four kinds of demand, each service with its own draws. */
export const kinds: readonly ((seed: number, hours: number) => string)[] = [
  (seed, hours) => `bursts:calm=2/s*20m,busy=8/s*5m,for=${hours}h,seed=${seed},work=lognormal(1s,0.5)`,
  (seed, hours) => `bursts:calm=1/s*10m,busy=6/s*2m,for=${hours}h,seed=${seed},work=lognormal(1s,0.5)`,
  (seed, hours) => `silence:rate=4/s,on=5m,off=15m,for=${hours}h,seed=${seed},work=lognormal(1s,0.5)`,
  (seed, hours) => `poisson:rate=4/s,for=${hours}h,seed=${seed},work=lognormal(1s,0.5)`,
];

export function worldOf(index: number, hours: number): SimulatedWorld {
  const text = (kinds[index % kinds.length] ?? kinds[0])?.(100 + index, hours) ?? '';
  const { arrivals, forMs } = readArrivals(text, 1_000);
  return {
    arrivals,
    endMs: forMs,
    scoreFromMs: forMs / 2,
    capacity,
    starts: lognormalStarts(0.75 * startMs, startMs, 0.01),
    terms: {
      minReplicas: 1,
      maxReplicas: 40,
      toZero: false,
      warmPool: 0,
      latencyMs: 5_000,
      attainmentShare,
      acceleratorSecondPrice: prices.acceleratorSecond,
      lateRequestPrice: prices.lateRequest,
    },
    initialReplicas: 1,
    dropAfterMs: null,
    queueLimit: 1_000_000,
    metricPeriodMs: 1_000,
    metricLagMs: 500,
    restartBackoffMs: 2_000,
    drainAtMostMs: 30_000,
    stockOuts: [],
  };
}
