import { readlink } from 'node:fs/promises';
import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';

/** Process of the kernel that only the machine itself shows. */
const kernelThreads = '2';

/** The name of a process, of which the kernel keeps 15 characters; null where it is not there. */
export const nameOfProcess = async (proc: string, id: string): Promise<string | null> =>
  textOf(await readKernelFile(path.join(proc, id, 'comm')));

/** Whether this process sees the processes of the machine, as outside of containers, and in one that shares them (`hostPID`). */
export const seesProcesses = async ({ proc }: Pick<NodeRoots, 'proc'>): Promise<boolean> =>
  (await nameOfProcess(proc, kernelThreads)) === 'kthreadd';

/** Whether this process sees the machine itself. In a container its files and devices are hidden, also where its processes are not. */
export async function isMachineItself({ proc }: Pick<NodeRoots, 'proc'>): Promise<boolean> {
  if (!(await seesProcesses({ proc }))) return false;
  const [first, own] = await Promise.all(['1', 'self'].map((id) => readMounts(proc, id)));
  // Only root may ask it of the first process.
  return first === null || own === null || first === own;
}

const readMounts = (proc: string, id: string): Promise<string | null> =>
  readlink(path.join(proc, id, 'ns/mnt')).catch(() => null);
