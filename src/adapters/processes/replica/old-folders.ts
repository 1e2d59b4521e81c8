import { readdir, rm, stat } from 'node:fs/promises';
import { removeLaidOut } from '../confinement/remove-files.ts';
import { hasEnded, readRecords, replicaFolder, replicaIdPattern, replicasFolder } from './replica-record.ts';

const keptFolders = 20;
const orphanFolderAgeMs = 3_600_000;

/** Folders of replicas that ended are kept for their logs, the newest twenty of them. */
export async function removeOldFolders(stateFolder: string, shown: ReadonlySet<string>, nowMs: number): Promise<void> {
  const records = await readRecords(stateFolder);
  const ended = records
    .filter((record) => hasEnded(record) && !shown.has(record.replicaId))
    .sort((a, b) => (b.endedAtMs ?? 0) - (a.endedAtMs ?? 0));
  for (const record of ended.slice(keptFolders)) await removeFolder(stateFolder, record.replicaId);
  await removeFoldersWithoutRecord(stateFolder, nowMs);
}

/** Left by a process that was killed between making the folder and writing its record: nothing was started from it. */
async function removeFoldersWithoutRecord(stateFolder: string, nowMs: number): Promise<void> {
  for (const name of await readdir(replicasFolder(stateFolder)).catch(() => [])) {
    if (!replicaIdPattern.test(name)) continue;
    const folder = replicaFolder(stateFolder, name);
    if ((await stat(folder.record).catch(() => null)) !== null) continue;
    const made = await stat(folder.root).catch(() => null);
    if (made !== null && nowMs - made.mtimeMs > orphanFolderAgeMs) await removeFolder(stateFolder, name);
  }
}

async function removeFolder(stateFolder: string, replicaId: string): Promise<void> {
  const folder = replicaFolder(stateFolder, replicaId);
  // What its user can write to goes first, and not by root.
  await removeLaidOut(folder);
  await rm(folder.root, { recursive: true, force: true });
}
