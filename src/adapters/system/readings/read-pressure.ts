import path from 'node:path';
import type { PressureCounters } from '../../../core/diagnosis/readings/node-snapshot.ts';
import { makeUnknown, mapReading, type Reading } from '../../../core/diagnosis/readings/reading.ts';
import { readKernelFile, type KernelText } from '../kernel-file.ts';
import type { GroupFolders } from './control-groups.ts';
import { parseCount } from './kernel-number.ts';

/**
 * Pressure of the replica's own group where version 2 tells it; else of the node. At the root of version 2 no group is the
 * replica's own. https://docs.kernel.org/accounting/psi.html
 */
export async function readPressure(procFolder: string, group: GroupFolders): Promise<PressureCounters> {
  const own = 'folders' in group && group.version === 2 ? group.folders[0] : undefined;
  const ofGroup = own === undefined ? null : await readThree((name) => path.join(own, `${name}.pressure`), 'replica');
  if (ofGroup !== null && 'value' in ofGroup.cpuSomeMs) return ofGroup;
  return readThree((name) => `${procFolder}/pressure/${name}`, 'node');
}

async function readThree(fileOf: (name: string) => string, of: PressureCounters['of']): Promise<PressureCounters> {
  const [cpu, io, memory] = await Promise.all(['cpu', 'io', 'memory'].map((name) => readKernelFile(fileOf(name))));
  return { of, cpuSomeMs: totalOf(cpu, 'some'), ioFullMs: totalOf(io, 'full'), memoryFullMs: totalOf(memory, 'full') };
}

/** `some avg10=0.00 avg60=0.00 avg300=0.00 total=1234`, microseconds. A kernel with `psi=0` has the file and refuses to read it. */
function totalOf(read: KernelText | undefined, line: 'some' | 'full'): Reading {
  if (read === undefined || 'reason' in read) {
    return makeUnknown(`the kernel tells no pressure: ${read?.reason ?? 'it was not read'}`);
  }
  const total = new RegExp(`^${line} .*total=(\\d+)$`, 'm').exec(read.text)?.[1];
  return mapReading(parseCount(total, `the pressure line ${line}`), (us) => us / 1_000);
}
