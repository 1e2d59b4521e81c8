import { readdir } from 'node:fs/promises';
import type { ListReading, ThreadCounters, WatchedProcess } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { addReadings, makeUnknown, mapReading, type Reading } from '../../../core/diagnosis/readings/reading.ts';
import { readProcessFile } from '../kernel-file.ts';
import { parseCount } from './kernel-number.ts';
import { fieldsOfStat, nameOfStat } from './process-tree.ts';

/** USER_HZ: 100 on every architecture that Node runs on. https://man7.org/linux/man-pages/man7/time.7.html */
const msOfTick = 10;
const threadsAtMost = 2_000;

/** Processor time of every thread of these processes, and how long each waited for a core (`schedstat`). */
export async function readThreads(
  procFolder: string,
  processes: readonly WatchedProcess[],
): Promise<ListReading<ThreadCounters>> {
  if (processes.length === 0) return { unknown: 'no process of the service runs on this node' };
  const list: ThreadCounters[] = [];
  for (const process of processes) {
    const tids = await readdir(`${procFolder}/${process.pid}/task`).catch(() => []);
    for (const tid of tids.slice(0, threadsAtMost - list.length)) {
      const thread = readThread(`${procFolder}/${process.pid}/task/${tid}`, process, Number(tid));
      if (thread !== null) list.push(thread);
    }
  }
  return list.length === 0 ? { unknown: 'the threads of the service cannot be read, or are gone' } : { list };
}

function readThread(folder: string, { role, pid }: WatchedProcess, tid: number): ThreadCounters | null {
  const stat = readProcessFile(`${folder}/stat`);
  if ('reason' in stat) return null;
  const schedule = readProcessFile(`${folder}/schedstat`);
  const [ranNs, waitedNs] = 'text' in schedule ? schedule.text.trim().split(' ') : [];
  const ofSchedule = (text: string | undefined, what: string): Reading =>
    'reason' in schedule ? makeUnknown(schedule.reason) : mapReading(parseCount(text, what), (ns) => ns / 1e6);
  const ran = ofSchedule(ranNs, 'the time that the thread ran');
  return {
    ...{ role, pid, tid },
    name: nameOfStat(stat.text),
    isMain: tid === pid,
    // A kernel without schedstat counts ticks, which are coarser.
    cpuMs: 'value' in ran ? ran : ticksOf(stat.text),
    waitedMs: ofSchedule(waitedNs, 'the time that the thread waited'),
  };
}

function ticksOf(stat: string): Reading {
  const fields = fieldsOfStat(stat);
  const [user, system] = [fields[11], fields[12]];
  const sum = addReadings([parseCount(user, 'utime'), parseCount(system, 'stime')], '');
  return mapReading(sum, (ticks) => ticks * msOfTick);
}
