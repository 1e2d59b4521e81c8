import { readBytes } from '../../units/quantity/quantity-bytes.ts';
import type { Gpu } from './gpus.ts';

/**
 * Bytes of memory of a product; null where the table has several sizes and the name tells none of them, and where it has none
 * in bytes. `NVIDIA A100-SXM4-80GB` names 80 GB, and is the board of 81,920 MiB.
 */
export function memoryOfProduct(gpu: Gpu, product: string): number | null {
  const sizes = gpu.memory.map(bytesOfText).filter((bytes) => bytes !== null);
  return sizes.length === 1 ? (sizes[0] ?? null) : sizeInName(product, sizes);
}

/** `81559 MiB`, `141 GB`; what is said with other words (`128 GB shared`) is no size of its own. */
function bytesOfText(text: string): number | null {
  const bytes = readBytes(text.replaceAll(' ', ''));
  return bytes.ok ? bytes.value : null;
}

/** `NVIDIA A100-SXM4-80GB` names which of its sizes it has: the one within a tenth of it. */
function sizeInName(name: string, sizes: readonly number[]): number | null {
  const nominal = Number(/(\d+)\s?GB/i.exec(name)?.[1] ?? Number.NaN) * 2 ** 30;
  return sizes.find((bytes) => Math.abs(bytes - nominal) < nominal / 10) ?? null;
}
