import { spawn } from 'node:child_process';
import { rm, rmdir } from 'node:fs/promises';
import type { ReplicaFolder } from '../replica/replica-record.ts';
import { userOfFolder } from './folder-user.ts';

/**
 * Removes the files of a replica that ended. Its weights may share blocks with blobs, and its folder is kept for its logs: only the
 * files go. Never throws.
 */
export async function removeLaidOut(folder: ReplicaFolder): Promise<void> {
  const own = [folder.model, folder.contract, folder.secrets].map((each) => rm(each, { recursive: true, force: true }));
  const others = [folder.work, folder.temporary].map((each) => removeTree(each));
  await Promise.all([...own, ...others]).catch(() => undefined);
}

/**
 * What another user may write to, that user removes: it could put a link in the place of a folder while root goes through it, and
 * root would remove what the link leads to.
 */
async function removeTree(folder: string): Promise<void> {
  const user = await userOfFolder(folder);
  if (user === null) return rm(folder, { recursive: true, force: true });
  await removeAs(user, folder);
  // The folder above belongs to root, so its user cannot remove it, nor put anything else there.
  await rmdir(folder);
}

function removeAs({ uid, gid }: { readonly uid: number; readonly gid: number }, folder: string): Promise<void> {
  return new Promise((resolve) => {
    const child = spawn('/bin/rm', ['-rf', '--', folder], { uid, gid, env: {}, cwd: '/', stdio: 'ignore' });
    child.once('error', () => resolve());
    child.once('exit', () => resolve());
  });
}
