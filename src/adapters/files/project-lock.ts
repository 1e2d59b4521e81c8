import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Lock } from '../../core/evidence/lock.ts';
import { lockText } from '../../schemas/lock.ts';
import { storageError, systemCode } from './storage-errors.ts';

/** Null when there is no such file. */
export async function readLockFile(file: string, parse: (bytes: Uint8Array) => Lock): Promise<Lock | null> {
  try {
    return parse(await readFile(file));
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null;
    throw await storageError(thrown, 'reading the lock', file);
  }
}

/** Temporary name, sync, rename, sync of the folder: a crash leaves the old lock or the new one, never half of one. */
export async function writeLockFile(file: string, lock: Lock): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o644);
    try {
      await handle.writeFile(lockText(lock));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
    const folder = await open(path.dirname(file), 'r');
    await folder.sync().finally(() => folder.close());
  } catch (thrown) {
    await rm(temporary, { force: true });
    throw await storageError(thrown, 'writing the lock', file);
  }
}
