import type { NodeSnapshot, ThreadCounters, DeviceSnapshot } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { makeReading, makeUnknown } from '../../../core/diagnosis/readings/reading.ts';
import {
  readingNames,
  type ReadingName,
  type Readings,
  type WindowReadings,
} from '../../../core/diagnosis/readings/window-readings.ts';

const untold = makeUnknown('the test does not tell it');

/** A window in which only the named readings are known. */
export function makeWindow(
  values: Partial<Record<ReadingName, number>>,
  engine: WindowReadings['engine'] = 'accelerator',
): WindowReadings {
  const readings = Object.fromEntries(
    readingNames.map((name) => {
      const value = values[name];
      return [name, value === undefined ? makeUnknown(`${name} was not read`) : makeReading(value)];
    }),
  ) as Readings;
  return {
    windowMs: 10_000,
    engine,
    ceilingsAtMs: null,
    measured: { takenAtMs: null, storageBytesPerSecond: untold, cachedBytesPerSecond: untold },
    values: readings,
    words: { busiestThread: null, throttleReasons: [], busiestDisk: null },
  };
}

/** A window in which nothing is wrong and the accelerator is between busy and idle. */
export const healthyValues: Readonly<Record<ReadingName, number>> = {
  generatorDelayMs: 0.2,
  generatorDelayShare: 0,
  generatorWaitShare: 0.01,
  generatorAchievedShare: 1,
  smActiveShare: 0.6,
  dramActiveShare: 0.3,
  engineRunShare: 0.6,
  harmfullyThrottledDevices: 0,
  clockShare: 0.98,
  concurrentRequests: 4,
  waitingRequests: 0.3,
  requestsPerSecond: 100,
  busiestThreadShare: 0.4,
  throttledPeriodShare: 0,
  quotaUseShare: 0.4,
  coreUseShare: 0.5,
  cpuPressureShare: 0.02,
  threadWaitShare: 0.02,
  linkGenerationShare: 1,
  linkWidthShare: 1,
  busUseShare: 0.2,
  devicesOnOtherNumaNode: 0,
  devicesToBeReset: 0,
  devicesWithoutPeers: 0,
  ioPressureShare: 0,
  diskBusyShare: 0.01,
  diskReadBytesPerSecond: 0,
  storageUseShare: 0,
  majorFaultsPerSecond: 0,
  replicaReadBytesPerSecond: 0,
  refaultedPagesPerSecond: 0,
  memoryLimitHitsPerSecond: 0,
  memoryPressureShare: 0,
  swappedInPagesPerSecond: 0,
  memoryUseShare: 0.5,
  deviceMemoryUseShare: 0.7,
  retransmittedShare: 0,
  interfaceUseShare: 0.1,
  transferTimeShare: 0.05,
  transferMs: 0.5,
  preprocessTimeShare: 0.1,
  preprocessOfThreadShare: 0.2,
  preprocessMs: 1,
  batchWaitTimeShare: 0.1,
  waitingBatches: 0.5,
  batchFillShare: 0.8,
  queueTimeShare: 0.01,
  upstreamTimeShare: 0,
};

/** One look at a node of two cores without an accelerator, on which nothing has happened yet. */
export function makeNodeSnapshot(changes: Partial<NodeSnapshot> = {}): NodeSnapshot {
  const zero = makeReading(0);
  return {
    atMs: 0,
    cores: makeReading(2),
    threads: { list: [] },
    quota: { quotaCores: null, periods: zero, throttledPeriods: zero, throttledMs: zero },
    pressure: { of: 'node', cpuSomeMs: zero, ioFullMs: zero, memoryFullMs: zero },
    memory: {
      majorFaults: zero,
      replicaReadBytes: zero,
      refaultedPages: zero,
      limitHits: zero,
      swappedInPages: zero,
      availableBytes: makeReading(3e9),
      totalBytes: makeReading(4e9),
    },
    disks: { list: [] },
    network: { sentSegments: zero, retransmittedSegments: zero, interfaces: { list: [] } },
    replicaNumaNodes: { list: [0] },
    devices: { list: [] },
    measured: { takenAtMs: null, storageBytesPerSecond: untold, cachedBytesPerSecond: untold },
    ...changes,
  };
}

/** A thread of the replica that began its process. */
export const makeThread = (changes: Partial<ThreadCounters> = {}): ThreadCounters => ({
  ...{ role: 'replica', pid: 7, tid: 7, name: 'server', isMain: true },
  cpuMs: makeReading(0),
  waitedMs: makeReading(0),
  ...changes,
});

/** A device of which only the named facts are known. */
export const makeDevice = (changes: Partial<DeviceSnapshot> = {}): DeviceSnapshot => ({
  uuid: 'GPU-1',
  index: 0,
  smActiveShare: untold,
  dramActiveShare: untold,
  clockMhz: untold,
  clockMhzAtMost: untold,
  throttleReasons: null,
  linkGeneration: untold,
  linkGenerationAtMost: untold,
  linkWidth: untold,
  linkWidthAtMost: untold,
  busBytesPerSecond: untold,
  busBytesPerSecondAtMost: untold,
  memoryUsedBytes: untold,
  memoryTotalBytes: untold,
  numaNode: untold,
  remapPending: untold,
  peersRefused: untold,
  ...changes,
});
