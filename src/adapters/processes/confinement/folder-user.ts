import { stat } from 'node:fs/promises';
import type { ReplicaUser } from '../../../core/access/replica-users.ts';

/** Returns whom a folder belongs to; null where that is the user of this process, or there is no such folder. */
export async function userOfFolder(folder: string): Promise<ReplicaUser | null> {
  const found = await stat(folder).catch(() => null);
  if (found === null || found.uid === process.getuid?.()) return null;
  return { uid: found.uid, gid: found.gid, name: null };
}
