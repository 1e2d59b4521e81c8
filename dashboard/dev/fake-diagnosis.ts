import type { TriedExperiment } from '../../src/core/diagnosis/finding/finding.ts';
import { suspectCauses } from '../../src/core/diagnosis/order/suspect-causes.ts';
import {
  readingNames,
  type ReadingName,
  type WindowReadings,
} from '../../src/core/diagnosis/readings/window-readings.ts';
import { makeDiagnosisRecord } from '../../src/core/diagnosis/report/diagnosis-record.ts';
import { tellFinding } from '../../src/core/diagnosis/report/tell-finding.ts';
import { phaseTable, requestPhases, type RequestPhase } from '../../src/core/diagnosis/waterfall/request-phase.ts';
import type { Waterfall } from '../../src/core/diagnosis/waterfall/waterfall.ts';
import type { DiagnosisAnswer, ShownDiagnosis } from '../../src/schemas/diagnosis/http-diagnosis.ts';

const minuteMs = 60_000;
const price = { perHour: 2.6, currency: 'EUR' };
const unread = 'DCGM tells it, and no Prometheus server is named: set PLIMSOLL_PROMETHEUS_URL';

const windowOf = (
  values: Partial<Record<ReadingName, number>>,
  engine: WindowReadings['engine'],
  ceilingsAtMs: number | null,
): WindowReadings => ({
  ...{ windowMs: 8_012, engine, ceilingsAtMs },
  measured: {
    takenAtMs: ceilingsAtMs,
    ...{ storageBytesPerSecond: { value: 2.1e9 }, cachedBytesPerSecond: { value: 6.4e9 } },
  },
  values: Object.fromEntries(
    readingNames.map((name) => [name, values[name] === undefined ? { unknown: unread } : { value: values[name] }]),
  ) as WindowReadings['values'],
  words: { busiestThread: 'server of the replica (process 4711)', throttleReasons: [], busiestDisk: 'nvme0n1' },
});

function waterfallOf(requests: number, ms: Partial<Record<RequestPhase, number>>): Waterfall {
  const known = Object.values(ms).reduce((sum, each) => sum + each, 0);
  return {
    requests: { value: requests },
    totalMs: { value: known * 1.04 },
    notAccountedMs: { value: known * 0.04 },
    rows: requestPhases.map((phase) => ({
      phase,
      waitsFor: phaseTable[phase].waitsFor,
      ms: ms[phase] === undefined ? { unknown: 'this server does not tell it' } : { value: ms[phase] },
    })),
  };
}

const ofRequests = {
  ...{ admission: 0.21, queue: 0.06, connect: 0.03, transfer: 0.84, receive: 0.12, preprocess: 1.9 },
  ...{ 'batch-wait': 2.1, run: 6.4, encode: 0.31, answer: 0.17 },
};
const calm: Partial<Record<ReadingName, number>> = {
  ...{ engineRunShare: 0.61, busiestThreadShare: 0.38, quotaUseShare: 0.55, coreUseShare: 0.42, diskBusyShare: 0.02 },
  ...{ interfaceUseShare: 0.07, memoryUseShare: 0.48, throttledPeriodShare: 0, threadWaitShare: 0.02 },
  ...{ concurrentRequests: 2.4, waitingRequests: 0.3, memoryPressureShare: 0, ioPressureShare: 0 },
};

/** Two looks without a fault, as the control plane takes them. */
function makeWatched(nowMs: number): ShownDiagnosis {
  const window = windowOf(calm, 'cpu', null);
  const of = { takenAtMs: nowMs - 11_000, node: 'gpu-1', accelerators: 1 };
  const seen = { window: { ...window, windowMs: 30_004 }, waterfall: waterfallOf(5_218, ofRequests) };
  const record = makeDiagnosisRecord({ ...seen, suspicions: suspectCauses(window) }, [], of);
  return { record, finding: tellFinding(record, price) };
}

const tried: readonly TriedExperiment[] = [
  {
    experiment: 'lifted-quota',
    causes: ['cpu-quota'],
    outcome: { kind: 'shown', effect: { estimate: 0.84, lower: 0.71, upper: 0.97 }, rounds: 10 },
    notUndone: null,
  },
  {
    experiment: 'smaller-batch-wait',
    causes: ['batching'],
    outcome: { kind: 'not-run', reason: 'cpu-quota explains the same signs' },
    notUndone: null,
  },
];

/** A diagnosis with experiments that showed a quota. */
function makeRun(nowMs: number): ShownDiagnosis {
  const values = { ...calm, throttledPeriodShare: 0.44, quotaUseShare: 0.99, batchWaitTimeShare: 0.46 };
  const window = windowOf(values, 'cpu', null);
  const of = { takenAtMs: nowMs - 12 * minuteMs, node: 'gpu-1', accelerators: 1 };
  const waterfall = waterfallOf(1_904, { ...ofRequests, preprocess: 4.7, 'batch-wait': 11.8, transfer: 2.9 });
  const record = makeDiagnosisRecord({ window, waterfall, suspicions: suspectCauses(window) }, tried, of);
  return { record, finding: tellFinding(record, price) };
}

/** A node with accelerators, whose link and traffic point at two causes that nobody tried. */
function makeUndetermined(nowMs: number): ShownDiagnosis {
  const window = windowOf(
    {
      ...calm,
      ...{ smActiveShare: 0.34, dramActiveShare: 0.21, clockShare: 0.97, linkGenerationShare: 0.4, linkWidthShare: 1 },
      ...{ busUseShare: 0.91, storageUseShare: 0.12, deviceMemoryUseShare: 0.83, devicesOnOtherNumaNode: 0 },
      harmfullyThrottledDevices: 0,
    },
    'accelerator',
    nowMs - 26 * 3_600_000,
  );
  const of = { takenAtMs: nowMs - 19_000, node: 'node-07', accelerators: 2 };
  const waterfall = waterfallOf(812, { ...ofRequests, run: 41 });
  const record = makeDiagnosisRecord({ window, waterfall, suspicions: suspectCauses(window) }, [], of);
  return { record, finding: tellFinding(record, price) };
}

/** What the control plane of a scenario knows of the service's node, made up. */
export function fakeDiagnosis(scenario: string, nowMs: number): DiagnosisAnswer {
  const missing = 'nothing was read yet: two looks at a replica that serves are needed, half a minute apart';
  switch (scenario) {
    case 'steady':
    case 'watching':
      return { nowMs, watched: makeWatched(nowMs), run: { ...makeRun(nowMs), by: 'vera', seq: 41 }, price };
    case 'crowded':
    case 'scaling':
      return { nowMs, watched: makeUndetermined(nowMs), run: null, price };
    case 'tabular':
      return { nowMs, watched: makeWatched(nowMs), run: null, price: null };
    default:
      return { nowMs, watched: { missing }, run: null, price: null };
  }
}
