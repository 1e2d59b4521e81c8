import path from 'node:path';
import type { MemoryCounters, WatchedProcess } from '../../../core/diagnosis/readings/node-snapshot.ts';
import {
  addReadings,
  isRead,
  makeUnknown,
  mapReading,
  type Reading,
} from '../../../core/diagnosis/readings/reading.ts';
import { readKernelFile } from '../kernel-file.ts';
import type { GroupFolders } from './control-groups.ts';
import { parseCount, readCount, readFields } from './kernel-number.ts';
import { fieldsOfStat } from './process-tree.ts';

const bytesOfKib = 1_024;

/**
 * Of the node by /proc/vmstat and /proc/meminfo; of the replica's processes by their `stat` and `io`; of their control group by
 * `memory.failcnt` (v1) or `memory.events` (v2).
 */
export async function readMemory(
  procFolder: string,
  processes: readonly WatchedProcess[],
  group: GroupFolders,
): Promise<MemoryCounters> {
  const [vmstat, meminfo] = await Promise.all(
    ['vmstat', 'meminfo'].map((name) => readKernelFile(`${procFolder}/${name}`)),
  );
  const untold = { reason: 'it was not read' };
  const page = readFields(vmstat ?? untold);
  const memory = readFields(meminfo ?? untold);
  const replica = processes.filter(({ role }) => role === 'replica');
  const none = 'no process of the replica runs on this node';
  const [faults, bytes] = await Promise.all([
    Promise.all(replica.map(({ pid }) => readFaults(procFolder, pid))),
    Promise.all(replica.map(({ pid }) => readDiskBytes(procFolder, pid))),
  ]);
  return {
    majorFaults: addReadings(faults, none),
    replicaReadBytes: addReadings(bytes, none),
    limitHits: await readLimitHits(group),
    refaultedPages: page('workingset_refault_file'),
    swappedInPages: page('pswpin'),
    availableBytes: mapReading(memory('MemAvailable'), (kib) => kib * bytesOfKib),
    totalBytes: mapReading(memory('MemTotal'), (kib) => kib * bytesOfKib),
  };
}

/** Added over the group and those above it: any of them may be the one that is full. */
async function readLimitHits(group: GroupFolders): Promise<Reading> {
  if ('unknown' in group) return makeUnknown(group.unknown);
  const hits = await Promise.all(
    group.folders.map(async (folder): Promise<readonly Reading[]> => {
      if (group.version === 1) return [await readCount(path.join(folder, 'memory.failcnt'), 'memory.failcnt')];
      const events = readFields(await readKernelFile(path.join(folder, 'memory.events')));
      return [events('high'), events('max')];
    }),
  );
  // The root of version 2 has no limit, and no such file.
  return addReadings(hits.flat().filter(isRead), 'no control group of the replica tells of its memory limit');
}

async function readFaults(procFolder: string, pid: number): Promise<Reading> {
  const read = await readKernelFile(`${procFolder}/${pid}/stat`);
  return 'text' in read ? parseCount(fieldsOfStat(read.text)[9], 'majflt') : makeUnknown(read.reason);
}

/** proc_pid_io(5): what storage had to give, so that reads from the page cache do not count. May need the same user. */
async function readDiskBytes(procFolder: string, pid: number): Promise<Reading> {
  return readFields(await readKernelFile(`${procFolder}/${pid}/io`))('read_bytes');
}
