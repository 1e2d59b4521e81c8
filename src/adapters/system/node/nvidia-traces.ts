import { access } from 'node:fs/promises';
import path from 'node:path';
import { readKernelFile, textOf } from '../kernel-file.ts';
import type { NodeRoots } from './node-roots.ts';

/** What the kernel shows of an NVIDIA driver, whether or not its programs are there. */
export interface NvidiaTraces {
  /** Version of the kernel module that is loaded; null when none is. */
  readonly moduleVersion: string | null;
  /** Flavour of that module; null where none is loaded, or its line names none. */
  readonly moduleFlavour: 'open' | 'proprietary' | null;
  /** Why `moduleVersion` is null. */
  readonly moduleReason: string | null;
  /** Whether the kernel shows no module at all. What cannot be read, or names no version, may be one. */
  readonly isModuleAbsent: boolean;
  /** A way to a GPU that the PCI bus need not show: a device file, a Tegra, the GPU of a Windows host. Null: none. */
  readonly otherTrace: string | null;
}

export async function readNvidiaTraces({ proc, dev }: NodeRoots): Promise<NvidiaTraces> {
  const file = path.join(proc, 'driver/nvidia/version');
  const version = await readKernelFile(file);
  const moduleVersion = /Kernel Module.*?\s(\d{1,5}(?:\.\d{1,5}){1,2})\s/.exec(textOf(version) ?? '')?.[1] ?? null;
  let moduleReason: string | null = null;
  if ('reason' in version) moduleReason = version.reason;
  else if (moduleVersion === null) moduleReason = `${file} names no version`;
  return {
    moduleVersion,
    moduleFlavour: moduleVersion === null ? null : flavourOf(textOf(version) ?? ''),
    moduleReason,
    isModuleAbsent: 'reason' in version && version.isAbsent === true,
    otherTrace: await otherTrace(proc, dev),
  };
}

/** `NVIDIA UNIX Open Kernel Module for x86_64` is the open one, `NVIDIA UNIX x86_64 Kernel Module` the other. */
const flavourOf = (text: string): NvidiaTraces['moduleFlavour'] =>
  text.includes('Open Kernel Module') ? 'open' : text.includes('Kernel Module') ? 'proprietary' : null;

async function otherTrace(proc: string, dev: string): Promise<string | null> {
  for (const name of ['nvidiactl', 'dxg']) {
    const file = path.join(dev, name);
    const there = await access(file).then(
      () => true,
      () => false,
    );
    if (there) return `${file} is there`;
  }
  const compatible = textOf(await readKernelFile(path.join(proc, 'device-tree/compatible'))) ?? '';
  return compatible.includes('nvidia,tegra') ? 'the machine is a Tegra, whose GPU is not on the PCI bus' : null;
}
