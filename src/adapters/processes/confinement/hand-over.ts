import { chmod, chown, copyFile, lchown, mkdir, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ReplicaUser } from '../../../core/access/replica-users.ts';
import { replicasFolder, type ReplicaFolder } from '../replica/replica-record.ts';
import { replicaUsersFolder } from './user-table.ts';

/** To be passed through, and not listed. */
const passable = 0o711;

/**
 * Closes everything in the state folder to other users. The folders on the way to files of replicas may be passed through,
 * by whoever knows what lies behind. Commands of the same user add files, so each start of a replica does this again.
 */
export async function closeStateFolder(stateFolder: string): Promise<void> {
  const way = [stateFolder, path.dirname(replicasFolder(stateFolder)), replicasFolder(stateFolder)];
  await mkdir(replicaUsersFolder(stateFolder), { recursive: true, mode: 0o700 });
  await mkdir(replicasFolder(stateFolder), { recursive: true });
  for (const folder of way.slice(0, 2)) {
    for (const entry of await readdir(folder, { withFileTypes: true })) {
      const place = path.join(folder, entry.name);
      if (!way.includes(place) && !entry.isSymbolicLink()) await closeToOthers(place);
    }
  }
  for (const folder of way) await chmod(folder, passable);
}

async function closeToOthers(place: string): Promise<void> {
  const found = await stat(place).catch(() => null);
  if (found === null || (found.mode & 0o077) === 0) return;
  // A file that was removed in between, such as a temporary one, is no trouble.
  await chmod(place, found.mode & 0o700).catch(() => undefined);
}

/** Nobody else comes in while files are laid out. */
export async function closeReplicaFolder(folder: ReplicaFolder): Promise<void> {
  await chmod(folder.root, 0o700);
}

/**
 * Gives a replica's files to its user: code and a folder for temporary files as its own, model and contract to read. Model files may
 * share their inode with a blob, so they keep their owner, and the folder decides who reads them.
 * @returns where the contract lies that the user can read; null where there is none.
 */
export async function handOver(
  folder: ReplicaFolder,
  user: ReplicaUser,
  contractFile: string | null,
): Promise<string | null> {
  await letRead(folder.model, user);
  const contract = contractFile === null ? null : await copyContract(folder, user, contractFile);
  await mkdir(folder.temporary, { recursive: true, mode: 0o700 });
  await giveAway(folder.temporary, user);
  await giveAway(folder.work, user);
  await chmod(folder.root, passable);
  return contract;
}

/** Its lock lies beside it. */
async function copyContract(folder: ReplicaFolder, user: ReplicaUser, contractFile: string): Promise<string> {
  const target = folder.contract;
  await mkdir(target, { recursive: true });
  for (const name of await readdir(path.dirname(contractFile))) {
    if (!/^plimsoll\.(yaml|lock)$/.test(name)) continue;
    await copyFile(path.join(path.dirname(contractFile), name), path.join(target, name));
    await chmod(path.join(target, name), 0o444);
  }
  await letRead(target, user);
  return path.join(target, path.basename(contractFile));
}

/** Folders are for the group of the user to read, and the files in them for everybody who comes so far. */
async function letRead(folder: string, { gid }: ReplicaUser): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (entry.isDirectory()) await letRead(path.join(folder, entry.name), { uid: 0, gid, name: null });
  }
  await chown(folder, process.getuid?.() ?? 0, gid);
  await chmod(folder, 0o750);
}

/** The topmost folder comes last: until then nobody else can put a link in the place of a file. */
async function giveAway(folder: string, user: ReplicaUser): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const place = path.join(folder, entry.name);
    if (entry.isDirectory()) await giveAway(place, user);
    else await lchown(place, user.uid, user.gid);
  }
  await chmod(folder, 0o700);
  await chown(folder, user.uid, user.gid);
}
