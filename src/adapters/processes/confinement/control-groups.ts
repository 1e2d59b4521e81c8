import { mkdir, readFile, rmdir, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

export interface GroupFolders {
  readonly procFolder: string;
  /** Where control groups are mounted. */
  readonly cgroupFolder: string;
}

export interface GroupLimits {
  /** Null: none. */
  readonly memoryBytes: number | null;
  /** Processes and threads. */
  readonly tasks: number;
}

const systemFolders: GroupFolders = { procFolder: '/proc', cgroupFolder: '/sys/fs/cgroup' };
/** Holds the groups of replicas, beside or below the group of the control plane. */
const ownName = 'plimsoll-replicas';

/** Each of them is a folder that groups of replicas are made in. */
interface Hierarchy {
  readonly folder: string;
  readonly version: 1 | 2;
  readonly controllers: readonly ('memory' | 'pids')[];
}

/**
 * Control groups of replicas: memory and number of tasks of each one, and an end that no child escapes.
 * https://docs.kernel.org/admin-guide/cgroup-v2.html, https://docs.kernel.org/admin-guide/cgroup-v1/cgroups.html
 */
export class ControlGroups {
  readonly #hierarchies: readonly Hierarchy[];

  private constructor(hierarchies: readonly Hierarchy[]) {
    this.#hierarchies = hierarchies;
  }

  /** What is limited by groups here; the rest is not limited, or by other means. */
  get controllers(): readonly ('memory' | 'pids')[] {
    return this.#hierarchies.flatMap(({ controllers }) => controllers);
  }

  /** Finds out what may be written here. Null where nothing may. */
  static async open(folders: GroupFolders = systemFolders): Promise<ControlGroups | null> {
    const text = await readFile(path.join(folders.procFolder, 'self', 'cgroup'), 'utf8').catch(() => '');
    const hierarchies: Hierarchy[] = [];
    for (const asked of ['memory', 'pids'] as const) {
      const found = await openV1(folders.cgroupFolder, text, asked);
      if (found !== null) hierarchies.push(found);
    }
    if (hierarchies.length === 0) {
      const unified = await openV2(folders.cgroupFolder, text);
      if (unified !== null) hierarchies.push(unified);
    }
    return hierarchies.length === 0 ? null : new ControlGroups(hierarchies);
  }

  /** Makes the groups of a replica. Returns the files that its process has to write its number into. */
  async make(replicaId: string, limits: GroupLimits): Promise<readonly string[]> {
    const files: string[] = [];
    for (const { folder, version, controllers } of this.#hierarchies) {
      const group = path.join(folder, replicaId);
      await mkdir(group, { recursive: true });
      for (const [name, value] of limitFiles(version, controllers, limits)) {
        const written = writeFile(path.join(group, name), value);
        await (name.includes('sw') ? written.catch(() => undefined) : written);
      }
      files.push(path.join(group, 'cgroup.procs'));
    }
    return files;
  }

  /** Kills what is left in the groups of a replica, and removes them. Never throws: what stays is empty. */
  async end(replicaId: string): Promise<void> {
    for (const { folder } of this.#hierarchies) await endGroup(path.join(folder, replicaId));
  }
}

/** A swap limit below that of the memory is refused, so it comes second. Kernels without swap accounting take none (`sw` is in both names). */
function limitFiles(
  version: 1 | 2,
  controllers: readonly ('memory' | 'pids')[],
  { memoryBytes, tasks }: GroupLimits,
): readonly (readonly [string, string])[] {
  const bytes = memoryBytes === null ? null : String(Math.ceil(memoryBytes));
  const memory: readonly (readonly [string, string])[] =
    bytes === null || !controllers.includes('memory')
      ? []
      : version === 1
        ? [
            ['memory.limit_in_bytes', bytes],
            ['memory.memsw.limit_in_bytes', bytes],
          ]
        : [
            ['memory.max', bytes],
            ['memory.swap.max', '0'],
          ];
  return [...memory, ...(controllers.includes('pids') ? [['pids.max', String(tasks)] as const] : [])];
}

async function openV1(cgroupFolder: string, groups: string, controller: 'memory' | 'pids'): Promise<Hierarchy | null> {
  for (const line of groups.split('\n')) {
    const [, controllers = '', group = ''] = /^\d+:([^:]+):(\/.*)$/.exec(line) ?? [];
    if (!controllers.split(',').includes(controller)) continue;
    const root = path.join(cgroupFolder, controllers);
    const folder = path.join(await ownFolder(root, group), ownName);
    if (await canMake(folder)) return { folder, version: 1, controllers: [controller] };
  }
  return null;
}

/**
 * Of version 2 a group with processes passes no controller on. So the groups of replicas lie below the control plane's own one where
 * that is possible, else beside it, where systemd gave the unit a subgroup (Delegate=yes, DelegateSubgroup=NAME).
 */
async function openV2(cgroupFolder: string, groups: string): Promise<Hierarchy | null> {
  const [, group = ''] = /^0::(\/.*)$/m.exec(groups) ?? [];
  if (group === '') return null;
  const own = await ownFolder(cgroupFolder, group);
  const above = path.dirname(own);
  const isDelegated = above.startsWith(cgroupFolder) && /\.(service|scope)$/.test(above);
  for (const parent of isDelegated ? [own, above] : [own]) {
    const controllers = await passOn(parent);
    if (controllers.length === 0) continue;
    const folder = path.join(parent, ownName);
    if ((await canMake(folder)) && (await passOn(folder)).length > 0) return { folder, version: 2, controllers };
  }
  return null;
}

/** Lets groups below have the controllers. Returns those that they have then. */
async function passOn(folder: string): Promise<readonly ('memory' | 'pids')[]> {
  const file = path.join(folder, 'cgroup.subtree_control');
  for (const controller of ['memory', 'pids']) await writeFile(file, `+${controller}`).catch(() => undefined);
  const passed = (await readFile(file, 'utf8').catch(() => '')).split(/\s+/);
  return (['memory', 'pids'] as const).filter((controller) => passed.includes(controller));
}

/** In a container the root of the mount may be the group itself, and the path of /proc lead above it. */
async function ownFolder(root: string, group: string): Promise<string> {
  const folder = path.join(root, path.posix.normalize(group));
  const found = folder.startsWith(root) ? await stat(folder).catch(() => null) : null;
  return found === null ? root : folder;
}

async function canMake(folder: string): Promise<boolean> {
  return mkdir(folder, { recursive: true }).then(
    () => true,
    () => false,
  );
}

const killRounds = 50;

async function endGroup(group: string): Promise<void> {
  await writeFile(path.join(group, 'cgroup.kill'), '1').catch(() => undefined);
  for (let round = 0; round < killRounds; round += 1) {
    const pids = await readFile(path.join(group, 'cgroup.procs'), 'utf8').catch(() => null);
    if (pids === null) return;
    const left = pids.split('\n').filter((pid) => pid !== '');
    for (const pid of left) killOne(Number(pid));
    if (
      left.length === 0 &&
      (await rmdir(group).then(
        () => true,
        () => false,
      ))
    )
      return;
    await delay(20);
  }
}

function killOne(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself in between.
  }
}
