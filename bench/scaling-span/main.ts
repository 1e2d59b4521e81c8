/**
 * Seconds of one core for simulating 23 days of a sparse trace: every policy with its defaults, the smallest static count that
 * attains, and what is possible. Time has to grow with requests and not with the span.
 *
 *   npm run bench -- scaling-span [--days N] [--only POLICY] [--json]
 */
import { cpus } from 'node:os';
import { lognormalStarts } from '../../src/core/coldstart/stated-starts.ts';
import { statedCapacity } from '../../src/core/capacity/read-stated-curve.ts';
import { lowerBound } from '../../src/core/scaling/bounds/lower/lower-bound.ts';
import { planOffline } from '../../src/core/scaling/bounds/offline/plan-offline.ts';
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import { baselinePolicies } from '../../src/core/scaling/policies/baselines.ts';
import { makeStatic } from '../../src/core/scaling/policies/static.ts';
import type { Policy } from '../../src/core/scaling/policy.ts';
import { readArrivals } from '../../src/core/scaling/simulation/arrivals/read-arrivals.ts';
import { totalSeconds } from '../../src/core/scaling/simulation/score/score.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';

const aimSeconds = 20;
const dayHours = 24;
/** As `scale simulate` bounds them. */
const plans = { simulationsAtMost: 250, periodsAtMost: 8_192 };
const boundSteps = 1_000_000;

/** Two minutes with a request each seven seconds, then 20 minutes of silence, both exponential: some 26,800 requests in 23 days. */
function sparseWorld(days: number): SimulatedWorld {
  const text = `silence:rate=0.15/s,on=2m,off=20m,for=${days * dayHours}h,seed=23,work=lognormal(4s,1)`;
  const { arrivals, forMs } = readArrivals(text, 4_000);
  return {
    arrivals,
    endMs: forMs,
    scoreFromMs: forMs / 10,
    capacity: statedCapacity({ kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 4_000 }),
    starts: lognormalStarts(30_000, 40_000, 0.01),
    terms: {
      minReplicas: 0,
      maxReplicas: 20,
      toZero: true,
      warmPool: 0,
      latencyMs: 60_000,
      attainmentShare: 0.99,
      acceleratorSecondPrice: 1,
      lateRequestPrice: 0,
    },
    initialReplicas: 1,
    dropAfterMs: 600_000,
    queueLimit: 1_000_000,
    metricPeriodMs: 1_000,
    metricLagMs: 500,
    restartBackoffMs: 2_000,
    drainAtMostMs: 30_000,
    stockOuts: [],
  };
}

interface Timed {
  readonly what: string;
  readonly seconds: number;
  readonly attainmentShare: number | null;
  readonly acceleratorSeconds: number | null;
}

function timed(what: string, work: () => Omit<Timed, 'what' | 'seconds'>): Timed {
  const begun = process.cpuUsage();
  const result = work();
  const { user, system } = process.cpuUsage(begun);
  return { what, seconds: (user + system) / 1e6, ...result };
}

function simulated(world: SimulatedWorld, policy: Policy): Timed {
  return timed(policy.name, () => {
    const { attainmentShare, acceleratorSeconds } = simulate(world, policy, seededRandom(1));
    return { attainmentShare, acceleratorSeconds: totalSeconds(acceleratorSeconds) };
  });
}

function references(world: SimulatedWorld): readonly Timed[] {
  const plan = timed('plan', () => {
    const { result } = planOffline(
      world,
      (policy) => simulate(world, policy, seededRandom(1), { recordEveryMs: 1e12 }),
      plans,
    );
    return { attainmentShare: result.attainmentShare, acceleratorSeconds: totalSeconds(result.acceleratorSeconds) };
  });
  const bound = timed('bound', () => ({
    attainmentShare: null,
    acceleratorSeconds: lowerBound(world, 'expected', boundSteps).acceleratorSeconds,
  }));
  return [plan, bound];
}

export function main(argv: readonly string[]): Promise<number> {
  const option = (name: string): string | undefined =>
    argv.includes(name) ? (argv[argv.indexOf(name) + 1] ?? '') : undefined;
  const days = Number(option('--days') ?? 23);
  const only = option('--only');
  const world = sparseWorld(days);
  const policies: readonly Policy[] = [plimsollPolicy, ...baselinePolicies.map(({ make }) => make()), makeStatic(2)];
  const rows: Timed[] = [];
  const add = (row: Timed): void => {
    rows.push(row);
    if (argv.includes('--json')) return;
    const attained = row.attainmentShare === null ? '-' : `${(100 * row.attainmentShare).toFixed(2)}%`;
    console.log(
      `  ${row.what.padEnd(12)}${row.seconds.toFixed(2).padStart(8)} s  ${attained.padStart(8)}  ${Math.round(row.acceleratorSeconds ?? 0)}`,
    );
  };
  for (const policy of policies) if (only === undefined || policy.name === only) add(simulated(world, policy));
  if (only === undefined || only === 'plan') for (const row of references(world)) add(row);
  const total = rows.reduce((sum, { seconds }) => sum + seconds, 0);
  const requests = [...{ [Symbol.iterator]: world.arrivals }].length;
  const met = total <= aimSeconds;
  if (argv.includes('--json')) {
    const processor = cpus()[0]?.model;
    console.log(JSON.stringify({ bench: 'scaling-span', processor, days, requests, aimSeconds, total, rows }, null, 2));
  } else {
    console.log(`${requests} requests in ${days} days: ${total.toFixed(1)} s of one core, aim ${aimSeconds} s`);
    console.log(met ? 'met' : 'missed');
  }
  return Promise.resolve(met ? 0 : 1);
}
