/**
 * Spares of services that share a pool against spares that each service keeps for itself. Each service is simulated with the own scaler;
 * its steps up are the starts. Spares are sized by the first half, and the second half is replayed.
 *
 *   npm run bench -- warm-pool [--services N (12)] [--hours N (8)] [--scalers-only] [--json]
 *
 * Then what a scaler makes of spares that it is told of: each service alone with two spares, against the same spares untold, and none.
 *
 * Exit status 0 when the joint pool needs fewer spares for the same share of starts that find one, and a scaler that is told of spares keeps
 * fewer idle replicas with no less attainment.
 */
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import type { Policy } from '../../src/core/scaling/policy.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import type { SimulatedWorld } from '../../src/core/scaling/simulation/world.ts';
import { planWarmPools, type PooledService } from '../../src/core/scaling/warm-pool/plan-warm-pool.ts';
import { findLeastSpares, replaySpares } from '../../src/core/scaling/warm-pool/replay-spares.ts';
import { countStarts, readStartOrders, type CountedDecision } from '../../src/core/scaling/warm-pool/start-order.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { compareScalers, printScalers } from './scaler-rows.ts';
import { capacity, hourMs, prices, startMs, withSpareMs, worldOf } from './worlds.ts';

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
  const rows = argv.includes('--scalers-only') ? [] : compareSizes(count, hours);
  const last = rows.at(-1);
  const isLess = last === undefined || (last.jointForSame < last.alone && last.joint < last.alone);
  const scalers = compareScalers(hours);
  const isBetter = scalers.every(({ isTold }) => isTold);
  if (argv.includes('--json'))
    console.log(JSON.stringify({ bench: 'warm-pool', count, hours, isLess, rows, isBetter, scalers }, null, 2));
  else {
    if (rows.length > 0) print(rows);
    printScalers(scalers);
  }
  return await Promise.resolve(isLess && isBetter ? 0 : 1);
}

function compareSizes(count: number, hours: number): readonly Row[] {
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
  return [...sizes, count].map((size) => compare(services.slice(0, size), (hours * hourMs) / 2, hours * hourMs));
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
