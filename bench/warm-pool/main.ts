/**
 * Spares of services that share a pool against spares that each service keeps for itself. Each service is simulated with the own scaler;
 * its steps up are the starts. Spares are sized by the first half, and the second half is replayed.
 *
 *   npm run bench -- warm-pool [--services N (12)] [--hours N (8)] [--json]
 *
 * Exit status 0 when the joint pool needs fewer spares for the same share of starts that find one.
 */
import { statedCapacity } from '../../src/core/capacity/read-stated-curve.ts';
import { lognormalStarts } from '../../src/core/coldstart/stated-starts.ts';
import { scalingPrices } from '../../src/core/cost/prices/scaling-prices.ts';
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import type { Policy } from '../../src/core/scaling/policy.ts';
import { readArrivals } from '../../src/core/scaling/simulation/arrivals/read-arrivals.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { planWarmPools, type PooledService } from '../../src/core/scaling/warm-pool/plan-warm-pool.ts';
import { findLeastSpares, replaySpares } from '../../src/core/scaling/warm-pool/replay-spares.ts';
import { countStarts, readStartOrders, type CountedDecision } from '../../src/core/scaling/warm-pool/start-order.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';

const hourMs = 3_600_000;
const startMs = 40_000;
const withSpareMs = 5_000;
const attainmentShare = 0.99;
const capacity = statedCapacity({ kind: 'slots', slots: 2, speeds: [1, 1], meanWorkMs: 1_000 });
const prices = scalingPrices({ acceleratorSecond: 1, attainmentShare, capacity });

/** Four kinds of demand, each service with its own draws. */
const kinds: readonly ((seed: number, hours: number) => string)[] = [
  (seed, hours) => `bursts:calm=2/s*20m,busy=8/s*5m,for=${hours}h,seed=${seed},work=lognormal(1s,0.5)`,
  (seed, hours) => `bursts:calm=1/s*10m,busy=6/s*2m,for=${hours}h,seed=${seed},work=lognormal(1s,0.5)`,
  (seed, hours) => `silence:rate=4/s,on=5m,off=15m,for=${hours}h,seed=${seed},work=lognormal(1s,0.5)`,
  (seed, hours) => `poisson:rate=4/s,for=${hours}h,seed=${seed},work=lognormal(1s,0.5)`,
];

function worldOf(index: number, hours: number): SimulatedWorld {
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

/** Returns what the own scaler decided over the whole simulation. */
function decisionsOf(world: SimulatedWorld, seed: number): readonly CountedDecision[] {
  const decisions: CountedDecision[] = [];
  let before = world.initialReplicas;
  const policy: Policy<ReturnType<typeof plimsollPolicy.begin>> = {
    ...plimsollPolicy,
    decide(input, state) {
      const answer = plimsollPolicy.decide(input, state);
      const { desired } = answer.decision;
      if (desired !== before) decisions.push({ atMs: input.nowMs, before, desired });
      before = desired;
      return answer;
    },
  };
  simulate(world, policy, seededRandom(seed));
  return decisions;
}

interface Row {
  readonly services: number;
  readonly starts: number;
  readonly alone: number;
  readonly joint: number;
  readonly foundAloneShare: number;
  readonly foundJointShare: number;
  /** Joint spares that find as large a share of the second half as those that each service kept for itself. */
  readonly jointForSame: number;
}

function compare(services: readonly PooledService[], halfMs: number, endMs: number): Row {
  const half = (service: PooledService, isFirst: boolean): PooledService => ({
    ...service,
    orders: service.orders.filter(({ atMs }) => atMs < halfMs === isFirst),
  });
  const [plan] = planWarmPools(
    services.map((service) => half(service, true)),
    { fromMs: 0, toMs: halfMs },
    withSpareMs,
  );
  if (plan === undefined) throw new Error('no service was simulated');
  const later = services.map((service) => half(service, false));
  const orders = later.flatMap((service) => service.orders).sort((a, b) => a.atMs - b.atMs);
  const starts = Math.max(1, countStarts(orders));
  const foundAlone = later.reduce((sum, service, index) => {
    return sum + replaySpares(service.orders, plan.services[index]?.alone.spares ?? 0, startMs).found;
  }, 0);
  if (endMs <= halfMs) throw new Error('there is no second half');
  return {
    services: services.length,
    starts: countStarts(orders),
    alone: plan.alone,
    joint: plan.joint.spares,
    foundAloneShare: foundAlone / starts,
    foundJointShare: replaySpares(orders, plan.joint.spares, startMs).found / starts,
    jointForSame: findLeastSpares(orders, foundAlone / starts, startMs),
  };
}

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  const [count, hours] = [number('services', 12), number('hours', 8)];
  const services = Array.from({ length: count }, (_, index): PooledService => {
    const name = `service-${index + 1}`;
    const decisions = decisionsOf(worldOf(index, hours), index + 1);
    return {
      name,
      fits: 'one image',
      orders: readStartOrders(name, decisions),
      startMs,
      ratePerSecond: capacity.ratePerSecond,
      lateRequestPrice: prices.lateRequest,
      acceleratorSecondPrice: prices.acceleratorSecond,
    };
  });
  const sizes = [1, 2, 4, 8, 12, 16, 24].filter((size) => size < count);
  const rows = [...sizes, count].map((size) => compare(services.slice(0, size), (hours * hourMs) / 2, hours * hourMs));
  const last = rows.at(-1);
  const isLess = last !== undefined && last.jointForSame < last.alone && last.joint < last.alone;
  if (argv.includes('--json')) console.log(JSON.stringify({ bench: 'warm-pool', count, hours, isLess, rows }, null, 2));
  else print(rows);
  return await Promise.resolve(isLess ? 0 : 1);
}

function print(rows: readonly Row[]): void {
  console.log('services  starts  spares alone  found  spares joint  found  joint for the same share');
  for (const row of rows) {
    const share = (value: number): string => `${(100 * value).toFixed(1)}%`;
    const cells = [
      [row.services, 8],
      [row.starts, 8],
      [row.alone, 14],
      [share(row.foundAloneShare), 7],
      [row.joint, 14],
      [share(row.foundJointShare), 7],
      [row.jointForSame, 26],
    ] as const;
    console.log(cells.map(([cell, width]) => String(cell).padStart(width)).join(''));
  }
}
