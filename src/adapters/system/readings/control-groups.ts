import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';

/** Folders of the control group of a process, from its own up to the root; or why they are not known. */
export type GroupFolders =
  { readonly version: 1 | 2; readonly folders: readonly string[] } | { readonly unknown: string };

/**
 * Where the kernel tells of a controller for one process. A node may have both versions mounted: the controller is in one.
 *
 * | mount | line of `/proc/PID/cgroup` | folders |
 * |---|---|---|
 * | `/sys/fs/cgroup/cpu`, or `cpu,cpuacct` | `N:cpu:/a/b` | version 1: `cpu/a/b`, `cpu/a`, `cpu` |
 * | `/sys/fs/cgroup/cgroup.controllers` names it | `0::/a/b` | version 2: `a/b`, `a`, the mount |
 * | neither | any | unknown |
 *
 * A container that sees only its own group has it at the mount, whatever path `/proc` tells.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html
 */
export async function findGroup(roots: NodeRoots, pid: number, controller: 'cpu' | 'memory'): Promise<GroupFolders> {
  const read = await readKernelFile(`${roots.proc}/${pid}/cgroup`);
  if ('reason' in read) return { unknown: read.reason };
  const mount = path.join(roots.sys, 'fs/cgroup');
  const lines = read.text.split('\n').map((line) => line.split(':'));
  const controllers = textOf(await readKernelFile(path.join(mount, 'cgroup.controllers')));
  if (controllers?.split(' ').includes(controller) === true) {
    const own = lines.find(([id, names]) => id === '0' && names === '')?.[2];
    return { version: 2, folders: await upwards(mount, own, 'cgroup.procs') };
  }
  const line = lines.find(([, names]) => names?.split(',').includes(controller) === true);
  if (line === undefined) return { unknown: `no control group of ${controller} is mounted at ${mount}` };
  for (const folder of [controller, line[1] ?? controller]) {
    const folders = await upwards(path.join(mount, folder), line[2], 'cgroup.procs');
    if (folders.length > 0) return { version: 1, folders };
  }
  return { unknown: `${mount} does not show the control group of process ${pid}` };
}

/** Folders that are there, from the deepest up. */
async function upwards(mount: string, own = '/', mark: string): Promise<readonly string[]> {
  const parts = own.split('/').filter((part) => part !== '' && part !== '..');
  const found: string[] = [];
  for (let depth = parts.length; depth >= 0; depth -= 1) {
    const folder = path.join(mount, ...parts.slice(0, depth));
    if ('text' in (await readKernelFile(path.join(folder, mark)))) found.push(folder);
  }
  return found;
}
