import { makeUndoJournal } from '../../src/adapters/files/undo-journal.ts';
import { makeProcessIdentity } from '../../src/adapters/processes/process-table/process-identity.ts';
import { makePrepareAblation } from '../../src/adapters/system/ablation/prepare.ts';
import { prepareOtherCores } from '../../src/adapters/system/ablation/move-threads.ts';
import { restoreOnMachine } from '../../src/adapters/system/ablation/restore.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { nodeRoots } from '../../src/adapters/system/node/node-roots.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import { makeNodeReadings } from '../../src/adapters/system/readings/node-readings.ts';
import type { Experiment, Suspicion } from '../../src/core/diagnosis/cause.ts';
import type { Finding } from '../../src/core/diagnosis/finding/finding.ts';
import { suspectCauses } from '../../src/core/diagnosis/order/suspect-causes.ts';
import { measureWindow } from '../../src/core/diagnosis/readings/measure-window.ts';
import type { DeviceSnapshot } from '../../src/core/diagnosis/readings/node-snapshot.ts';
import { isRead, makeReading, makeUnknown } from '../../src/core/diagnosis/readings/reading.ts';
import { readingNames, type ReadingName } from '../../src/core/diagnosis/readings/window-readings.ts';
import type { ServiceSnapshot } from '../../src/core/diagnosis/waterfall/service-snapshot.ts';
import { drawWaterfall, measureService } from '../../src/core/diagnosis/waterfall/waterfall.ts';
import type { Ablation, PrepareAblation } from '../../src/ports/nodes/ablation.ts';
import type { Measure } from '../../src/prove/diagnosis/measure.ts';
import { makeShowCause } from '../../src/prove/diagnosis/show-cause.ts';
import type { World } from './world.ts';

const warmUpMs = 1_000;
const windowMs = 4_000;

export interface Diagnosed {
  readonly suspected: readonly Suspicion[];
  readonly finding: Finding;
  /** Numbers that were read, by name: they tell why a fault was not suspected. */
  readonly readings: Readonly<Partial<Record<ReadingName, number>>>;
  readonly tookMs: number;
}

/** Reads a window of the world, suspects, and runs the experiments: the functions of `plimsoll diagnose`. */
export async function diagnoseWorld(world: World, signal: AbortSignal): Promise<Diagnosed> {
  const beganMs = performance.now();
  await systemClock.sleep(warmUpMs, signal);
  const devices = makeSimulatedDevice(world);
  const readings = makeNodeReadings({ roots: nodeRoots, clock: systemClock, devices });
  const watched = [
    { role: 'replica', pid: world.serverPid },
    { role: 'generator', pid: world.loadPid },
  ] as const;
  const look = async () => {
    const [node, service] = await Promise.all([readings.read(watched, null, signal), readService(world)]);
    return { node, service: service.snapshot, delayMs: service.delayMs };
  };
  await devices();
  await systemClock.sleep(warmUpMs, signal);
  const before = await look();
  await systemClock.sleep(windowMs, signal);
  const after = await look();
  const service = measureService(before.service, after.service);
  const window = measureWindow(before.node, after.node, {
    service,
    waterfall: drawWaterfall(service),
    generator: {
      delayMs: makeReading(after.delayMs),
      achievedShare: makeUnknown('a loop that waits for answers has no schedule'),
    },
  });
  const { suspected } = suspectCauses(window);
  const finding = await showCause(world, signal)(suspected);
  const numbers = Object.fromEntries(
    readingNames.flatMap((name) => {
      const reading = window.values[name];
      return isRead(reading) ? [[name, Number(reading.value.toPrecision(3))]] : [];
    }),
  );
  return { suspected, finding, readings: numbers, tookMs: performance.now() - beganMs };
}

function showCause(world: World, signal: AbortSignal) {
  const identity = makeProcessIdentity();
  return async (suspected: readonly Suspicion[]): Promise<Finding> =>
    makeShowCause({
      clock: systemClock,
      random: systemRandom,
      signal,
      identity,
      journal: makeUndoJournal(`${world.folder}/diagnosis/undo`),
      restore: restoreOnMachine,
      prepare: prepareIn(world),
      measure: measureLoad(world),
      target: { pid: world.serverPid, identity: (await identity.of(world.serverPid)) ?? '' },
      terms: { accelerators: 1, loadedShare: 1, pricePerHour: null },
      replica: 'spare',
      isLiveAllowed: false,
    })(suspected);
}

function prepareIn(world: World): PrepareAblation {
  const { serverPid, serverPort, loadPid, file } = world;
  const changing = (apply: () => Promise<unknown>, undo: () => Promise<unknown>): Ablation => ({
    restoration: null,
    settleMs: 150,
    apply: async () => void (await apply()),
    undo: async () => void (await undo()),
  });
  const usual = world.settings();
  const ofServer = (change: Parameters<World['changeServer']>[0]): Ablation =>
    changing(
      () => world.changeServer(change),
      () => world.changeServer(usual.server),
    );
  const ofLoad = (change: Parameters<World['changeLoad']>[0]): Ablation =>
    changing(
      () => world.changeLoad(change),
      () => world.changeLoad(usual.load),
    );
  const others: Partial<Record<Experiment, Ablation>> = {
    'synthetic-input': ofLoad({ isPrepared: true }),
    'direct-to-replica': ofLoad({ port: serverPort }),
    'larger-batch': ofServer({ rowsAtMost: Math.max(8, usual.server.rowsAtMost * 2) }),
    'smaller-batch-wait': ofServer({ batchDelayMs: 0 }),
    'stubbed-upstream': ofServer({ isUpstreamStubbed: true }),
    'preloaded-data': ofServer({ isPreloaded: true }),
  };
  const prepare = makePrepareAblation({
    pid: serverPid,
    files: [file],

    nearCores: '',
    others,
  });
  return async (experiment, signal) => {
    if (experiment !== 'pinned-generator') return prepare(experiment, signal);
    // The cores of a generator go with it: nothing is left to undo once this program has ended.
    const pinned = await prepareOtherCores(loadPid, '0');
    return 'refused' in pinned ? pinned : { ...pinned, restoration: null };
  };
}

/** Answers a second of the load that runs anyway. */
const measureLoad =
  (world: World): Measure =>
  async (durationMs, signal) => {
    const [before, beganMs] = [await world.loadCounters(), performance.now()];
    await systemClock.sleep(durationMs, signal);
    const [after, endedMs] = [await world.loadCounters(), performance.now()];
    const answers = after.requests - before.requests;
    return {
      value: (Math.max(answers, 0.5) * 1_000) / (endedMs - beganMs),
      answerMs: answers === 0 ? Infinity : (after.totalMs - before.totalMs) / answers,
    };
  };

/** The engine of the bench as an accelerator: DCGM's activity of the multiprocessors, simulated by the time that the timer ran. */
function makeSimulatedDevice(world: World) {
  let last = { atMs: performance.now(), engineMs: 0 };
  return async (): Promise<{ readonly list: readonly DeviceSnapshot[] }> => {
    const { engineMs } = await world.serverCounters();
    const now = { atMs: performance.now(), engineMs };
    const share = Math.min(1, (now.engineMs - last.engineMs) / (now.atMs - last.atMs));
    last = now;
    return { list: [simulatedDevice(share)] };
  };
}

function simulatedDevice(smActiveShare: number): DeviceSnapshot {
  const unknown = makeUnknown('the accelerator is simulated');
  return {
    uuid: 'GPU-simulated',
    index: 0,
    smActiveShare: makeReading(smActiveShare),
    dramActiveShare: makeReading(0.3),
    clockMhz: makeReading(1_900),
    clockMhzAtMost: makeReading(1_980),
    throttleReasons: [],
    linkGeneration: makeReading(5),
    linkGenerationAtMost: makeReading(5),
    linkWidth: makeReading(16),
    linkWidthAtMost: makeReading(16),
    busBytesPerSecond: unknown,
    busBytesPerSecondAtMost: unknown,
    memoryUsedBytes: unknown,
    memoryTotalBytes: unknown,
    numaNode: unknown,
    remapPending: unknown,
    peersRefused: unknown,
  };
}

async function readService(world: World): Promise<{ readonly snapshot: ServiceSnapshot; readonly delayMs: number }> {
  const [load, server] = await Promise.all([world.loadCounters(), world.serverCounters()]);
  const none = makeReading(0);
  const { phases } = server;
  return {
    delayMs: load.delayMs,
    snapshot: {
      atMs: performance.now(),
      gateways: [
        {
          gatewayId: 'load',
          requests: makeReading(load.requests),
          totalMs: makeReading(load.totalMs),
          replicaMs: makeReading(load.totalMs),
          phasesMs: { admission: none, queue: none, connect: none, answer: none },
        },
      ],
      servers: [
        {
          replicaId: 'replica',
          requests: makeReading(server.requests),
          phasesMs: {
            receive: makeReading(phases.receive),
            preprocess: makeReading(phases.preprocess),
            upstream: makeReading(phases.upstream),
            'batch-wait': makeReading(phases['batch-wait']),
            run: makeReading(phases.run),
            encode: makeReading(phases.encode),
          },
          engineMs: makeReading(server.engineMs),
          batches: makeReading(server.batches),
          rows: makeReading(server.rows),
          rowsAtMost: makeReading(server.rowsAtMost),
        },
      ],
    },
  };
}
