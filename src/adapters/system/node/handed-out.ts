import { readdir, readlink } from 'node:fs/promises';
import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from './node-roots.ts';

/** How whole boards of this machine are handed out; null where something may share them that cannot be seen from here. */
export type HandedOut = { readonly sharing: 'exclusive' } | { readonly sharing: null; readonly reason: string };

/** Number of the first process namespace, the same on every Linux (PROC_PID_INIT_INO in proc_ns.h). */
const firstNamespace = 'pid:[4026531836]';
const mostProcesses = 200_000;

/** Programs that hand out accelerators by rules of their own, by the name that the kernel keeps of them. */
const allocators = /^(?:kubelet|kubelite|k3s|k3s-.*|k0s|rke2|slurmd|nomad|nvidia-cuda-mps.*)$/;

/**
 * Time-slicing and MPS are set up beside the driver, which tells nothing of them. They are ruled out only where every process
 * of the machine is seen, and none is one that hands devices out.
 */
export async function readHandedOut({ proc }: NodeRoots): Promise<HandedOut> {
  const namespace = await readlink(path.join(proc, 'self/ns/pid')).catch(() => null);
  const first = await nameOf(proc, '1');
  if (namespace !== firstNamespace || first === null) {
    return notKnown('not every process of the machine is seen from here, so that time-slicing or MPS may be set up');
  }
  const names = await readdir(proc).catch(() => []);
  const processes = names.filter((name) => /^\d+$/.test(name));
  if (processes.length > mostProcesses) return notKnown(`there are more than ${mostProcesses} processes`);
  for (const id of processes) {
    const name = await nameOf(proc, id);
    if (name !== null && allocators.test(name)) {
      return notKnown(`${name} runs here and may hand out the devices shared; the driver does not tell`);
    }
  }
  return { sharing: 'exclusive' };
}

const nameOf = async (proc: string, id: string): Promise<string | null> =>
  textOf(await readKernelFile(path.join(proc, id, 'comm')));

const notKnown = (reason: string): HandedOut => ({ sharing: null, reason });
