import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';

export interface SystemFolders {
  readonly procFolder: string;
  /** Where control groups are mounted. */
  readonly cgroupFolder: string;
}

export const systemFolders: SystemFolders = { procFolder: '/proc', cgroupFolder: '/sys/fs/cgroup' };

export interface LimitFile {
  readonly file: string;
  readonly content: string;
}

/**
 * Returns the files of this name in the control group of a process and in those above it, from the root down, with what
 * stands in them. Control groups v1 are looked for first, because a machine with both has its limits there. Empty where there
 * is none.
 * https://man7.org/linux/man-pages/man7/cgroups.7.html, "/proc/pid/cgroup"
 */
export async function readLimitFiles(
  pid: number,
  { v1, v2 }: { readonly v1: { readonly controller: string; readonly name: string }; readonly v2: string },
  { procFolder, cgroupFolder }: SystemFolders = systemFolders,
): Promise<readonly LimitFile[]> {
  const groups = textOf(await readKernelFile(path.join(procFolder, String(pid), 'cgroup'))) ?? '';
  for (const { id, controllers, group } of parseGroups(groups)) {
    const isUnified = id === '0' && controllers === '';
    if (!isUnified && !controllers.split(',').includes(v1.controller)) continue;
    const root = isUnified ? cgroupFolder : path.join(cgroupFolder, controllers);
    const found = await readDown(root, group, isUnified ? v2 : v1.name);
    if (found.length > 0) return found;
  }
  return [];
}

/** `4:memory:/some/group`, `0::/some/group`; v1 before v2. */
function parseGroups(text: string) {
  return text
    .split('\n')
    .flatMap((line) => {
      const [, id, controllers, group] = /^(\d+):([^:]*):(\/.*)$/.exec(line) ?? [];
      return id === undefined || controllers === undefined || group === undefined ? [] : [{ id, controllers, group }];
    })
    .toSorted((a, b) => Number(b.id) - Number(a.id));
}

async function readDown(root: string, group: string, name: string): Promise<readonly LimitFile[]> {
  // In a container the root of the mount is the group itself, and the path of /proc may lead above it.
  const parts = path.posix
    .normalize(group)
    .split('/')
    .filter((part) => part !== '' && part !== '..');
  const folders = parts.reduce((all, part) => [...all, path.join(all.at(-1) ?? root, part)], [root]);
  const files = await Promise.all(
    folders.map(async (folder) => {
      const file = path.join(folder, name);
      const content = textOf(await readKernelFile(file));
      return content === null ? [] : [{ file, content }];
    }),
  );
  return files.flat();
}
