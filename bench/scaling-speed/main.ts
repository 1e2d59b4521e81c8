/**
 * How fast the simulator of scaling is, in seconds of the processor: 100,000, 1,000,000 and 4,000,000 requests on 100 replicas of each kind of curve, under a
 * policy that follows the arrivals, beside a loop that is M/M/100 and nothing else, in the same run and interleaved. With
 * `--simpy` also SimPy from PyPI on 100,000 requests, installed once.
 *
 *   npm run bench -- scaling-speed [--rounds N] [--simpy] [--json]
 *
 * Exit status 0 when 1,000,000 requests take less than 5 s, and 4,000,000 less than 5 times as long.
 */
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import path from 'node:path';
import type { ServiceCurve } from '../../src/core/capacity/service-curve.ts';
import type { Policy } from '../../src/core/scaling/policy.ts';
import { readArrivals } from '../../src/core/scaling/simulation/arrivals/read-arrivals.ts';
import { simulate } from '../../src/core/scaling/simulation/simulate.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { makeWorld, oneAtATime } from '../../src/testing/rigs/scaling/simulated-worlds.ts';
import { installPythonEnvironment } from '../../test/peers/python-environment.ts';
import { median } from '../median.ts';
import { plainQueueWaitMs } from './plain-queue.ts';

const sizes = [100_000, 1_000_000, 4_000_000] as const;
const replicas = 100;
const aimSeconds = 5;
const aimGrowth = 5;

interface Load {
  readonly curve: ServiceCurve;
  readonly ratePerSecond: number;
  readonly work: string;
}

const loads: Readonly<Record<string, Load>> = {
  'one at a time': { curve: oneAtATime, ratePerSecond: 900, work: 'exp(100ms)' },
  '32 slots': {
    curve: {
      kind: 'slots',
      slots: 32,
      speeds: Array.from({ length: 32 }, (_, index) => 1 / (1 + index / 40)),
      meanWorkMs: 1_000,
    },
    ratePerSecond: 1_500,
    work: 'lognormal(1s,2)',
  },
  'batches of 16': {
    curve: { kind: 'batch', batchMs: Array.from({ length: 16 }, (_, index) => 50 + 5 * index), maxDelayMs: 5 },
    ratePerSecond: 5_000,
    work: '1',
  },
};

/** Of the processor, and not of the clock: on a machine that others use the clock says little. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000_000;
}

/** Follows the arrivals from 90 to 100 replicas, so that some start and drain all the time. */
const following = (ratePerSecond: number): Policy<null> => ({
  name: 'following',
  periodMs: 5_000,
  begin: () => null,
  decide: ({ signals, nowMs }) => {
    const load = (signals.arrivalsPerSecond ?? ratePerSecond) / ratePerSecond;
    const desired = Math.min(replicas, Math.max(90, Math.round(95 * load + 5 * Math.sin(nowMs / 20_000))));
    return { decision: { desired, reason: `load ${load}`, terms: { load } }, state: null };
  },
});

function simulateSeconds({ curve, ratePerSecond, work }: Load, requests: number): number {
  const { arrivals, forMs } = readArrivals(
    `poisson:rate=${ratePerSecond}/s,for=${Math.round((requests * 1_000) / ratePerSecond)}ms,work=${work}`,
    100,
  );
  const world = makeWorld([], {
    arrivals,
    curve,
    endMs: forMs,
    initialReplicas: replicas,
    metricPeriodMs: 5_000,
    metricLagMs: 5_000,
  });
  const startedSeconds = cpuSeconds();
  const result = simulate(world, following(ratePerSecond), seededRandom(1));
  const seconds = cpuSeconds() - startedSeconds;
  if (Math.abs(result.requests / requests - 1) > 0.05) throw new Error(`${result.requests} requests were simulated`);
  return seconds;
}

function plainSeconds(requests: number): number {
  const startedSeconds = cpuSeconds();
  const waitMs = plainQueueWaitMs(requests, replicas, 0.9, 100);
  if (!(waitMs > 0)) throw new Error('nobody waited');
  return cpuSeconds() - startedSeconds;
}

export async function main(argv: readonly string[]): Promise<number> {
  const roundsAt = argv.indexOf('--rounds');
  const rounds = roundsAt === -1 ? 3 : Number(argv[roundsAt + 1]);
  // Once without a clock, so that no size pays for the compiler.
  for (const load of Object.values(loads)) simulateSeconds(load, 100_000);
  plainSeconds(100_000);
  const cells = sizes.map((requests) => {
    console.error(`${requests} requests`);
    const plain: number[] = [];
    const simulated = Object.keys(loads).map((): number[] => []);
    for (let round = 0; round < rounds; round += 1) {
      plain.push(plainSeconds(requests));
      Object.values(loads).forEach((load, index) => simulated[index]?.push(simulateSeconds(load, requests)));
    }
    return {
      requests,
      plainSeconds: median(plain),
      simulated: Object.keys(loads).map((name, index) => ({ name, seconds: median(simulated[index] ?? []) })),
    };
  });
  const simpySeconds = argv.includes('--simpy') ? measureSimpy() : null;
  const secondsOf = (requests: number): readonly number[] =>
    cells.find((cell) => cell.requests === requests)?.simulated.map(({ seconds }) => seconds) ?? [];
  const slowestSeconds = Math.max(...secondsOf(1_000_000));
  const growth = Math.max(
    ...secondsOf(4_000_000).map((seconds, at) => seconds / (secondsOf(1_000_000)[at] ?? Number.NaN)),
  );
  const met = slowestSeconds < aimSeconds && growth < aimGrowth;
  const report = {
    bench: 'scaling-speed',
    processor: cpus()[0]?.model ?? 'unknown',
    node: process.version,
    rounds,
    cells,
  };
  if (argv.includes('--json')) console.log(JSON.stringify({ ...report, simpySeconds, growth, met }, null, 2));
  else {
    console.log(
      `${''.padEnd(12)}${['M/M/100 alone', ...Object.keys(loads)].map((name) => name.padStart(22)).join('')}`,
    );
    for (const cell of cells) {
      const times = cell.simulated.map(({ seconds }) => {
        return `${seconds.toFixed(2)} s (${(seconds / cell.plainSeconds).toFixed(1)}x)`.padStart(22);
      });
      console.log(
        `${String(cell.requests).padStart(12)}${`${cell.plainSeconds.toFixed(2)} s`.padStart(22)}${times.join('')}`,
      );
    }
    if (simpySeconds !== null) {
      const own = secondsOf(100_000)[0] ?? Number.NaN;
      console.log(
        `SimPy, M/M/100 of 100000 requests: ${simpySeconds.toFixed(2)} s (${(simpySeconds / own).toFixed(0)}x the simulator)`,
      );
    }
    const grown = `4,000,000 take at most ${growth.toFixed(2)} times as long (aim: below ${aimGrowth})`;
    console.log(`1,000,000 requests: ${slowestSeconds.toFixed(2)} s at most (aim: below ${aimSeconds} s); ${grown}`);
  }
  return await Promise.resolve(met ? 0 : 1);
}

/** Null where it is missing. */
function measureSimpy(): number | null {
  const folder = import.meta.dirname;
  const environment = installPythonEnvironment('simpy', [path.join(folder, 'requirements.txt')], console.error);
  if (environment.kind === 'missing') {
    console.error(`SimPy is missing: ${environment.why}`);
    return null;
  }
  const run = spawnSync(
    environment.python,
    [path.join(folder, 'simpy_queue.py'), '100000', String(replicas), '0.9', '100'],
    {
      encoding: 'utf8',
      timeout: 120_000,
    },
  );
  return run.status === 0 ? Number(run.stdout.split(' ')[0]) : null;
}
