import type { MeasuredRates } from './node-snapshot.ts';
import type { Reading } from './reading.ts';

/** How a reading is written for people. */
export type ReadingUnit = 'share' | 'milliseconds' | 'each-second' | 'bytes-each-second' | 'count';

interface ReadingRow {
  readonly unit: ReadingUnit;
  /** For people. */
  readonly label: string;
}

const row = (unit: ReadingUnit, label: string): ReadingRow => ({ unit, label });

/** Every number that a diagnosis asks for. A row of the order names the ones that it needs. */
export const readingTable = {
  generatorDelayMs: row('milliseconds', 'median delay of the load generator behind its schedule'),
  generatorDelayShare: row(
    'share',
    'delay of the load generator, beyond what a timer resolves, of the time of an answer',
  ),
  generatorWaitShare: row('share', 'time in which the load generator waits for a processor'),
  generatorAchievedShare: row('share', 'requests sent of those scheduled'),
  smActiveShare: row('share', 'activity of the multiprocessors'),
  dramActiveShare: row('share', 'activity of the accelerator memory'),
  engineRunShare: row('share', 'time in which the engine computes'),
  harmfullyThrottledDevices: row('count', 'accelerators whose clocks are held down'),
  clockShare: row('share', 'clock of the accelerator of its maximum'),
  concurrentRequests: row('count', 'requests under way'),
  waitingRequests: row('count', 'requests that wait for a replica or for the engine'),
  requestsPerSecond: row('each-second', 'answers'),
  busiestThreadShare: row('share', 'busiest thread outside the engine, of one core'),
  throttledPeriodShare: row('share', 'periods in which the quota held the replica back'),
  quotaUseShare: row('share', 'processor time used of the quota'),
  coreUseShare: row('share', 'processor time that the watched processes use of the node'),
  cpuPressureShare: row('share', 'time in which something waits for a processor'),
  threadWaitShare: row('share', 'time in which the thread that waits most waits for a processor'),
  linkGenerationShare: row('share', 'PCIe generation of its maximum, under load'),
  linkWidthShare: row('share', 'PCIe width of its maximum'),
  busUseShare: row('share', 'PCIe traffic of the measured copy ceiling'),
  devicesOnOtherNumaNode: row('count', 'accelerators on a NUMA node that the replica may not run on'),
  devicesToBeReset: row('count', 'accelerators whose memory waits for a reset to be repaired'),
  devicesWithoutPeers: row('count', 'accelerators of several that reach each other by way of the host alone'),
  ioPressureShare: row('share', 'time in which everything waits for a disk'),
  diskBusyShare: row('share', 'time in which the busiest disk is busy'),
  diskReadBytesPerSecond: row('bytes-each-second', 'bytes read from disks'),
  storageUseShare: row('share', 'bytes read from disks of the measured cold read'),
  majorFaultsPerSecond: row('each-second', 'page faults of the replica that read from a disk'),
  replicaReadBytesPerSecond: row('bytes-each-second', 'bytes that the replica reads from disks while it serves'),
  refaultedPagesPerSecond: row('each-second', 'pages read again soon after they were dropped'),
  memoryLimitHitsPerSecond: row('each-second', 'times that the memory limit of the replica was met'),
  memoryPressureShare: row('share', 'time in which everything waits for memory'),
  swappedInPagesPerSecond: row('each-second', 'pages swapped in'),
  memoryUseShare: row('share', 'memory in use'),
  deviceMemoryUseShare: row('share', 'accelerator memory in use'),
  retransmittedShare: row('share', 'TCP segments sent again'),
  interfaceUseShare: row('share', 'traffic of the busiest network interface of its speed'),
  transferTimeShare: row('share', 'request time between gateway and replica'),
  transferMs: row('milliseconds', 'time between gateway and replica, a request'),
  preprocessTimeShare: row('share', 'request time in parsing and preprocessing'),
  preprocessOfThreadShare: row('share', 'preprocessing of the time of the busiest thread'),
  preprocessMs: row('milliseconds', 'time in parsing and preprocessing, a request'),
  batchWaitTimeShare: row('share', 'request time that waits for a batch'),
  waitingBatches: row('count', 'batches that the waiting requests would fill at their present size'),
  batchFillShare: row('share', 'rows of a batch of its limit'),
  queueTimeShare: row('share', 'request time in the queue of the gateway'),
  upstreamTimeShare: row('share', 'request time in calls to other services'),
} as const satisfies Readonly<Record<string, ReadingRow>>;

export type ReadingName = keyof typeof readingTable;
export const readingNames = Object.keys(readingTable) as readonly ReadingName[];

export type Readings = Readonly<Record<ReadingName, Reading>>;

/** Words beside the numbers: what a number is of. */
export interface ReadingWords {
  /** `node of the replica (process 17)`. */
  readonly busiestThread: string | null;
  readonly throttleReasons: readonly string[];
  readonly busiestDisk: string | null;
}

/** What one window of time on one node shows. */
export interface WindowReadings {
  readonly windowMs: number;
  /** What computes: an accelerator, or the processor itself. */
  readonly engine: 'accelerator' | 'cpu';
  readonly values: Readings;
  /** When the copy and the cold read were measured that traffic is held against, Unix milliseconds; null where they were not. */
  readonly ceilingsAtMs: number | null;
  /** What a preflight measured of the node beside its devices: a start is held against it. */
  readonly measured: MeasuredRates;
  readonly words: ReadingWords;
}
