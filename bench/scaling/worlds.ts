import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { lognormalStarts } from '../../src/core/coldstart/stated-starts.ts';
import { readArrivals } from '../../src/core/scaling/simulation/arrivals/read-arrivals.ts';
import type { Arrival, Arrivals, SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';

/** Real requests with their token counts; not part of the repository, so that its rows are left out where it is absent. */
const azureTrace = path.join(import.meta.dirname, '../../../shared/data/traces/azure-llm-2023-code.csv');
const minuteMs = 60_000;

/** Milliseconds of a request alone: fixed, and for each token that is read and written. */
const tokenCost = { fixedMs: 50, perInputTokenMs: 0.1, perOutputTokenMs: 20 };

interface Workload {
  readonly name: string;
  /** Whether what comes can be known from what came: the aim of 1.15 of the plan is for these. */
  readonly predictable: boolean;
  readonly arrivals: Arrivals;
  readonly endMs: number;
  readonly latencyMs: number;
  readonly meanWorkMs: number;
}

const size = 'work=lognormal(1s,0.5)';
const written = (name: string, predictable: boolean, text: string): Workload => {
  const { arrivals, forMs } = readArrivals(text, 1_000);
  return { name, predictable, arrivals, endMs: forMs, latencyMs: 5_000, meanWorkMs: 1_000 };
};

/** Four hours each, the second two of them scored; Azure's 57 minutes likewise. */
export function workloads(): readonly Workload[] {
  const azure = azureWorkload();
  return [
    written('constant', true, `constant:rate=19/s,for=4h,work=1s`),
    written('poisson', true, `poisson:rate=20/s,for=4h,seed=1,${size}`),
    written('diurnal', true, `diurnal:rate=20/s,amplitude=80%,period=2h,for=4h,seed=2,${size}`),
    written('bursts', false, `bursts:calm=10/s*10m,busy=40/s*5m,for=4h,seed=3,${size}`),
    written('short bursts', false, `bursts:calm=5/s*1m,busy=40/s*20s,for=4h,seed=4,${size}`),
    written('flash crowds', false, flashes()),
    written('silence', false, `silence:rate=20/s,on=5m,off=15m,for=4h,seed=6,${size}`),
    ...(azure === null ? [] : [azure]),
  ];
}

/** Six times the usual rate for ten minutes, once in each of the four hours and never at the same minute. */
function flashes(): string {
  const crowd = (atMinutes: number, seed: number): string =>
    `flash:rate=2.5/s,factor=21,at=${atMinutes}m,lasting=10m,for=4h,seed=${seed},${size}`;
  return [crowd(31, 51), crowd(84, 52), crowd(153, 53), crowd(207, 54)].join(' + ');
}

function azureWorkload(): Workload | null {
  if (!existsSync(azureTrace)) return null;
  const rows = readFileSync(azureTrace, 'utf8').trim().split('\n').slice(1);
  let firstMs = 0;
  const arrivals: Arrival[] = rows.map((row, index) => {
    const [stamp = '', input = '', output = ''] = row.split(',');
    const atMs = Date.parse(`${stamp.slice(0, 19).replace(' ', 'T')}Z`) + Number(stamp.slice(19, 27)) * 1_000;
    if (index === 0) firstMs = atMs;
    const { fixedMs, perInputTokenMs, perOutputTokenMs } = tokenCost;
    return {
      atMs: atMs - firstMs,
      workMs: fixedMs + perInputTokenMs * Number(input) + perOutputTokenMs * Number(output),
    };
  });
  const meanWorkMs = arrivals.reduce((sum, { workMs }) => sum + workMs, 0) / arrivals.length;
  return {
    name: 'azure code',
    predictable: false,
    arrivals: () => arrivals[Symbol.iterator](),
    endMs: 57 * minuteMs,
    latencyMs: 10_000,
    meanWorkMs,
  };
}

export const startSeconds = [5, 40, 180, 300] as const;
export const attainmentShare = 0.99;
const slots = 2;

/** A replica of two slots; starts are lognormal with the p95 given and half of them in three quarters of it; 1% fail. */
export function makeWorld(workload: Workload, startP95Seconds: number, attainment = attainmentShare): SimulatedWorld {
  const { arrivals, endMs, latencyMs, meanWorkMs } = workload;
  const mostPerSecond = (1_000 * slots) / meanWorkMs;
  const curve = { kind: 'slots', slots, speeds: [1, 1], meanWorkMs } as const;
  return {
    arrivals,
    endMs,
    scoreFromMs: endMs / 2,
    capacity: { curve, ratePerSecond: 0.7 * mostPerSecond, concurrency: 0.7 * slots, serviceMs: meanWorkMs },
    starts: lognormalStarts(startP95Seconds * 750, startP95Seconds * 1_000, 0.01),
    terms: {
      minReplicas: 1,
      maxReplicas: 60,
      toZero: false,
      warmPool: 0,
      latencyMs,
      attainmentShare: attainment,
      acceleratorSecondPrice: 1,
      lateRequestPrice: 0,
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

/** What a user has to tune by: the first half, the beginning of it left out. */
export function trainingHalf(world: SimulatedWorld): SimulatedWorld {
  return { ...world, endMs: world.endMs / 2, scoreFromMs: world.endMs / 20 };
}
