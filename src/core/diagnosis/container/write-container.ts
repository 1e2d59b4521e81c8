import type { NodeSnapshot, ThreadCounters } from '../readings/node-snapshot.ts';
import { isRead, type Reading } from '../readings/reading.ts';
import {
  containerFields,
  containerSeries,
  listSeries,
  threadsAtMost,
  tooManyThreads,
  unreadInfo,
} from './container-metrics.ts';
import { reasonAtMost } from './told-text.ts';
import type { MetricFamily } from './metric-family.ts';

type Sample = MetricFamily['samples'][number];

/**
 * Returns a look from inside a container as series. What is unknown has no series; its reason is a label of `unreadInfo`, so that whoever
 * reads it can say why.
 */
export function writeContainer(snapshot: NodeSnapshot): readonly MetricFamily[] {
  const unread = new Map<string, string>();
  const told = (field: string, reading: Reading, unit: number): number | null => {
    if (isRead(reading)) return reading.value / unit;
    unread.set(field, reading.unknown);
    return null;
  };
  const families = new Map<string, { readonly family: Omit<MetricFamily, 'samples'>; readonly samples: Sample[] }>();
  for (const field of containerFields) {
    const { name, type, help, labels, unit, read } = containerSeries[field];
    // A container without a quota has no periods: that is known, and no reason.
    const isWithoutQuota = snapshot.quota.quotaCores === null && (field.startsWith('throttled') || field === 'periods');
    const value = isWithoutQuota ? null : told(field, read(snapshot), unit);
    if (value === null) continue;
    const known = families.get(name) ?? { family: { name, type, help }, samples: [] };
    known.samples.push({ labels, value });
    families.set(name, known);
  }
  const lists = [...threadFamilies(snapshot, unread), ...diskFamilies(snapshot, unread)];
  const info = [...unread].map(([field, reason]): Sample => ({
    labels: [
      ['field', field],
      ['reason', reason.slice(0, reasonAtMost)],
    ],
    value: 1,
  }));
  return [
    ...[...families.values()].map(({ family, samples }) => ({ ...family, samples })),
    ...lists,
    { name: unreadInfo, type: 'gauge', help: 'What cannot be read in this container, and why', samples: info },
  ];
}

function threadFamilies({ threads }: NodeSnapshot, unread: Map<string, string>): readonly MetricFamily[] {
  if ('unknown' in threads || threads.list.length > threadsAtMost) {
    unread.set('threads', 'unknown' in threads ? threads.unknown : tooManyThreads);
    return [];
  }
  const family = (of: (typeof listSeries)['threadCpu' | 'threadWait'], read: (thread: ThreadCounters) => Reading) => ({
    ...{ name: of.name, help: of.help, type: 'counter' as const },
    samples: threads.list.flatMap((thread): readonly Sample[] => {
      const reading = read(thread);
      return isRead(reading) ? [{ labels: labelsOf(thread), value: reading.value / 1_000 }] : [];
    }),
  });
  return [
    family(listSeries.threadCpu, ({ cpuMs }) => cpuMs),
    family(listSeries.threadWait, ({ waitedMs }) => waitedMs),
  ];
}

const labelsOf = ({ pid, tid, name, isMain }: ThreadCounters): Sample['labels'] => [
  ['main', String(isMain)],
  ['name', name],
  ['pid', String(pid)],
  ['tid', String(tid)],
];

function diskFamilies({ disks }: NodeSnapshot, unread: Map<string, string>): readonly MetricFamily[] {
  if ('unknown' in disks) {
    unread.set('disks', disks.unknown);
    return [];
  }
  const family = (of: (typeof listSeries)['diskBusy' | 'diskRead'], unit: number, pick: 'busyMs' | 'readBytes') => ({
    ...{ name: of.name, help: of.help, type: 'counter' as const },
    samples: disks.list.flatMap((disk): readonly Sample[] => {
      const reading = disk[pick];
      return isRead(reading) ? [{ labels: [['disk', disk.name]], value: reading.value / unit }] : [];
    }),
  });
  return [family(listSeries.diskBusy, 1_000, 'busyMs'), family(listSeries.diskRead, 1, 'readBytes')];
}
