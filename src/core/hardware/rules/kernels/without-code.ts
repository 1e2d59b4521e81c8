import { compilerKind } from '../../../image/compilers.ts';
import type { ImageFacts } from '../../../image/image-facts.ts';
import { capabilities } from '../../tables/capabilities.ts';
import { codeProgramNames, codePrograms, componentsWithoutCode } from '../../tables/packages/code-programs.ts';
import { capabilityNumber, cudaNumber, majorOf } from '../numbers.ts';
import { readWhole, toolkitOf } from '../service-facts.ts';
import { groupLibraries, isRequired } from './library-groups.ts';

/**
 * Where the device code comes from that an image does not hold.
 *
 * | the image | |
 * |---|---|
 * | was not read whole | hidden |
 * | holds a library or a program that brings device code, or a compiler of its own | hidden: what was read does not show it |
 * | `nvcc` or NVRTC, or a library that is linked to NVRTC | compiled: with code of this toolkit |
 * | none of them | nowhere: a program of it asks the driver alone (`nvidia-smi`) |
 */
export type CodeOrigin = 'nowhere' | 'compiled' | 'hidden';

const codeProgram = new RegExp(codeProgramNames);
const named = new Set(codePrograms);
const withoutCode = new Set(componentsWithoutCode);

export function originOfCode(image: ImageFacts): CodeOrigin {
  const { python, components, compilers = [] } = image;
  // Whether the libraries were read whole is asked by who decides the kernels.
  if (!(['components', 'python'] as const).every((field) => readWhole(image, field))) return 'hidden';
  if (groupLibraries(image).some(({ role }) => role?.tool !== true)) return 'hidden';
  if (Object.keys(components).some((name) => !withoutCode.has(name))) return 'hidden';
  if (python.some(({ name }) => isCodeProgram(name))) return 'hidden';
  const compiles =
    components['nvrtc'] !== undefined ||
    image.libraries.some(({ needs = [] }) => needs.some((soname) => compilerLibrary.test(soname))) ||
    compilers.some((path) => compilerKind(path) === 'cuda') ||
    python.some(({ name }) => compilerWheel.test(name));
  return compiles ? 'compiled' : 'nowhere';
}

/** Whether a distribution of that name brings device code of its own, or compiles some. */
export const isCodeProgram = (name: string): boolean => named.has(name) || codeProgram.test(name);

/** Whether no library of the image is required, and it has a CUDA runtime. */
export const showsNoCode = (image: ImageFacts, required: readonly string[] = []): boolean =>
  toolkitOf(image) !== null && !groupLibraries(image, required).some(isRequired);

const compilerLibrary = /^libnvrtc\.so(?:\.|$)/;
const compilerWheel = /^nvidia-cuda-nv(?:rtc|cc)(?:-cu\d+)?$/;

const rows = new Map(capabilities.map((row) => [capabilityNumber(row.capability), row]));

/** Whether the compiler of a toolkit knows a capability; null for one of no table. See `cudaNumber`. */
export function compilerKnows(toolkitCuda: number, capability: number): boolean | null {
  const row = rows.get(capability);
  if (row === undefined) return null;
  const { firstCuda, lastCudaMajor } = row;
  return (
    toolkitCuda >= (cudaNumber(firstCuda) ?? 0) && (lastCudaMajor === null || majorOf(toolkitCuda) <= lastCudaMajor)
  );
}
