import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Ablation, RestoreOutcome } from '../../../ports/nodes/ablation.ts';
import type { Restoration } from '../../../schemas/diagnosis/undo-entry.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';

type Affinity = Extract<Restoration, { kind: 'affinity' }>;

const run = promisify(execFile);
const programTimeoutMs = 10_000;
const settleMs = 100;

export interface ThreadMover {
  readonly procFolder: string;
  /** Of util-linux. */
  readonly taskset: string;
}

export const threadMover: ThreadMover = { procFolder: '/proc', taskset: 'taskset' };

/**
 * Prepares moving all threads of a process to other cores, by `taskset` (sched_setaffinity(2)).
 * @param cpus where to, as the kernel writes lists: `2-3`.
 */
export async function prepareOtherCores(
  pid: number,
  cpus: string,
  mover: ThreadMover = threadMover,
): Promise<Ablation | { readonly refused: string }> {
  const threads = await readThreads(pid, mover);
  const first = threads.find(({ tid }) => tid === pid)?.cpus;
  if (first === undefined) return { refused: `the cores of process ${pid} cannot be read` };
  if (threads.every((thread) => thread.cpus === cpus))
    return { refused: `process ${pid} runs on the cores ${cpus} already` };
  const restoration: Affinity = { kind: 'affinity', pid, cpus: first, threads: threads.map((each) => ({ ...each })) };
  const tried = await moveThread(first, pid, mover);
  if (tried !== null) return { refused: tried };
  return {
    restoration,
    settleMs,
    apply: async () => {
      const failed = await moveAll(cpus, pid, mover);
      if (failed !== null) throw new Error(failed);
    },
    undo: async () => {
      const { kind, how } = await restoreAffinity(restoration, mover);
      if (kind === 'failed') throw new Error(how);
    },
  };
}

/** Gives each thread its cores again; threads that began meanwhile get those of the first one. Reads them back. */
export async function restoreAffinity(affinity: Affinity, mover: ThreadMover = threadMover): Promise<RestoreOutcome> {
  const { pid, cpus } = affinity;
  await moveAll(cpus, pid, mover);
  const wanted = new Map(affinity.threads.map((thread) => [thread.tid, thread.cpus]));
  for (const { tid } of affinity.threads.filter((thread) => thread.cpus !== cpus)) {
    await moveThread(wanted.get(tid) ?? cpus, tid, mover);
  }
  const present = await readThreads(pid, mover);
  if (present.length === 0) return { kind: 'gone', how: `process ${pid} has ended` };
  const wrong = present.find((thread) => thread.cpus !== (wanted.get(thread.tid) ?? cpus));
  return wrong === undefined
    ? { kind: 'restored', how: `process ${pid} runs on the cores ${cpus} again` }
    : { kind: 'failed', how: `thread ${wrong.tid} of process ${pid} runs on the cores ${wrong.cpus}` };
}

/** Returns each thread with the cores that it may run on; none of a process that has ended. */
async function readThreads(pid: number, { procFolder }: ThreadMover): Promise<readonly Affinity['threads'][number][]> {
  const folder = path.join(procFolder, String(pid), 'task');
  const names = await readdir(folder).catch(() => []);
  const threads = await Promise.all(
    names.map(async (name) => {
      const status = textOf(await readKernelFile(path.join(folder, name, 'status'))) ?? '';
      const cpus = /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1];
      const isZombie = /^State:\s*[ZX]/m.test(status);
      return cpus === undefined || isZombie ? [] : [{ tid: Number(name), cpus }];
    }),
  );
  return threads.flat();
}

/** Moves the threads until none is elsewhere: a thread that begins between two looks has the cores of the one that began it. */
async function moveAll(cpus: string, pid: number, mover: ThreadMover): Promise<string | null> {
  const failed = await taskset(['--all-tasks', '--cpu-list', '--pid', cpus, String(pid)], mover);
  const left = await readThreads(pid, mover);
  if (left.every((thread) => thread.cpus === cpus)) return left.length === 0 ? `process ${pid} has ended` : null;
  return (await taskset(['--all-tasks', '--cpu-list', '--pid', cpus, String(pid)], mover)) ?? failed;
}

const moveThread = (cpus: string, tid: number, mover: ThreadMover): Promise<string | null> =>
  taskset(['--cpu-list', '--pid', cpus, String(tid)], mover);

/** Null, or why it failed. */
async function taskset(args: readonly string[], mover: ThreadMover): Promise<string | null> {
  try {
    await run(mover.taskset, args, { timeout: programTimeoutMs });
    return null;
  } catch (thrown) {
    const { code, stderr } = thrown as { readonly code?: string | number; readonly stderr?: string };
    if (code === 'ENOENT') return 'the program taskset is missing (package util-linux)';
    return stderr?.split('\n').find((line) => line !== '') ?? String(thrown);
  }
}
