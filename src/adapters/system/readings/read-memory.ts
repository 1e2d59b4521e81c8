import type { MemoryCounters, WatchedProcess } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { addReadings, makeUnknown, mapReading, type Reading } from '../../../core/diagnosis/readings/reading.ts';
import { readKernelFile } from '../kernel-file.ts';
import { parseCount, readFields } from './kernel-number.ts';
import { fieldsOfStat } from './process-tree.ts';

const bytesOfKib = 1_024;

/** Of the node by /proc/vmstat and /proc/meminfo; of the replica's processes by their `stat` and `io`. */
export async function readMemory(procFolder: string, processes: readonly WatchedProcess[]): Promise<MemoryCounters> {
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
    refaultedPages: page('workingset_refault_file'),
    swappedInPages: page('pswpin'),
    availableBytes: mapReading(memory('MemAvailable'), (kib) => kib * bytesOfKib),
    totalBytes: mapReading(memory('MemTotal'), (kib) => kib * bytesOfKib),
  };
}

async function readFaults(procFolder: string, pid: number): Promise<Reading> {
  const read = await readKernelFile(`${procFolder}/${pid}/stat`);
  return 'text' in read ? parseCount(fieldsOfStat(read.text)[9], 'majflt') : makeUnknown(read.reason);
}

/** proc_pid_io(5): what storage had to give, so that reads from the page cache do not count. May need the same user. */
async function readDiskBytes(procFolder: string, pid: number): Promise<Reading> {
  return readFields(await readKernelFile(`${procFolder}/${pid}/io`))('read_bytes');
}
