import { readdir } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import type { WatchedProcess } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { readProcessFile } from '../kernel-file.ts';

/** A machine with more processes than this is looked at no further. */
const processesAtMost = 20_000;
/** A few milliseconds; then others have their turn. */
const filesAtOnce = 256;

/**
 * The watched processes and all that they started, each with the role of its nearest watched ancestor. Processes that are gone
 * are left out.
 */
export async function findProcesses(
  procFolder: string,
  watched: readonly WatchedProcess[],
): Promise<readonly WatchedProcess[]> {
  if (watched.length === 0) return [];
  const parents = await readParents(procFolder);
  const roles = new Map(watched.map(({ pid, role }) => [pid, role]));
  return [...parents.keys()].flatMap((pid): readonly WatchedProcess[] => {
    for (
      let at: number | undefined = pid, steps = 0;
      at !== undefined && steps < 64;
      at = parents.get(at), steps += 1
    ) {
      const role = roles.get(at);
      if (role !== undefined) return [{ pid, role }];
    }
    return [];
  });
}

async function readParents(procFolder: string): Promise<ReadonlyMap<number, number>> {
  const names = await readdir(procFolder).catch(() => []);
  const pids = names.filter((name) => /^\d+$/.test(name)).slice(0, processesAtMost);
  const pairs: [pid: number, parent: number][] = [];
  for (const [at, pid] of pids.entries()) {
    if (at % filesAtOnce === filesAtOnce - 1) await setImmediate();
    const read = readProcessFile(`${procFolder}/${pid}/stat`);
    if ('text' in read) pairs.push([Number(pid), Number(fieldsOfStat(read.text)[1])]);
  }
  return new Map(pairs);
}

/**
 * proc_pid_stat(5), from the state on: field 3 is at 0. The name stands in parentheses and may itself contain spaces and
 * parentheses.
 */
export const fieldsOfStat = (text: string): readonly string[] => text.slice(text.lastIndexOf(')') + 2).split(' ');

/** What stands in the parentheses. */
export const nameOfStat = (text: string): string => text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
