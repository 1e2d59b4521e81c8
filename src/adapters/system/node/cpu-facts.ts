import { arch, cpus } from 'node:os';
import path from 'node:path';
import type { CpuFacts } from '../../../core/pool/node-facts.ts';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from './node-roots.ts';

export interface MachineParts {
  readonly cpu: CpuFacts;
  readonly memoryBytes: number | null;
  readonly kernel: string | null;
  readonly unknown: Readonly<Record<string, string>>;
}

/** CPU, memory and kernel from /proc; the model by the operating system's own word where /proc has none (arm64). */
export async function readMachineParts({ proc }: NodeRoots): Promise<MachineParts> {
  const unknown: Record<string, string> = {};
  const cpuinfo = await readKernelFile(path.join(proc, 'cpuinfo'));
  if ('reason' in cpuinfo) unknown['cpu.cores'] = cpuinfo.reason;
  const text = textOf(cpuinfo) ?? '';
  const model = /^model name\s*:\s*(.+)$/m.exec(text)?.[1]?.trim() ?? operatingSystemsModel();
  if (model === null) unknown['cpu.model'] = `${path.join(proc, 'cpuinfo')} names no model`;
  const flags = /^(?:flags|Features)\s*:\s*(.+)$/m.exec(text)?.[1];
  if (flags === undefined) unknown['cpu.features'] = `${path.join(proc, 'cpuinfo')} lists none`;
  const cores = text.match(/^processor\s*:/gm)?.length ?? null;
  const memoryBytes = await readMemory(proc, unknown);
  const release = await readKernelFile(path.join(proc, 'sys/kernel/osrelease'));
  if ('reason' in release) unknown['kernel'] = release.reason;
  return {
    cpu: {
      architecture: arch(),
      model,
      cores,
      features: flags === undefined ? null : [...new Set(flags.toLowerCase().trim().split(/\s+/))].sort(),
    },
    memoryBytes,
    kernel: textOf(release),
    unknown,
  };
}

function operatingSystemsModel(): string | null {
  const model = cpus()[0]?.model.trim() ?? '';
  return model === '' || model === 'unknown' ? null : model;
}

async function readMemory(proc: string, unknown: Record<string, string>): Promise<number | null> {
  const file = path.join(proc, 'meminfo');
  const read = await readKernelFile(file);
  const kibibytes = /^MemTotal:\s*(\d{1,15}) kB$/m.exec(textOf(read) ?? '')?.[1];
  if (kibibytes !== undefined) return Number(kibibytes) * 1024;
  unknown['memoryBytes'] = 'reason' in read ? read.reason : `${file} has no MemTotal`;
  return null;
}
