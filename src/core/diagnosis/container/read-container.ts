import { labelOf, type MetricSample } from '../../scaling/engine-metrics/reading.ts';
import type { DiskCounters, ListReading, NodeSnapshot, ThreadCounters } from '../readings/node-snapshot.ts';
import { isRead, makeReading, makeUnknown, mapReading, type Reading } from '../readings/reading.ts';
import {
  containerMetricNames,
  containerSeries,
  disksAtMost,
  listSeries,
  noQuota,
  threadsAtMost,
  tooManyDisks,
  tooManyThreads,
  unreadInfo,
  type ContainerField,
} from './container-metrics.ts';
import { nameAtMost, reasonAtMost, readText } from './told-text.ts';

const notTold = 'the server of the replica tells no counters of its container';

/**
 * Returns a look at a node that this program is not on, with what the server of a replica there tells of its container.
 *
 * | the server | readings |
 * |---|---|
 * | tells the series | those of the series |
 * | tells why it has none | unknown, for that reason |
 * | has no such series at all | as they are in `elsewhere`, unknown for `notTold` |
 * | tells more threads or disks than are read | unknown |
 *
 * A server may lie, and all of this is what it says. Texts are cut and their control characters shown, because people read them. Lists are
 * bounded, so that no server keeps the reader busy.
 *
 * Its network interfaces are those of the pod, whose speed nobody tells, and its NUMA nodes are of no use without the devices' own. Devices
 * and what was measured are as `elsewhere` has them.
 *
 * @param samples of the server; unknown where it did not answer.
 * @param elsewhere a look at the node from outside.
 */
export function readContainer(
  samples: readonly MetricSample[] | { readonly unknown: string },
  elsewhere: NodeSnapshot,
): NodeSnapshot {
  const told = 'unknown' in samples ? [] : samples.filter(({ name }) => names.has(name));
  const failed = 'unknown' in samples ? `${notTold}: ${readText(samples.unknown, reasonAtMost)}` : notTold;
  const reasons = new Map(
    told
      .filter(({ name }) => name === unreadInfo)
      .map((each) => [labelOf(each, 'field'), readText(labelOf(each, 'reason'), reasonAtMost)]),
  );
  const why = (field: string): string => reasons.get(field) ?? failed;
  const value = (field: ContainerField): Reading => {
    const { name, labels, unit } = containerSeries[field];
    const found = told.find(
      (sample) => sample.name === name && labels.every(([label, of]) => labelOf(sample, label) === of),
    );
    return found === undefined ? makeUnknown(why(field)) : makeReading(found.value * unit);
  };
  const own = value('pressureOfContainer');
  return {
    ...elsewhere,
    cores: value('cores'),
    threads: readThreads(told, why('threads')),
    quota: {
      quotaCores: isWithoutQuota(told) ? null : value('quotaCores'),
      periods: value('periods'),
      throttledPeriods: value('throttledPeriods'),
      throttledMs: value('throttledMs'),
    },
    pressure: {
      of: isRead(own) && own.value === 1 ? 'replica' : 'node',
      cpuSomeMs: value('cpuSomeMs'),
      ioFullMs: value('ioFullMs'),
      memoryFullMs: value('memoryFullMs'),
    },
    memory: {
      majorFaults: value('majorFaults'),
      replicaReadBytes: value('replicaReadBytes'),
      limitHits: value('limitHits'),
      refaultedPages: value('refaultedPages'),
      swappedInPages: value('swappedInPages'),
      availableBytes: value('availableBytes'),
      totalBytes: value('totalBytes'),
    },
    disks: readDisks(told, why('disks')),
    network: {
      sentSegments: value('sentSegments'),
      retransmittedSegments: value('retransmittedSegments'),
      interfaces: { unknown: 'the speed of the interface of a pod is not told' },
    },
    replicaNumaNodes: { unknown: 'the NUMA nodes of a replica on another node are not read' },
  };
}

const names: ReadonlySet<string> = new Set(containerMetricNames);

const isWithoutQuota = (told: readonly MetricSample[]): boolean =>
  told.some(({ name, value }) => name === containerSeries.quotaCores.name && value === noQuota);

function readThreads(told: readonly MetricSample[], reason: string): ListReading<ThreadCounters> {
  const threads = told.filter(({ name }) => name === listSeries.threadCpu.name);
  if (threads.length > threadsAtMost) return { unknown: tooManyThreads };
  const waits = new Map(
    told.filter(({ name }) => name === listSeries.threadWait.name).map((each) => [threadOf(each), each.value]),
  );
  const list = threads.map((sample): ThreadCounters => {
    const wait = waits.get(threadOf(sample));
    return {
      ...{ role: 'replica', pid: Number(labelOf(sample, 'pid')), tid: Number(labelOf(sample, 'tid')) },
      name: readText(labelOf(sample, 'name'), nameAtMost),
      isMain: labelOf(sample, 'main') === 'true',
      cpuMs: makeReading(sample.value * 1_000),
      waitedMs: wait === undefined ? makeUnknown('the kernel of the node does not tell it') : makeReading(wait * 1_000),
    };
  });
  return list.length === 0 ? { unknown: reason } : { list };
}

const threadOf = (sample: MetricSample): string => `${labelOf(sample, 'pid')} ${labelOf(sample, 'tid')}`;

function readDisks(told: readonly MetricSample[], reason: string): ListReading<DiskCounters> {
  const valuesOf = (metric: string): ReadonlyMap<string, number> =>
    new Map(
      told.flatMap((sample) => {
        const disk = sample.name === metric ? labelOf(sample, 'disk') : null;
        return disk === null ? [] : [[disk, sample.value] as const];
      }),
    );
  const [busy, read] = [valuesOf(listSeries.diskBusy.name), valuesOf(listSeries.diskRead.name)];
  const disks = new Set([...busy.keys(), ...read.keys()]);
  if (disks.size > disksAtMost) return { unknown: tooManyDisks };
  const of = (values: ReadonlyMap<string, number>, disk: string): Reading => {
    const value = values.get(disk);
    return value === undefined ? makeUnknown('the kernel of the node does not tell it') : makeReading(value);
  };
  const untold = makeUnknown('it is not passed on');
  const list = [...disks].map((disk): DiskCounters => ({
    ...{ name: readText(disk, nameAtMost), reads: untold, readMs: untold },
    readBytes: of(read, disk),
    busyMs: mapReading(of(busy, disk), (seconds) => seconds * 1_000),
  }));
  // A node whose disks are hidden from the container tells an empty list: that it has none is not known.
  return list.length === 0 ? { unknown: reason } : { list };
}
