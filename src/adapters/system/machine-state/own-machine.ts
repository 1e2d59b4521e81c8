import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';

/** Process of the kernel that only the machine itself shows. */
const kernelThreads = '2';

/** The name of a process, of which the kernel keeps 15 characters; null where it is not there. */
export const nameOfProcess = async (proc: string, id: string): Promise<string | null> =>
  textOf(await readKernelFile(path.join(proc, id, 'comm')));

/** Whether this process sees the machine itself. In a container files and processes of the machine are hidden. */
export const isMachineItself = async ({ proc }: Pick<NodeRoots, 'proc'>): Promise<boolean> =>
  (await nameOfProcess(proc, kernelThreads)) === 'kthreadd';
