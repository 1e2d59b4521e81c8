import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import type { MarkedProcess, ProcessTable } from './process-table.ts';

/** proc(5): exact to a clock tick, and shows what a process was started with. */
export function makeProcTable(procFolder: string): ProcessTable {
  const boot = readFileSync(path.join(procFolder, 'sys/kernel/random/boot_id'), 'utf8').trim();
  const host = `${hostname().replaceAll(':', '_')}@${pidNamespace(procFolder)}`;
  const marks = (pid: number): Readonly<Record<string, string>> | null => {
    const environ = readOrNull(path.join(procFolder, String(pid), 'environ'));
    return environ === null ? null : plimsollVariables(environ);
  };
  const stat = (pid: number): ProcessStat | null => {
    const text = readOrNull(path.join(procFolder, String(pid), 'stat'));
    return text === null ? null : parseProcessStat(text);
  };
  return {
    precise: true,
    identity(pid) {
      const found = stat(pid);
      return found === null || !found.alive ? null : `${host}:${boot}:${pid}:${found.startTicks}`;
    },
    marks,
    marked(wanted) {
      const found: MarkedProcess[] = [];
      for (const pid of pidsOf(procFolder)) {
        const own = marks(pid);
        if (own === null || !Object.entries(wanted).every(([key, value]) => own[key] === value)) continue;
        const state = stat(pid);
        if (state !== null && state.alive) found.push({ pid, marks: own, leader: state.session === pid });
      }
      return found;
    },
    holders: (file) => {
      const names = [file, `${file} (deleted)`];
      return pidsOf(procFolder).filter((pid) => openFiles(procFolder, pid).some((each) => names.includes(each)));
    },
  };
}

function pidsOf(procFolder: string): readonly number[] {
  return readdirSync(procFolder)
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

/** proc_pid_fd(5); none of a process that has ended, or that belongs to another user. */
function openFiles(procFolder: string, pid: number): readonly string[] {
  const folder = path.join(procFolder, String(pid), 'fd');
  try {
    return readdirSync(folder).map((fd) => linkOrNull(path.join(folder, fd)) ?? '');
  } catch {
    return [];
  }
}

export interface ProcessStat {
  /** False for a zombie: it holds its number, but runs nothing, and PID 1 of a container may never reap it. */
  readonly alive: boolean;
  readonly session: number;
  /** Clock ticks since boot at its start. */
  readonly startTicks: number;
}

/** proc_pid_stat(5). The command stands in parentheses and may itself contain spaces and parentheses. */
export function parseProcessStat(text: string): ProcessStat | null {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  const session = Number(fields[3]);
  const startTicks = Number(fields[19]);
  if (state === undefined || !Number.isInteger(session) || !Number.isInteger(startTicks)) return null;
  return { alive: state !== 'Z' && state !== 'X' && state !== 'x', session, startTicks };
}

function plimsollVariables(environ: string): Readonly<Record<string, string>> {
  const variables: Record<string, string> = {};
  for (const entry of environ.split('\0')) {
    const equals = entry.indexOf('=');
    if (equals > 0 && entry.startsWith('PLIMSOLL_')) variables[entry.slice(0, equals)] = entry.slice(equals + 1);
  }
  return variables;
}

/** Two containers on one host share its boot id, and each has a process 7: the namespace tells them apart. */
function pidNamespace(procFolder: string): string {
  return /\d+/.exec(linkOrNull(path.join(procFolder, 'self/ns/pid')) ?? '')?.[0] ?? '0';
}

function linkOrNull(file: string): string | null {
  try {
    return readlinkSync(file);
  } catch {
    return null;
  }
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
