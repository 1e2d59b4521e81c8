import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chooseReplicaUid, type ReplicaUsers } from '../../../core/access/replica-users.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Random } from '../../../ports/process/random.ts';

/** A file for each number that was given out, with whom it was given to. */
export const replicaUsersFolder = (stateFolder: string): string => path.join(stateFolder, 'run', 'replica-users');

type Range = Extract<ReplicaUsers, { kind: 'range' }>;

/**
 * Returns the number that a key has in the range, and gives it one where it has none. A control plane and a command that measures
 * may ask at once: a number is taken by a link, which only one of them can make.
 * @throws PlimsollError `replica-users-taken` (refused).
 */
export async function takeReplicaUid(stateFolder: string, range: Range, key: string, random: Random): Promise<number> {
  const folder = replicaUsersFolder(stateFolder);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (;;) {
    const chosen = chooseReplicaUid(range, await readTaken(folder), key);
    if (chosen === null) throw allTaken(range, key);
    if (!chosen.isNew) return chosen.uid;
    await tryToTake(folder, chosen.uid, key, random);
  }
}

async function tryToTake(folder: string, uid: number, key: string, random: Random): Promise<void> {
  const temporary = path.join(folder, `.${random.hex(6)}.tmp`);
  await writeFile(temporary, `${key}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(temporary, path.join(folder, String(uid)));
  } catch (thrown) {
    if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EEXIST')) throw thrown;
  } finally {
    await rm(temporary, { force: true });
  }
}

async function readTaken(folder: string): Promise<ReadonlyMap<number, string>> {
  const taken = new Map<number, string>();
  for (const name of await readdir(folder)) {
    if (/^\d+$/.test(name)) taken.set(Number(name), (await readFile(path.join(folder, name), 'utf8')).trim());
  }
  return taken;
}

function allTaken({ first, last }: Range, key: string): PlimsollError {
  return new PlimsollError({
    code: 'replica-users-taken',
    category: 'refused',
    message: `all users of --replica-user ${first}-${last} are given to other services, and ${key} has none`,
    next: 'start the control plane with a larger range',
    details: { first, last },
  });
}
