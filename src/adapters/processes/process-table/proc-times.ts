import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ProcessorTimes } from '../../../ports/nodes/processor-times.ts';

/** proc_pid_stat(5) counts in ticks of USER_HZ, which is 100 on every architecture that Node runs on. */
const tickMs = 10;
/** Files of the process table that are read at once. */
const atOnce = 32;

interface Times {
  readonly pid: number;
  readonly parent: number;
  readonly session: number;
  /** Of itself, and of children that ended and that it waited for. */
  readonly ms: number;
}

/**
 * Processor times by proc(5). A replica is its first process, all processes of its session, and all that descend from these: a
 * program that makes a session of its own is still counted. Where there is no such folder nothing is known.
 */
export function makeProcTimes(procFolder = '/proc'): ProcessorTimes {
  return {
    async read(pids) {
      if (pids.length === 0) return new Map();
      return sumTrees(pids, await readTimes(procFolder));
    },
  };
}

async function readTimes(procFolder: string): Promise<readonly Times[]> {
  const names = await readdir(procFolder).catch((): string[] => []);
  const pids = names.filter((name) => /^\d+$/.test(name));
  const found: Times[] = [];
  for (let from = 0; from < pids.length; from += atOnce) {
    const texts = pids.slice(from, from + atOnce).map(async (pid) => {
      const text = await readFile(path.join(procFolder, pid, 'stat'), 'utf8').catch(() => null);
      return text === null ? null : parseTimes(Number(pid), text);
    });
    found.push(...(await Promise.all(texts)).filter((times) => times !== null));
  }
  return found;
}

/** The command stands in parentheses and may itself contain spaces and parentheses. */
export function parseTimes(pid: number, text: string): Times | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const numbers = [1, 3, 11, 12, 13, 14].map((field) => Number(fields[field] ?? NaN));
  if (!numbers.every((each) => Number.isSafeInteger(each))) return null;
  const [parent = 0, session = 0, ...ticks] = numbers;
  return { pid, parent, session, ms: ticks.reduce((sum, each) => sum + Math.max(0, each), 0) * tickMs };
}

/** Returns the sum of each tree. A process belongs to the nearest root above it. */
export function sumTrees(roots: readonly number[], all: readonly Times[]): ReadonlyMap<number, number> {
  const byPid = new Map(all.map((times) => [times.pid, times]));
  const sums = new Map(roots.filter((root) => byPid.has(root)).map((root) => [root, 0]));
  for (const times of all) {
    const root = findRoot(times, byPid, sums);
    if (root !== null) sums.set(root, (sums.get(root) ?? 0) + times.ms);
  }
  return sums;
}

function findRoot(times: Times, byPid: ReadonlyMap<number, Times>, roots: ReadonlyMap<number, unknown>): number | null {
  const seen = new Set<number>();
  for (let at: Times | undefined = times; at !== undefined && !seen.has(at.pid); at = byPid.get(at.parent)) {
    if (roots.has(at.pid)) return at.pid;
    if (roots.has(at.session)) return at.session;
    seen.add(at.pid);
  }
  return null;
}
