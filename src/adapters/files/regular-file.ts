import { constants, type Stats } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import { notRegular } from '../../core/units/not-regular.ts';

/**
 * Opens a regular file. A pipe that nobody writes to would hold the open itself, in a thread that no signal ends, so that
 * what it is is asked first; without blocking, in case it is replaced between the two. A folder is told by reading it.
 * @throws PlimsollError `file-not-regular` (input), and what the file system says.
 */
export async function openRegular(location: string, shown: string): Promise<FileHandle> {
  await requireRegular(location, shown);
  return open(location, constants.O_RDONLY | constants.O_NONBLOCK);
}

/** @throws PlimsollError `file-not-regular` (input), and what the file system says. */
export async function requireRegular(location: string, shown: string): Promise<Stats> {
  const found = await stat(location);
  if (!found.isFile() && !found.isDirectory()) throw notRegular(shown, false);
  return found;
}

export async function readRegular(location: string, shown: string): Promise<Uint8Array> {
  const handle = await openRegular(location, shown);
  try {
    return await handle.readFile();
  } finally {
    await handle.close();
  }
}
