import { readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ListReading, WatchedProcess } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from '../node/node-roots.ts';

/** NUMA nodes that the replica's processes may run on: those of the cores in `Cpus_allowed_list`. */
export async function readNumaNodes(
  { proc, sys }: NodeRoots,
  processes: readonly WatchedProcess[],
): Promise<ListReading<number>> {
  const replica = processes.filter(({ role }) => role === 'replica');
  if (replica.length === 0) return { unknown: 'no process of the replica runs on this node' };
  const folder = path.join(sys, 'devices/system/node');
  const names = await readdir(folder).catch(() => null);
  if (names === null) return { unknown: `${folder} is not there` };
  const nodeOfCore = new Map<number, number>();
  for (const name of names.filter((each) => /^node\d+$/.test(each))) {
    const list = textOf(await readKernelFile(path.join(folder, name, 'cpulist')));
    for (const core of parseCores(list ?? '')) nodeOfCore.set(core, Number(name.slice('node'.length)));
  }
  const allowed = new Set<number>();
  for (const { pid } of replica) {
    const status = textOf(await readKernelFile(`${proc}/${pid}/status`)) ?? '';
    for (const core of parseCores(/^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1] ?? '')) allowed.add(core);
  }
  const nodes = new Set([...allowed].flatMap((core) => nodeOfCore.get(core) ?? []));
  if (nodes.size === 0) return { unknown: 'the cores of the replica, or their NUMA nodes, are not told' };
  return { list: [...nodes].sort((a, b) => a - b) };
}

/** Returns the cores of NUMA nodes as the kernel writes lists; empty where one of the nodes is not told. */
export async function readCoresOfNodes({ sys }: Pick<NodeRoots, 'sys'>, nodes: readonly number[]): Promise<string> {
  const lists = await Promise.all(
    nodes.map(async (node) => {
      const file = path.join(sys, 'devices/system/node', `node${node}`, 'cpulist');
      return textOf(await readKernelFile(file))?.trim() ?? '';
    }),
  );
  return lists.includes('') ? '' : lists.join(',');
}

const coresAtMost = 8_192;

/** `0-3,8,10-11` */
export function parseCores(list: string): readonly number[] {
  return list.split(',').flatMap((part) => {
    const range = /^(\d+)(?:-(\d+))?$/.exec(part.trim());
    if (range === null) return [];
    const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
    return Array.from({ length: Math.min(coresAtMost, Math.max(0, to - from + 1)) }, (_, at) => from + at);
  });
}
