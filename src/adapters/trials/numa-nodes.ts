import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** A NUMA node that has memory and CPUs. */
export interface NumaNode {
  /** `NUMA node 0`; `this machine` where the kernel tells of none. */
  readonly name: string;
  /** Null where the kernel tells of none. */
  readonly cpus: readonly number[] | null;
}

/** Nodes that are tried: the pairs of eight are 64. */
const mostNodes = 8;

/** NUMA nodes with CPUs as `/sys/devices/system/node` lists them; the whole machine as one where it lists none. */
export async function readNumaNodes(sys: string): Promise<readonly NumaNode[]> {
  const folder = path.join(sys, 'devices/system/node');
  const names = await readdir(folder).catch(() => []);
  const numbers = names.flatMap((name) => /^node(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  const nodes: NumaNode[] = [];
  for (const number of numbers.sort((a, b) => a - b)) {
    const list = await readFile(path.join(folder, `node${number}`, 'cpulist'), 'utf8').catch(() => '');
    const cpus = readCpuList(list);
    if (cpus.length > 0) nodes.push({ name: `NUMA node ${number}`, cpus });
  }
  return nodes.length === 0 ? [{ name: 'this machine', cpus: null }] : nodes.slice(0, mostNodes);
}

/** `0-3,8` is 0, 1, 2, 3, 8; what cannot be read is left out. */
export function readCpuList(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const match = /^\s*(\d{1,5})(?:-(\d{1,5}))?\s*$/.exec(part);
    if (match === null) return [];
    const [first, last] = [Number(match[1]), Number(match[2] ?? match[1])];
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  });
}
