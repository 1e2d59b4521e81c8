import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Lock } from '../../../core/evidence/lock/lock.ts';
import { lockText } from '../../../schemas/lock/lock.ts';
import type { LockUpdate } from '../../../ports/project/project.ts';
import { readRegular } from '../regular-file.ts';
import { makeStateFolder } from '../state-folder.ts';
import { storageError, systemCode } from '../storage-errors.ts';
import { writeDurably } from '../write-durably.ts';

/** Null when there is no such file. */
export async function readLockFile(file: string, parse: (bytes: Uint8Array) => Promise<Lock>): Promise<Lock | null> {
  try {
    return await parse(await readRegular(file, path.basename(file)));
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null;
    throw await storageError(thrown, 'reading the lock', file);
  }
}

/** `plimsoll.lock`, and the state folder whose `run/recording.lock` is held while it is changed. */
export interface LockPlace {
  readonly lockFile: string;
  readonly stateFolder: string;
}

/** Reads, updates and writes the lock while no other process of the same state folder does. */
export async function changeLockFile(
  { lockFile, stateFolder }: LockPlace,
  read: () => Promise<Lock | null>,
  update: LockUpdate,
): Promise<void> {
  const held = path.join(stateFolder, 'run', 'recording.lock');
  await makeHeldFile(stateFolder, held);
  // Loaded only here: SQLite takes longer to load than `check` takes to read a lock.
  const { withFileLock } = await import('../file-lock.ts');
  await withFileLock(held, async () => {
    const changed = await update(await read());
    await writeDurably(lockFile, lockText(changed), { doing: 'writing the lock' });
  });
}

/** Made before it is locked, so that a folder that cannot be written to is named as such. */
async function makeHeldFile(stateFolder: string, held: string): Promise<void> {
  await makeStateFolder(stateFolder);
  try {
    await mkdir(path.dirname(held), { recursive: true });
    await appendFile(held, '');
  } catch (thrown) {
    throw await storageError(thrown, 'locking plimsoll.lock', held);
  }
}
