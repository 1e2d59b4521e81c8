/**
 * What the watching diagnosis takes of a service: answers a second of the built-in model server behind a gateway, with looks at both
 * and without. Looks come far more often than a control plane takes them, so that the loss stands out of the noise; what one look
 * takes is then told at the control plane's own pace: 30 s for one service, and its shortest spacing for many on one node. Blocks take
 * turns in the order ABBA or BAAB, as a coin falls; the limits are exact for any noise. Processor time of a look is told beside it.
 *
 *   npm run bench -- diagnosis-overhead [--json] [--rounds N] [--seconds N]
 *
 * | loss at the shortest spacing | exit |
 * |---|---|
 * | at most 1% at its upper limit | 0 |
 * | above 1% there, and at most 1% at its lower limit | 3: the machine is too busy to tell |
 * | above 1% at both | 1 |
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
import { chooseSpacing, lookEveryMs } from '../../src/control-plane/diagnosis/live-diagnoses.ts';
import { compareLooks, takeLook, type Look, type ObservedService } from '../../src/prove/diagnosis/observe.ts';
import type { NodeReadings } from '../../src/ports/nodes/node-readings.ts';
import { perceptronModel } from '../../src/testing/builders/files/onnx-models.ts';
import { startLoneGateway } from '../gateway/plimsoll-gateway.ts';
import type { Program } from '../gateway/program.ts';
import { digitRows, writeJsonBody } from '../model-server/bodies.ts';
import { findLoadGenerator, runLoad } from '../model-server/load.ts';
import { plimsollCommand } from '../model-server/plimsoll-command.ts';
import { startServer, type ServerProcess } from '../model-server/server-process.ts';

const mostLoss = 0.01;
const level = 0.05;
/** Of the blocks with looks. */
const measuredEveryMs = 500;
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
  /** How long reading the node took: a control plane spaces its looks by it. */
  readonly readMs: number;
  /** From the begin of one look to that of the next. */
  readonly everyMs: number;
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
  const timed: NodeReadings = {
    read: async (...asked) => {
      const beganMs = performance.now();
      const snapshot = await node.read(...asked);
      readMs += performance.now() - beganMs;
      return snapshot;
    },
  };
  let [count, processorMs, readMs, lookingMs]: [number, number, number, number] = [0, 0, 0, 0];
  let before: Look | null = null;
  const lookOnce = async (): Promise<void> => {
    const spent = process.cpuUsage();
    const { signal } = new AbortController();
    const look = await takeLook({ clock: systemClock, node: timed, metrics, signal }, service);
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
        const beganMs = performance.now();
        while (!over.signal.aborted) {
          const lookedMs = performance.now();
          await lookOnce();
          const leftMs = Math.max(0, measuredEveryMs - (performance.now() - lookedMs));
          await systemClock.sleep(leftMs, over.signal).catch(() => undefined);
        }
        lookingMs += performance.now() - beganMs;
      })();
      return async () => {
        over.abort();
        await looking;
      };
    },
    taken: (): TakenLooks => {
      const looks = Math.max(1, count);
      return { count, processorMs: processorMs / looks, readMs: readMs / looks, everyMs: lookingMs / looks };
    },
  };
}

/** The effect where looks come less often than they were measured. */
function paceEffect(effect: EffectInterval, measuredMs: number, pacedMs: number): EffectInterval {
  const rarer = measuredMs / pacedMs;
  return { estimate: effect.estimate * rarer, lower: effect.lower * rarer, upper: effect.upper * rarer };
}

function report(rounds: readonly Round[], looks: TakenLooks, json: boolean): number {
  const measured = estimateEffect(rounds, { lower: level, upper: level });
  const shortestMs = chooseSpacing(looks.readMs);
  const [one, many] = [lookEveryMs, shortestMs].map((pacedMs) => paceEffect(measured, looks.everyMs, pacedMs));
  if (one === undefined || many === undefined) throw new Error('two paces are told');
  const isMet = many.lower >= -mostLoss;
  const exit = isMet ? 0 : many.upper < -mostLoss ? 1 : 3;
  const cores = availableParallelism();
  const processorShare = looks.processorMs / shortestMs;
  const loadPerCore = Math.round(((loadavg()[0] ?? 0) / cores) * 10) / 10;
  if (json) {
    const figures = { rounds: rounds.length, measured, oneService: one, manyServices: many, shortestMs, looks };
    const rest = { processorShare, cores, loadPerCore, aims: { mostLoss }, passed: isMet };
    console.log(JSON.stringify({ bench: 'diagnosis-overhead', ...figures, ...rest }, null, 2));
    return exit;
  }
  const percent = (share: number): string => `${(100 * (1 + share)).toFixed(2)}%`;
  const line = (pacedMs: number, { estimate, lower, upper }: EffectInterval): string =>
    `a look every ${(pacedMs / 1_000).toFixed(1).padStart(4)} s: ${percent(estimate)} of the answers without (${percent(lower)} to ${percent(upper)})`;
  console.log(`${line(looks.everyMs, measured)}, measured, ${rounds.length} rounds, ${looks.count} looks`);
  console.log(`${line(lookEveryMs, one)}, one service`);
  console.log(`${line(shortestMs, many)}, many services on one node; at least ${percent(-mostLoss)} is the aim`);
  console.log(
    `a look takes ${looks.processorMs.toFixed(1)} ms of a processor: ${(100 * processorShare).toFixed(2)}% of one at the shortest spacing`,
  );
  console.log(`load of the machine at the end: ${loadPerCore} a core, of ${cores}`);
  return exit;
}
