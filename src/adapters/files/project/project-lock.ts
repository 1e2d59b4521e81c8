import path from 'node:path';
import type { Lock } from '../../../core/evidence/lock/lock.ts';
import { lockText } from '../../../schemas/lock/lock.ts';
import { readRegular } from '../regular-file.ts';
import { storageError, systemCode } from '../storage-errors.ts';
import { writeAtomically } from '../write-atomically.ts';

/** Null when there is no such file. */
export async function readLockFile(file: string, parse: (bytes: Uint8Array) => Promise<Lock>): Promise<Lock | null> {
  try {
    return await parse(await readRegular(file, path.basename(file)));
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null;
    throw await storageError(thrown, 'reading the lock', file);
  }
}

export const writeLockFile = (file: string, lock: Lock): Promise<void> =>
  writeAtomically(file, lockText(lock), 'writing the lock');
