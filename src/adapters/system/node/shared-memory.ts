import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { NodeRoots } from './node-roots.ts';

const mib = 2 ** 20;
const gib = 2 ** 30;

/**
 * Bytes of /dev/shm; null where it is not there or cannot be asked. Rounded down, from 1 GiB on to whole GiB: half of the memory of two
 * nodes that are alike differs by a few MiB, and would make two classes of their devices.
 */
export async function readShmBytes({ dev }: NodeRoots): Promise<number | null> {
  try {
    const { bsize, blocks } = await statfs(path.join(dev, 'shm'));
    // A file system in memory that nobody limited tells no size.
    return blocks === 0 ? null : roundShm(bsize * blocks);
  } catch {
    return null;
  }
}

/** `roundShm(67_108_864)` is 64 MiB, `roundShm(134_999_999_999)` is 125 GiB. */
export function roundShm(bytes: number): number {
  const unit = bytes < gib ? mib : gib;
  return Math.floor(bytes / unit) * unit;
}
