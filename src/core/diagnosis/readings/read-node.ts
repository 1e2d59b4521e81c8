import { measureGrowth, measureRate, measureTimeShare } from './counter.ts';
import type { DiskCounters, InterfaceCounters, ListReading, NodeSnapshot } from './node-snapshot.ts';
import {
  combineReadings,
  isRead,
  makeReading,
  makeShare,
  makeUnknown,
  mapReading,
  takeLargestKnown,
  type Reading,
} from './reading.ts';
import type { Readings } from './window-readings.ts';

type NodeReadings = Pick<
  Readings,
  | 'throttledPeriodShare'
  | 'cpuPressureShare'
  | 'ioPressureShare'
  | 'memoryPressureShare'
  | 'memoryLimitHitsPerSecond'
  | 'diskBusyShare'
  | 'diskReadBytesPerSecond'
  | 'storageUseShare'
  | 'majorFaultsPerSecond'
  | 'replicaReadBytesPerSecond'
  | 'refaultedPagesPerSecond'
  | 'swappedInPagesPerSecond'
  | 'memoryUseShare'
  | 'retransmittedShare'
  | 'interfaceUseShare'
>;

/** Fewer segments than this say nothing of a share that was sent again. */
const leastSegments = 100;

/** What the kernel tells of the node and of the replica's control group over a window. */
export function measureNode(
  before: NodeSnapshot,
  after: NodeSnapshot,
): { readonly values: NodeReadings; readonly busiestDisk: string | null } {
  const elapsedMs = after.atMs - before.atMs;
  const rate = (from: Reading, to: Reading, what: string): Reading => measureRate(from, to, elapsedMs, what);
  const disks = pairByName(before.disks, after.disks);
  const busy = eachOf(disks, ([from, to]) => measureTimeShare(from.busyMs, to.busyMs, elapsedMs, `disk ${to.name}`));
  const busiest = takeLargestKnown(busy.readings, busy.nothing);
  const at = busy.readings.findIndex((one) => isRead(one) && isRead(busiest) && one.value === busiest.value);
  const read = eachOf(disks, ([from, to]) => rate(from.readBytes, to.readBytes, `bytes read from ${to.name}`));
  const mostRead = takeLargestKnown(read.readings, read.nothing);
  return {
    busiestDisk: 'list' in disks ? (disks.list[at]?.[1].name ?? null) : null,
    values: {
      throttledPeriodShare: measureThrottling(before, after),
      ...measurePressure(before, after),
      diskBusyShare: capShare(busiest),
      diskReadBytesPerSecond: mostRead,
      storageUseShare: useOfStorage(mostRead, after.measured.storageBytesPerSecond),
      majorFaultsPerSecond: rate(before.memory.majorFaults, after.memory.majorFaults, 'the count of major faults'),
      replicaReadBytesPerSecond: rate(
        before.memory.replicaReadBytes,
        after.memory.replicaReadBytes,
        'bytes that the replica read from disks',
      ),
      memoryLimitHitsPerSecond: rate(
        before.memory.limitHits,
        after.memory.limitHits,
        'the count of hits of the memory limit',
      ),
      refaultedPagesPerSecond: rate(before.memory.refaultedPages, after.memory.refaultedPages, 'the count of refaults'),
      swappedInPagesPerSecond: rate(before.memory.swappedInPages, after.memory.swappedInPages, 'pages swapped in'),
      memoryUseShare: combineReadings(
        after.memory.availableBytes,
        after.memory.totalBytes,
        (free, all) => 1 - free / all,
      ),
      retransmittedShare: measureRetransmits(before, after),
      interfaceUseShare: measureInterfaces(before, after, elapsedMs),
    },
  };
}

/** A disk that reads more than the measured file did is another disk, or has become faster: its ceiling is not known. */
function useOfStorage(read: Reading, atMost: Reading): Reading {
  const use = makeShare(read, atMost, 'the measured read is told as 0');
  if (!isRead(use) || use.value <= 1.05) return capShare(use);
  return makeUnknown('the disk reads faster than the file did that was measured');
}

/** A group without a quota was never held back: 0, which is known. */
function measureThrottling({ quota: before }: NodeSnapshot, { quota: after }: NodeSnapshot): Reading {
  if (after.quotaCores === null) return makeReading(0);
  if (!isRead(after.quotaCores)) return after.quotaCores;
  const periods = measureGrowth(before.periods, after.periods, 'the count of quota periods');
  const throttled = measureGrowth(before.throttledPeriods, after.throttledPeriods, 'the count of throttled periods');
  // A group in which nothing ran has no period.
  if (isRead(periods) && periods.value === 0) return makeReading(0);
  return capShare(makeShare(throttled, periods, 'no period of the quota passed'));
}

function measurePressure(
  before: NodeSnapshot,
  after: NodeSnapshot,
): Pick<NodeReadings, 'cpuPressureShare' | 'ioPressureShare' | 'memoryPressureShare'> {
  const elapsedMs = after.atMs - before.atMs;
  const of = (name: 'cpuSomeMs' | 'ioFullMs' | 'memoryFullMs', what: string): Reading =>
    before.pressure.of === after.pressure.of
      ? capShare(measureTimeShare(before.pressure[name], after.pressure[name], elapsedMs, `the pressure of ${what}`))
      : makeUnknown('the pressure was read of the replica at one look and of the node at the other');
  return {
    cpuPressureShare: of('cpuSomeMs', 'processors'),
    ioPressureShare: of('ioFullMs', 'disks'),
    memoryPressureShare: of('memoryFullMs', 'memory'),
  };
}

function measureRetransmits({ network: before }: NodeSnapshot, { network: after }: NodeSnapshot): Reading {
  const sent = measureGrowth(before.sentSegments, after.sentSegments, 'the count of sent segments');
  if (isRead(sent) && sent.value < leastSegments) {
    return makeUnknown(`only ${sent.value} TCP segments were sent, which says nothing of a share`);
  }
  const again = measureGrowth(
    before.retransmittedSegments,
    after.retransmittedSegments,
    'the count of segments sent again',
  );
  return capShare(makeShare(again, sent, 'no segment was sent'));
}

function measureInterfaces(before: NodeSnapshot, after: NodeSnapshot, elapsedMs: number): Reading {
  const pairs = pairByName(before.network.interfaces, after.network.interfaces);
  const uses = eachOf(pairs, ([from, to]) => useOfInterface(from, to, elapsedMs));
  return takeLargestKnown(uses.readings, uses.nothing);
}

/** The busier way. More than the interface can carry is no rate: its speed is told wrongly. */
function useOfInterface(from: InterfaceCounters, to: InterfaceCounters, elapsedMs: number): Reading {
  const ways = [
    measureRate(from.receivedBytes, to.receivedBytes, elapsedMs, `bytes received by ${to.name}`),
    measureRate(from.sentBytes, to.sentBytes, elapsedMs, `bytes sent by ${to.name}`),
  ];
  const use = makeShare(takeLargestKnown(ways, ''), to.bytesPerSecondAtMost, `the speed of ${to.name} is told as 0`);
  if (!isRead(use) || use.value <= 1.05) return capShare(use);
  return makeUnknown(`${to.name} carries more than its speed, which is told wrongly`);
}

type Pairs<T> = ListReading<readonly [before: T, after: T]>;

function pairByName<T extends DiskCounters | InterfaceCounters>(
  before: ListReading<T>,
  after: ListReading<T>,
): Pairs<T> {
  if (!('list' in after)) return after;
  if (!('list' in before)) return before;
  return {
    list: after.list.flatMap((to) => {
      const from = before.list.find(({ name }) => name === to.name);
      return from === undefined ? [] : [[from, to] as const];
    }),
  };
}

function eachOf<T>(
  pairs: Pairs<T>,
  read: (pair: readonly [before: T, after: T]) => Reading,
): { readonly readings: readonly Reading[]; readonly nothing: string } {
  return 'list' in pairs
    ? { readings: pairs.list.map(read), nothing: 'there is none' }
    : { readings: [], nothing: pairs.unknown };
}

/** Two clocks never agree to the millisecond. */
const capShare = (reading: Reading): Reading => mapReading(reading, (share) => Math.min(1, share));
