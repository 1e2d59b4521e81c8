/**
 * What the diagnosis takes of a service: answers a second of the built-in model server behind a gateway, with a look at both every two
 * seconds and without. A control plane looks at a service every 30 s, and never at more than one in two seconds, so that this is the
 * most that it ever does. Blocks take turns in the order ABBA or BAAB, as a coin falls; the limits are exact for any noise.
 * The processor time of the looks is measured beside it: on a busy machine the answers vary by more than a look takes.
 *
 *   npm run bench -- diagnosis-overhead [--json] [--rounds N] [--seconds N]
 *
 * | lower limit of the answers with looks | exit |
 * |---|---|
 * | 99% of those without, or more | 0 |
 * | less, and the upper limit is 99% or more | 3: the machine is too busy to tell |
 * | less, and the upper limit too | 1 |
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { makeScrapeSource } from '../../src/adapters/prometheus/scrape-source.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { nodeRoots } from '../../src/adapters/system/node/node-roots.ts';
import { makeNodeReadings } from '../../src/adapters/system/readings/node-readings.ts';
import { estimateEffect, type EffectInterval, type Round } from '../../src/core/diagnosis/finding/effect.ts';
import { orderOfRound } from '../../src/core/diagnosis/finding/experiment-plan.ts';
import { phaseMetricNames } from '../../src/core/diagnosis/waterfall/phase-metrics.ts';
import { compareLooks, takeLook, type Look, type ObservedService } from '../../src/prove/diagnosis/observe.ts';
import { perceptronModel } from '../../src/testing/builders/files/onnx-models.ts';
import { startLoneGateway } from '../gateway/plimsoll-gateway.ts';
import type { Program } from '../gateway/program.ts';
import { digitRows, writeJsonBody } from '../model-server/bodies.ts';
import { findLoadGenerator, runLoad } from '../model-server/load.ts';
import { plimsollCommand } from '../model-server/plimsoll-command.ts';
import { startServer, type ServerProcess } from '../model-server/server-process.ts';

const mostLoss = 0.01;
const level = 0.05;
const lookEveryMs = 2_000;
/** As a control plane looks at one service. */
const watchedEveryMs = 30_000;
const connections = 8;

const options = {
  json: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '12' },
  seconds: { type: 'string', default: '3' },
} as const;

export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options });
  const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-overhead-'));
  const running: (Program | ServerProcess)[] = [];
  try {
    const model = path.join(folder, 'tiny.onnx');
    writeFileSync(model, perceptronModel({ layers: [784, 128, 10] }));
    const server = await startServer(plimsollCommand(model, 1));
    running.push(server);
    const gateway = await startLoneGateway(server.url);
    running.push(gateway);
    const body = writeJsonBody(folder, digitRows(1));
    const target = { url: gateway.url, path: '/v2/models/digits/infer', bodyFile: body.file, headerLength: null };
    const generator = findLoadGenerator();
    const looks = startLooks(server, gateway);
    const block = async (isWith: boolean): Promise<number> => {
      const stop = isWith ? looks.begin() : null;
      const { requestsPerSecond, errors } = await runLoad(generator, target, { connections, seconds });
      await stop?.();
      if (errors > 0) throw new Error(`${errors} requests failed`);
      return requestsPerSecond;
    };
    await block(false);
    const measured: Round[] = [];
    while (measured.length < rounds) {
      measured.push(await measureRound(block));
      process.stderr.write(`round ${measured.length} of ${rounds}\n`);
    }
    return report(measured, looks.taken(), values.json);
  } finally {
    await Promise.all(running.reverse().map((program) => program.stop()));
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureRound(block: (isWith: boolean) => Promise<number>): Promise<Round> {
  const [without, withChange]: [number[], number[]] = [[], []];
  for (const isWith of orderOfRound(Math.random())) (isWith ? withChange : without).push(await block(isWith));
  const [a = 0, b = 0] = without;
  const [c = 0, d = 0] = withChange;
  return { without: [a, b], withChange: [c, d] };
}

interface TakenLooks {
  readonly count: number;
  /** Processor time of this program for each, with the comparison to the look before. */
  readonly processorMs: number;
}

/** Looks as a control plane takes them, while a block asks for them. */
function startLooks(server: ServerProcess, gateway: Program) {
  const metrics = makeScrapeSource({ clock: systemClock, names: phaseMetricNames });
  const node = makeNodeReadings({ roots: nodeRoots, clock: systemClock, devices: async () => ({ list: [] }) });
  const service: ObservedService = {
    ...{ service: 'bench', environment: 'default' },
    gateways: [{ gatewayId: 'gateway', address: gateway.url }],
    replicas: [{ replicaId: 'upstream', endpoint: server.url, pid: server.pid, devices: [] }],
  };
  let [count, processorMs, before]: [number, number, Look | null] = [0, 0, null];
  const lookOnce = async (signal: AbortSignal): Promise<void> => {
    const spent = process.cpuUsage();
    const look = await takeLook({ clock: systemClock, node, metrics, signal }, service);
    if (before !== null && 'unknown' in compareLooks(before, look, null).window.values.busiestThreadShare)
      throw new Error('the look read nothing of the server');
    before = look;
    const { user, system } = process.cpuUsage(spent);
    count += 1;
    processorMs += (user + system) / 1_000;
  };
  return {
    begin() {
      const over = new AbortController();
      const looking = (async () => {
        while (!over.signal.aborted) {
          await lookOnce(new AbortController().signal);
          await systemClock.sleep(lookEveryMs, over.signal).catch(() => undefined);
        }
      })();
      return async () => {
        over.abort();
        await looking;
      };
    },
    taken: (): TakenLooks => ({ count, processorMs: processorMs / Math.max(1, count) }),
  };
}

function report(rounds: readonly Round[], looks: TakenLooks, json: boolean): number {
  const effect: EffectInterval = estimateEffect(rounds, { lower: level, upper: level });
  const cores = availableParallelism();
  const processorShare = looks.processorMs / (watchedEveryMs * cores);
  const isMet = effect.lower >= -mostLoss;
  const exit = isMet ? 0 : effect.upper < -mostLoss ? 1 : 3;
  const loadPerCore = Math.round(((loadavg()[0] ?? 0) / cores) * 10) / 10;
  if (json) {
    const figures = { rounds: rounds.length, effect, looks, processorShare, cores, loadPerCore, aims: { mostLoss } };
    console.log(JSON.stringify({ bench: 'diagnosis-overhead', ...figures, passed: isMet }, null, 2));
    return exit;
  }
  const percent = (share: number): string => `${(100 * (1 + share)).toFixed(1)}%`;
  console.log(
    `answers a second with a look every ${lookEveryMs / 1_000} s: ${percent(effect.estimate)} of those without (${percent(effect.lower)} to ${percent(effect.upper)}; at least ${percent(-mostLoss)} is the aim), ${rounds.length} rounds`,
  );
  console.log(
    `a look takes ${looks.processorMs.toFixed(1)} ms of a processor (${looks.count} looks): ${(100 * processorShare).toFixed(3)}% of ${cores} cores at one look in ${watchedEveryMs / 1_000} s`,
  );
  console.log(`load of the machine at the end: ${loadPerCore} a core`);
  return exit;
}
