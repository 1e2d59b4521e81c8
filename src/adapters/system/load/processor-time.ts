import { readKernelFile, textOf } from '../kernel-file.ts';
import type { ProcessorTime } from '../../../ports/nodes/load-facts.ts';
import { fieldsOfStat, findProcesses } from '../readings/process-tree.ts';

/** USER_HZ: 100 on every architecture that Node runs on. https://man7.org/linux/man-pages/man7/time.7.html */
const msOfTick = 10;

/**
 * Returns the processor time of the machine since boot, and that of some processes with all that they started; null where the
 * kernel does not tell it. Interrupts are in neither: the load of a measurement causes most of them.
 * https://man7.org/linux/man-pages/man5/proc_stat.5.html
 */
export async function readProcessorTime(procFolder: string, pids: readonly number[]): Promise<ProcessorTime | null> {
  const stat = textOf(await readKernelFile(`${procFolder}/stat`));
  const cores =
    /^cpu +([\d ]+)$/m
      .exec(stat ?? '')?.[1]
      ?.trim()
      .split(' ')
      .map(Number) ?? [];
  const [user = 0, nice = 0, system = 0, idle = 0, waiting = 0, , , stolen = 0] = cores;
  if (cores.length < 5) return null;
  const busyMs = msOfTick * (user + nice + system + stolen);
  const watched = await findProcesses(
    procFolder,
    pids.map((pid) => ({ role: 'replica', pid })),
  );
  const times = await Promise.all(watched.map(({ pid }) => processTimeMs(procFolder, pid)));
  return {
    busyMs,
    totalMs: busyMs + msOfTick * (idle + waiting),
    ownMs: times.reduce((sum, timeMs) => sum + timeMs, 0),
  };
}

/** Of one process and of those of its children that ended; 0 of one that is gone. */
async function processTimeMs(procFolder: string, pid: number): Promise<number> {
  const stat = textOf(await readKernelFile(`${procFolder}/${pid}/stat`));
  if (stat === null) return 0;
  const ticks = fieldsOfStat(stat).slice(11, 15).map(Number);
  return ticks.length < 4 ? 0 : msOfTick * ticks.reduce((sum, each) => sum + each, 0);
}
