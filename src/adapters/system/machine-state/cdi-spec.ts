import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceState } from '../../../core/pool/device-state.ts';

/** Folders of specifications of CDI; a later one goes before an earlier one. */
export const cdiFolders: readonly string[] = ['/etc/cdi', '/var/run/cdi'];

const mostFiles = 32;
const mostBytes = 2 ** 20;

/**
 * Whether the specifications of CDI for `nvidia.com/gpu` name `libcuda.so` of the driver that is loaded. The last folder that names one decides: where two
 * folders have the same device, a container gets that of the later one.
 *
 * @param isWhole the machine itself is seen, and no kubelet runs on it, whose plugins write specifications of their own.
 *
 * | `libcuda.so` of a driver, in that folder | |
 * |---|---|
 * | all that are named are of the driver that is loaded | current |
 * | one is of another driver | stale |
 * | none is named in any folder, or one cannot be read | undefined |
 * | no specification of NVIDIA is in any folder, and nobody else writes one later | missing |
 */
export async function readCdiSpec(
  folders: readonly string[],
  driver: string | null,
  isWhole = false,
): Promise<DeviceState['cdiSpec'] | undefined> {
  if (driver === null) return undefined;
  let deciding: ReadonlySet<string> = new Set();
  let count = 0;
  for (const folder of folders) {
    const read = await readDrivers(folder);
    if (read === null) return undefined;
    count += read.count;
    if (read.drivers.size > 0) deciding = read.drivers;
  }
  if (count === 0 && folders.length > 0 && isWhole) return 'missing';
  if (deciding.size === 0) return undefined;
  return deciding.size === 1 && deciding.has(driver) ? 'current' : 'stale';
}

interface FolderOfSpecs {
  /** Versions of the drivers that its specifications name. */
  readonly drivers: ReadonlySet<string>;
  /** Specifications of NVIDIA. */
  readonly count: number;
}

/** Null where the folder, or a file of it, cannot be read, and where it has more files than are read. */
async function readDrivers(folder: string): Promise<FolderOfSpecs | null> {
  const names = await readdir(folder).catch((thrown: unknown) =>
    (thrown as NodeJS.ErrnoException).code === 'ENOENT' ? [] : null,
  );
  if (names === null) return null;
  const files = names.filter((one) => /\.(?:ya?ml|json)$/.test(one));
  if (files.length > mostFiles) return null;
  const versions = new Set<string>();
  let count = 0;
  for (const name of files) {
    const text = await readStart(path.join(folder, name));
    if (text === null) return null;
    if (!text.includes('nvidia.com/')) continue;
    count += 1;
    for (const [, version] of text.matchAll(/libcuda\.so\.(\d{2,5}(?:\.\d{1,5}){1,2})\b/g)) versions.add(version ?? '');
  }
  return { drivers: versions, count };
}

/** Null for a file that cannot be read, or is larger than a specification is. */
async function readStart(file: string): Promise<string | null> {
  try {
    // A pipe would otherwise be waited for.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) return null;
      const bytes = Buffer.alloc(mostBytes + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      return bytesRead > mostBytes ? null : bytes.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch {
    return null;
  }
}
