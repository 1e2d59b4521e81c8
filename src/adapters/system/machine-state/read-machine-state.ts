import { constants } from 'node:fs';
import { access, readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { unlimitedBytes } from '../../../core/hardware/tables/host-states.ts';
import type { DeviceState } from '../../../core/pool/device-state.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';
import { readNvSwitches } from './nv-switches.ts';

/** What the machine tells that matters to every device of it; a fact that it does not tell is left out. */
export type MachineState = Pick<
  DeviceState,
  'uvm' | 'rdma' | 'memlockBytes' | 'pageBytes' | 'hugePageBytes' | 'nvSwitches' | 'host'
>;

export async function readMachineState(roots: NodeRoots, searchPath: string): Promise<MachineState> {
  const [uvm, rdma, memlockBytes, pageBytes, hugePageBytes, nvSwitches, host] = await Promise.all([
    readUvm(roots, searchPath),
    readRdma(roots),
    readMemlock(roots),
    readPageBytes(roots),
    readHugePages(roots),
    readNvSwitches(roots),
    readHost(roots),
  ]);
  return {
    ...(uvm === null ? {} : { uvm }),
    ...(rdma === null ? {} : { rdma }),
    ...(memlockBytes === null ? {} : { memlockBytes }),
    ...(pageBytes === null ? {} : { pageBytes }),
    ...(hugePageBytes === null ? {} : { hugePageBytes }),
    ...(nvSwitches === null || nvSwitches === undefined ? {} : { nvSwitches }),
    ...(host === null ? {} : { host }),
  };
}

const isThere = (file: string, mode = constants.F_OK): Promise<boolean> =>
  access(file, mode).then(
    () => true,
    () => false,
  );

/**
 * | nvidia_uvm in /proc/modules | /dev/nvidia-uvm | nvidia-modprobe, which CUDA calls to load it | |
 * |---|---|---|---|
 * | yes | any | any | loaded |
 * | no | there | any | loaded: a kernel may have it built in |
 * | no | not there | on PATH | left out: the first program loads it |
 * | no | not there | not there | missing |
 * | no NVIDIA module at all, or not readable | any | any | left out |
 */
async function readUvm({ proc, dev }: NodeRoots, searchPath: string): Promise<NonNullable<DeviceState['uvm']> | null> {
  const modules = textOf(await readKernelFile(path.join(proc, 'modules')));
  if (modules === null || !/^nvidia /m.test(modules)) return null;
  if (/^nvidia_uvm /m.test(modules) || (await isThere(path.join(dev, 'nvidia-uvm')))) return 'loaded';
  const folders = searchPath.split(':').filter((folder) => folder !== '');
  const loaders = await Promise.all(
    folders.map((folder) => isThere(path.join(folder, 'nvidia-modprobe'), constants.X_OK)),
  );
  return loaders.includes(true) ? null : 'missing';
}

/** `active` where a port of InfiniBand or RoCE is up (`4: ACTIVE`). */
async function readRdma({ sys }: NodeRoots): Promise<NonNullable<DeviceState['rdma']> | null> {
  const folder = path.join(sys, 'class/infiniband');
  if (!(await isThere(path.join(sys, 'class')))) return null;
  const cards = await readdir(folder).catch((thrown: unknown) => (isAbsent(thrown) ? [] : null));
  if (cards === null) return null;
  for (const card of cards.slice(0, mostCards)) {
    const ports = await readdir(path.join(folder, card, 'ports')).catch(() => []);
    for (const port of ports.slice(0, mostCards)) {
      const state = textOf(await readKernelFile(path.join(folder, card, 'ports', port, 'state')));
      if (state?.includes('ACTIVE') === true) return 'active';
    }
  }
  return 'none';
}

const mostCards = 64;
const isAbsent = (thrown: unknown): boolean => (thrown as NodeJS.ErrnoException).code === 'ENOENT';

/** `Max locked memory         8388608              8388608              bytes`: the soft limit of this process. */
async function readMemlock({ proc }: NodeRoots): Promise<number | null> {
  const limits = textOf(await readKernelFile(path.join(proc, 'self/limits')));
  const soft = /^Max locked memory\s+(\d{1,20}|unlimited)\s/m.exec(limits ?? '')?.[1];
  return soft === undefined ? null : soft === 'unlimited' ? unlimitedBytes : Math.min(Number(soft), unlimitedBytes);
}

/** AT_PAGESZ (6) of the auxiliary vector: pairs of numbers of 8 bytes. */
async function readPageBytes({ proc }: NodeRoots): Promise<number | null> {
  const bytes = await readFile(path.join(proc, 'self/auxv')).catch(() => null);
  if (bytes === null) return null;
  for (let at = 0; at + 16 <= bytes.length; at += 16) {
    if (bytes.readBigUInt64LE(at) === 6n) return Number(bytes.readBigUInt64LE(at + 8));
  }
  return null;
}

/** `5.15.146.1-microsoft-standard-WSL2` is the kernel of the Windows Subsystem for Linux. */
async function readHost({ proc }: NodeRoots): Promise<NonNullable<DeviceState['host']> | null> {
  const release = textOf(await readKernelFile(path.join(proc, 'sys/kernel/osrelease')));
  return /microsoft/i.test(release ?? '') ? 'wsl' : null;
}

/** Huge pages that are reserved, of all sizes; what is free of them changes each moment. */
async function readHugePages({ sys }: NodeRoots): Promise<number | null> {
  const folder = path.join(sys, 'kernel/mm/hugepages');
  const sizes = await readdir(folder).catch(() => null);
  if (sizes === null) return null;
  let bytes = 0;
  for (const size of sizes) {
    const kib = Number(/^hugepages-(\d{1,12})kB$/.exec(size)?.[1] ?? Number.NaN);
    const count = Number(textOf(await readKernelFile(path.join(folder, size, 'nr_hugepages'))) ?? Number.NaN);
    if (!Number.isSafeInteger(kib * 1024 * count)) return null;
    bytes += kib * 1024 * count;
  }
  return bytes;
}
