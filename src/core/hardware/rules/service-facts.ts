import type { HardwareSection } from '../../contract/contract.ts';
import type { ServiceDemands } from '../compatibility.ts';
import type { ImageFacts } from '../image-facts.ts';
import { cudaNumber } from './numbers.ts';

/** The CUDA toolkit that a service needs: the newest of those that its image brings along. */
export interface Toolkit {
  /** See `cudaNumber`. */
  readonly cuda: number;
  readonly text: string;
  /** Where it was read: a path, a variable, or `torch 2.9.0+cu130`. */
  readonly from: string;
}

/**
 * An image may hold several: that of its base image, and that of a wheel which brings its own. The process loads the
 * newest of them at the latest when that wheel is imported, so that the newest decides.
 */
export function toolkitOf(image: ImageFacts): Toolkit | null {
  const candidates: Toolkit[] = [];
  const add = (text: string, from: string): void => {
    const cuda = cudaNumber(text);
    if (cuda !== null) candidates.push({ cuda, text, from });
  };
  if (image.cuda !== null) add(image.cuda.version, image.cuda.from);
  for (const { name, version } of image.python) {
    if (/^nvidia-cuda-runtime(?:-cu\d+)?$/.test(name)) add(version, `${name} ${version}`);
    const variant = name === 'torch' ? torchVariant(version) : null;
    if (variant !== null) add(variant, `torch ${version}`);
  }
  return candidates.reduce<Toolkit | null>((best, one) => (best === null || one.cuda > best.cuda ? one : best), null);
}

/** `2.9.0+cu130` is built with CUDA 13.0, `2.4.0+cu118` with 11.8; null for a build that does not say. */
export function torchVariant(version: string): string | null {
  const match = /\+cu(\d{2})(\d)$/.exec(version);
  return match === null ? null : `${match[1]}.${match[2]}`;
}

/** Version of a Python distribution by any of its names; null when it is not in the image. */
export function distribution(image: ImageFacts, names: readonly string[]): string | null {
  return image.python.find(({ name }) => names.includes(name))?.version ?? null;
}

/** Whether the image was read whole in this field. */
export const readWhole = (image: ImageFacts, field: keyof ImageFacts): boolean => image.unknown[field] === undefined;

/** Nothing in it can use an accelerator: no CUDA runtime, no device code, and both were looked for everywhere. */
export const isCpuOnly = (image: ImageFacts): boolean =>
  toolkitOf(image) === null &&
  image.libraries.length === 0 &&
  (['cuda', 'libraries', 'python'] as const).every((field) => readWhole(image, field));

export type Demands = Pick<ServiceDemands, 'image' | 'model' | 'runtime'> & { readonly hardware: HardwareSection };
