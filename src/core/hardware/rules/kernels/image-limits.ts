import type { DeviceLibrary } from '../../../image/image-facts.ts';
import { nameOf } from '../../../image/image-path.ts';
import { cubinRuns, ptxCompiles } from './kernel-runs.ts';
import { capabilityNumber } from '../numbers.ts';

/**
 * Capabilities that CUDA compiles for, oldest first; boards that are computers by themselves (5.3, 6.2, 7.2, 8.7, 11.0) are
 * left out. CUDA toolkit documentation, nvcc, "GPU feature list", 2026-11.
 */
const capabilities = [
  '5.0',
  '5.2',
  '6.0',
  '6.1',
  '7.0',
  '7.5',
  '8.0',
  '8.6',
  '8.9',
  '9.0',
  '10.0',
  '10.3',
  '12.0',
  '12.1',
];

/** Which devices some libraries leave out, in one sentence for all that leave out the same. */
export interface ImageLimit {
  /** `no kernels below 8.0`. */
  readonly sentence: string;
  readonly libraries: readonly string[];
}

/** What each library leaves out; libraries that were not read whole say nothing. */
export function limitsOf(libraries: readonly DeviceLibrary[]): readonly ImageLimit[] {
  const bySentence = new Map<string, string[]>();
  for (const library of libraries) {
    const sentence = library.unknown === undefined ? limitOf(library) : null;
    if (sentence === null) continue;
    const paths = bySentence.get(sentence) ?? [];
    bySentence.set(sentence, [...paths, library.path]);
  }
  return [...bySentence].map(([sentence, paths]) => ({ sentence, libraries: paths }));
}

/** Null where every capability is served. */
function limitOf(library: DeviceLibrary): string | null {
  const served = capabilities.map((capability) => hasKernelsFor(library, capability));
  const first = served.indexOf(true);
  if (first < 0) return 'no kernels for any known device';
  const last = served.lastIndexOf(true);
  const gaps = capabilities.filter((_, index) => index > first && index < last && served[index] !== true);
  const parts = [
    ...(first === 0 ? [] : [`below ${capabilities[first]}`]),
    ...(gaps.length === 0 ? [] : [`for ${gaps.join(', ')}`]),
    ...(last === capabilities.length - 1 ? [] : [`above ${capabilities[last]}`]),
  ];
  return parts.length === 0 ? null : `no kernels ${parts.join(' or ')}`;
}

/** Whether one library has machine code for a device, or PTX that can be compiled for it: the rules that `verify` judges by. */
export function hasKernelsFor({ cubins, ptx }: Pick<DeviceLibrary, 'cubins' | 'ptx'>, capability: string): boolean {
  const device = capabilityNumber(capability);
  if (device === null) return false;
  return cubins.some((target) => cubinRuns(target, device)) || ptx.some((target) => ptxCompiles(target, device));
}

/** `libfoo.so`, `libfoo.so (10 times)`, `libone.so, libtwo.so, libthree.so and 2 more`. */
export function namesOfLibraries(paths: readonly string[], atMost = 3): string {
  const counts = new Map<string, number>();
  for (const name of paths.map(nameOf)) counts.set(name, (counts.get(name) ?? 0) + 1);
  const names = [...counts].map(([name, count]) => (count === 1 ? name : `${name} (${count} times)`));
  const shown = names.slice(0, atMost).join(', ');
  return names.length > atMost ? `${shown} and ${names.length - atMost} more` : shown;
}
