import { open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { DeviceState } from '../../../core/pool/device-state.ts';

/** Folders of specifications of CDI; a later one goes before an earlier one. */
export const cdiFolders: readonly string[] = ['/etc/cdi', '/var/run/cdi'];

const mostFiles = 32;
const mostBytes = 2 ** 20;

/**
 * Whether the specifications of CDI for `nvidia.com/gpu` name `libcuda.so` of the driver that is loaded.
 *
 * | `libcuda.so` of a driver | |
 * |---|---|
 * | all that are named are of the driver that is loaded | current |
 * | one is of another driver | stale |
 * | none is named, no specification is there, or one cannot be read | undefined |
 */
export async function readCdiSpec(
  folders: readonly string[],
  driver: string | null,
): Promise<DeviceState['cdiSpec'] | undefined> {
  if (driver === null) return undefined;
  const versions = new Set<string>();
  for (const folder of folders) {
    const names = await readdir(folder).catch(() => []);
    for (const name of names
      .filter((one) => /\.(?:ya?ml|json)$/.test(one))
      .sort()
      .slice(0, mostFiles)) {
      const text = await readStart(path.join(folder, name));
      if (text === null) return undefined;
      if (!text.includes('nvidia.com/')) continue;
      for (const [, version] of text.matchAll(/libcuda\.so\.(\d{2,5}(?:\.\d{1,5}){1,2})\b/g))
        versions.add(version ?? '');
    }
  }
  if (versions.size === 0) return undefined;
  return versions.size === 1 && versions.has(driver) ? 'current' : 'stale';
}

/** Null for a file that cannot be read, or is larger than a specification is. */
async function readStart(file: string): Promise<string | null> {
  try {
    const handle = await open(file, 'r');
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
