import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { storageError } from './storage-errors.ts';

/**
 * Temporary name, sync, rename, sync of the folder: a crash leaves the old file or the new one, never half of one.
 * @param doing for people: `writing the lock`.
 */
export async function writeAtomically(file: string, text: string, doing: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    const folder = await open(path.dirname(file), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw await storageError(thrown, doing, file);
  }
}
