import type { NodeSnapshot } from '../readings/node-snapshot.ts';
import type { Reading } from '../readings/reading.ts';

/**
 * Where a server tells what its container and its node show from inside: a path of its own, because reading takes longer than the metrics of
 * `/metrics`, which are read each second.
 */
export const containerMetricsPath = '/metrics/container';

/** One number of a look at a node, as a series. */
export interface ContainerSeries {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly type: 'counter' | 'gauge';
  /** What one of the series is in the unit of the snapshot: 1,000 for seconds of milliseconds. */
  readonly unit: number;
  readonly help: string;
  readonly read: (snapshot: NodeSnapshot) => Reading;
}

const prefix = 'plimsoll_container_';

const counter = (
  name: string,
  help: string,
  read: ContainerSeries['read'],
  unit = 1,
  labels: ContainerSeries['labels'] = [],
): ContainerSeries => ({ name: `${prefix}${name}`, labels, type: 'counter', unit, help, read });
const gauge = (name: string, help: string, read: ContainerSeries['read']): ContainerSeries => ({
  ...{ name: `${prefix}${name}`, labels: [], type: 'gauge', unit: 1, help, read },
});

const second = 1_000;
const stalled = 'Time for which programs waited for a resource (PSI)';
const pressureOf = (resource: string, kind: 'some' | 'full', read: ContainerSeries['read']): ContainerSeries =>
  counter('pressure_seconds_total', stalled, read, second, [
    ['kind', kind],
    ['resource', resource],
  ]);

/** Without a quota, as `cpu.max` says it. */
export const noQuota = Infinity;

/** Every number of a snapshot that stands alone. Threads and disks have a series each, by the names of `listSeries`. */
export const containerSeries = {
  cores: gauge('node_cores', 'Cores of the node', ({ cores }) => cores),
  quotaCores: gauge('cpu_quota_cores', 'Processor quota of the container; +Inf without one', ({ quota }) =>
    quota.quotaCores === null ? { value: noQuota } : quota.quotaCores,
  ),
  periods: counter('cpu_periods_total', 'Periods of the quota', ({ quota }) => quota.periods),
  throttledPeriods: counter(
    'cpu_throttled_periods_total',
    'Periods in which the quota held the container back',
    ({ quota }) => quota.throttledPeriods,
  ),
  throttledMs: counter(
    'cpu_throttled_seconds_total',
    'Time for which the quota held threads back',
    ({ quota }) => quota.throttledMs,
    second,
  ),
  cpuSomeMs: pressureOf('cpu', 'some', ({ pressure }) => pressure.cpuSomeMs),
  ioFullMs: pressureOf('io', 'full', ({ pressure }) => pressure.ioFullMs),
  memoryFullMs: pressureOf('memory', 'full', ({ pressure }) => pressure.memoryFullMs),
  pressureOfContainer: gauge(
    'pressure_is_own',
    '1 where the pressure is of the container, 0 where it is of the node',
    ({ pressure }) => ({ value: pressure.of === 'replica' ? 1 : 0 }),
  ),
  majorFaults: counter(
    'major_faults_total',
    'Page faults that had to read from a disk',
    ({ memory }) => memory.majorFaults,
  ),
  replicaReadBytes: counter(
    'disk_read_bytes_total',
    'Bytes that came from a disk and not from the page cache',
    ({ memory }) => memory.replicaReadBytes,
  ),
  limitHits: counter(
    'memory_limit_hits_total',
    'Times that the memory limit of the container was met',
    ({ memory }) => memory.limitHits,
  ),
  refaultedPages: counter(
    'node_refaulted_pages_total',
    'Pages of files that were read again soon after they were dropped, of the node',
    ({ memory }) => memory.refaultedPages,
  ),
  swappedInPages: counter(
    'node_swapped_in_pages_total',
    'Pages swapped in, of the node',
    ({ memory }) => memory.swappedInPages,
  ),
  availableBytes: gauge(
    'node_memory_available_bytes',
    'Memory of the node that is free',
    ({ memory }) => memory.availableBytes,
  ),
  totalBytes: gauge('node_memory_bytes', 'Memory of the node', ({ memory }) => memory.totalBytes),
  sentSegments: counter(
    'tcp_sent_segments_total',
    'TCP segments that the container sent',
    ({ network }) => network.sentSegments,
  ),
  retransmittedSegments: counter(
    'tcp_retransmitted_segments_total',
    'TCP segments that it sent again',
    ({ network }) => network.retransmittedSegments,
  ),
} as const satisfies Readonly<Record<string, ContainerSeries>>;

export type ContainerField = keyof typeof containerSeries;
export const containerFields = Object.keys(containerSeries) as readonly ContainerField[];

/** Series of which there is one for each thread or disk. Labels: `tid`, `name` and `main` of a thread, `disk` of a disk. */
export const listSeries = {
  threadCpu: { name: `${prefix}thread_cpu_seconds_total`, help: 'Processor time of each thread' },
  threadWait: { name: `${prefix}thread_wait_seconds_total`, help: 'Time for which a thread could run and had no core' },
  diskBusy: { name: `${prefix}node_disk_busy_seconds_total`, help: 'Time in which a disk of the node was busy' },
  diskRead: { name: `${prefix}node_disk_read_bytes_total`, help: 'Bytes read from a disk of the node' },
} as const;

/** Why a number is not told, by the field that it is missing from: value 1, labels `field` and `reason`. */
export const unreadInfo = `${prefix}unread_info`;

export const containerMetricNames: readonly string[] = [
  ...new Set(containerFields.map((field) => containerSeries[field].name)),
  ...Object.values(listSeries).map(({ name }) => name),
  unreadInfo,
];

/** More threads than this are not told one by one. */
export const threadsAtMost = 128;

export const tooManyThreads = `the container has more than ${threadsAtMost} threads`;

/** More disks than this are not read: a node has some dozens. */
export const disksAtMost = 256;

export const tooManyDisks = `the server of the replica tells of more than ${disksAtMost} disks`;
