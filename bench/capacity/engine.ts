import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { makeLoadFacts } from '../../src/adapters/system/load/load-facts.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { openReplicaClient } from '../../src/bin/open/open-replica-client.ts';
import { openNullReplica } from '../../src/adapters/replica-http/null-replica.ts';
import { drawArrivals } from '../../src/core/capacity/sustained/draw-arrivals.ts';
import { lateAllowed, measureHorizon } from '../../src/core/capacity/sustained/measure-horizon.ts';
import { sustainedCapacity } from '../../src/core/evidence/kinds/capacity/sustained-capacity.ts';
import { standingOfHorizon } from '../../src/core/evidence/kinds/capacity/sustained-interval.ts';
import { horizonCutShare } from '../../src/core/evidence/kinds/capacity/sustained-measurements.ts';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { measureCapacity } from '../../src/prove/capacity/capacity-measure.ts';
import type { Ask } from '../../src/prove/capacity/closed-loop.ts';
import { openLoop, underWayAtMost } from '../../src/prove/capacity/open-loop.ts';
import { perceptronModel } from '../../src/testing/builders/files/onnx-models.ts';
import { startServer } from '../model-server/server-process.ts';

const objective = { p95: 50 };

/** What a limit of the built-in engine came to when it was held. */
export interface EngineReport {
  readonly horizonMs: number;
  readonly lowerPerSecond: number | null;
  readonly upperPerSecond: number | null;
  /** Horizons at the lower limit afterwards, and those of them that were inside. */
  readonly held: number;
  readonly inside: number;
}

/** Measures a generated model on the built-in engine, and then holds the lower limit for so many minutes. */
export async function measureEngine(minutes: number, horizonMs: number): Promise<EngineReport> {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-bench-'));
  const model = path.join(folder, 'model.onnx');
  writeFileSync(model, perceptronModel({ layers: [784, 1024, 1024, 10] }));
  const program = path.join(import.meta.dirname, '../../src/bin/plimsoll.ts');
  const server = await startServer({
    file: process.execPath,
    args: ['--disable-warning=ExperimentalWarning', program, 'serve-model', '--model', `m=${model}`, '--port', '0'],
    portIn: (printed) => Number(/"listening","port":(\d+)/.exec(printed)?.[1] ?? NaN) || null,
    readyPath: '/v2/health/ready',
    startTimeoutMs: 60_000,
  });
  try {
    return await measureAt(server.url, server.pid, minutes, horizonMs);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureAt(url: string, pid: number, minutes: number, horizonMs: number): Promise<EngineReport> {
  const { signal } = new AbortController();
  const client = openReplicaClient('open-inference-v2', underWayAtMost);
  const values = Float32Array.from({ length: 784 }, (_, at) => (at % 97) / 97);
  const inputs = [{ name: 'image', datatype: 'FP32', shape: [1, 784], bytes: new Uint8Array(values.buffer) }];
  const makeAsk =
    (endpoint: string): Ask =>
    async () => {
      await client.inferTensors(endpoint, 'm', { inputs, binary: true }, signal);
      return null;
    };
  const clock = systemClock;
  const context = {
    clock,
    signal,
    terminal: {
      note: (text: string) => console.error(text),
    },
    nodeProbe: () => Promise.reject(new Error('no accelerator is looked at')),
    loadFacts: () => Promise.resolve(makeLoadFacts()),
    nullReplica: openNullReplica,
  };
  const measured = await measureCapacity(context, {
    protocol: 'open-inference-v2',
    objective,
    levels: [1, 2, 4, 8, 16, 32, 64],
    measureMs: 3_000,
    horizonMs,
    horizons: 14,
    pid,
    requests: { of: 'one row', ask: (rows, endpoint = url) => Promise.resolve(rows === 1 ? makeAsk(endpoint) : null) },
    batchCounters: () => client.batchCounters(url, signal),
  });
  const found = sustainedCapacity(measured, objective);
  const lowerPerSecond = found?.lower?.perSecond ?? null;
  let [held, inside] = [0, 0];
  for (const endMs = clock.monotonicMs() + minutes * 60_000; clock.monotonicMs() < endMs && lowerPerSecond !== null;) {
    const dueMs = drawArrivals(lowerPerSecond, horizonMs, seededRandom(100_000 + held));
    const countedFromMs = horizonCutShare * horizonMs;
    const counted = dueMs.filter((atMs) => atMs >= countedFromMs).length;
    const allowed = { lateAllowed: lateAllowed(counted, objective), refusedAtMost: Infinity };
    const times = await openLoop(context, makeAsk(url), { dueMs, durationMs: horizonMs, countedFromMs, ...allowed });
    const standing = standingOfHorizon(measureHorizon(times, Object.keys(objective)), objective, 0);
    held += 1;
    if (standing === 'inside') inside += 1;
    const leftMinutes = Math.max(0, Math.ceil((endMs - clock.monotonicMs()) / 60_000));
    context.terminal.note(`held for horizon ${held}: ${standing}; about ${leftMinutes} min left`);
  }
  return { horizonMs, lowerPerSecond, upperPerSecond: found?.upper?.perSecond ?? null, held, inside };
}
