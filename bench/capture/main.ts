/**
 * What capture costs: processor time of the gateway for a request with `monitoring.capture` at 5% and `monitoring.control` at
 * 10%, against the same process without either, before two replicas. The gateway is told another table before each round;
 * rounds take turns (without, with, with, without). Other programs only add to what a process takes: each number is the
 * lower quartile of its rounds, and the median of the ratios of the pairs stands beside it. The time of a round includes what
 * is written and sent after its last answer.
 *
 *   npm run bench -- capture [--json] [--pairs N] [--seconds N] [--sample SHARE] [--control SHARE]
 */
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { RoutingTable } from '../../src/core/rollout/routing/routing.ts';
import { inferLoad } from '../gateway/load.ts';
import { quantile } from '../gateway/open-loop.ts';
import { startToldGateway, type ToldGateway } from '../gateway/plimsoll-gateway.ts';
import { processorMs } from '../gateway/processor-time.ts';
import { startPrinting, type Program } from '../gateway/program.ts';
import { haveWrk, runWrk } from '../gateway/wrk.ts';
import { median } from '../median.ts';

const mostRatio = 1.02;
/** A segment is sent a second after its first line. */
const settleMs = 1300;

interface Round {
  readonly microseconds: number;
  readonly requestsPerSecond: number;
  readonly errors: number;
}

interface Pair {
  readonly off: Round;
  readonly on: Round;
}

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      json: { type: 'boolean', default: false },
      pairs: { type: 'string', default: '20' },
      seconds: { type: 'string', default: '1' },
      sample: { type: 'string', default: '0.05' },
      control: { type: 'string', default: '0.1' },
    },
  });
  if (!haveWrk()) {
    console.error('bench capture needs wrk: apt-get install -y wrk');
    return 3;
  }
  const shares = { sampleShare: Number(values.sample), controlShare: Number(values.control) };
  const running: Program[] = [];
  try {
    const endpoints = [];
    for (let replica = 0; replica < 2; replica += 1) {
      running.push(await startPrinting([path.join(path.dirname(import.meta.dirname), 'gateway', 'upstream.ts')]));
      endpoints.push(running.at(-1)?.url ?? '');
    }
    const gateway = await startToldGateway(makeTable(endpoints, 1));
    running.push(gateway);
    const pairs = await measurePairs(gateway, endpoints, shares, Number(values.pairs), Number(values.seconds));
    return report(pairs, gateway.capturedBytes(), values.json);
  } finally {
    await Promise.all(running.reverse().map((program) => program.stop()));
  }
}

type Shares = Pick<NonNullable<RoutingTable['capture']>, 'sampleShare' | 'controlShare'>;

async function measurePairs(
  gateway: ToldGateway,
  endpoints: readonly string[],
  shares: Shares,
  pairs: number,
  seconds: number,
): Promise<readonly Pair[]> {
  let generation = 1;
  const round = async (told: Shares | null): Promise<Round> => {
    generation += 1;
    gateway.tell(makeTable(endpoints, generation, told));
    await delay(100);
    const beforeMs = processorMs(gateway.pid);
    const { requests, requestsPerSecond, errors } = await runWrk(inferLoad(gateway.url), seconds);
    await delay(settleMs);
    return { microseconds: ((processorMs(gateway.pid) - beforeMs) * 1000) / requests, requestsPerSecond, errors };
  };
  for (const told of [null, shares]) await round(told);
  const measured: Pair[] = [];
  for (let pair = 0; pair < pairs; pair += 1) {
    const [first, second] = [await round(pair % 2 === 0 ? null : shares), await round(pair % 2 === 0 ? shares : null)];
    const [off, on] = pair % 2 === 0 ? [first, second] : [second, first];
    measured.push({ off, on });
    process.stderr.write(
      `pair ${pair + 1}/${pairs}: ${off.microseconds.toFixed(1)} us without, ${on.microseconds.toFixed(1)} us with\n`,
    );
  }
  return measured;
}

function makeTable(endpoints: readonly string[], generation: number, shares: Shares | null = null): RoutingTable {
  const replicas = endpoints.map((endpoint, at) => ({ replicaId: `upstream-${at + 1}`, endpoint }));
  const capture = { maxBodyBytes: 64 * 1024, spoolBytes: 64 * 1024 * 1024 };
  return {
    service: 'bench',
    environment: 'default',
    generation,
    protocol: 'open-inference-v2',
    model: 'digits',
    starting: false,
    issuedAtMs: 0,
    splits: [{ release: 1, modelVersion: 1, share: 1, replicas }],
    ...(shares === null ? {} : { capture: { ...shares, ...capture } }),
  };
}

function report(pairs: readonly Pair[], capturedBytes: number, json: boolean): number {
  const quartile = (read: (pair: Pair) => number): number => quantile(pairs.map(read), 0.25);
  const offMicroseconds = quartile(({ off }) => off.microseconds);
  const onMicroseconds = quartile(({ on }) => on.microseconds);
  const ratio = onMicroseconds / offMicroseconds;
  const pairRatio = median(pairs.map(({ on, off }) => on.microseconds / off.microseconds));
  const throughputRatio = median(pairs.map(({ on, off }) => on.requestsPerSecond / off.requestsPerSecond));
  const errors = pairs.reduce((sum, { on, off }) => sum + on.errors + off.errors, 0);
  const passed = ratio <= mostRatio && errors === 0 && capturedBytes > 0;
  const figures = { offMicroseconds, onMicroseconds, ratio, pairRatio, throughputRatio, capturedBytes, errors };
  if (json) {
    console.log(JSON.stringify({ bench: 'capture', ...figures, pairs, aims: { ratio: mostRatio }, passed }, null, 2));
    return passed ? 0 : 1;
  }
  console.log(`processor time of a request: ${offMicroseconds.toFixed(1)} us without capture`);
  console.log(`                             ${onMicroseconds.toFixed(1)} us with it`);
  console.log(
    `with / without: ${ratio.toFixed(3)} (at most ${mostRatio}); median of ${pairs.length} pairs ${pairRatio.toFixed(3)}`,
  );
  console.log(
    `requests/s with / without: ${throughputRatio.toFixed(3)}; ${capturedBytes} bytes were sent; ${errors} errors`,
  );
  return passed ? 0 : 1;
}
