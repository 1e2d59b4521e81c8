import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import {
  manifestProblems,
  tableFile,
  tableProblem,
  type BackupBlob,
  type BackupManifest,
} from '../../core/records/backup.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { StoredBackup, VerifiedBackup, VerifiedStore } from '../../ports/records/backup.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import { stepProgress } from '../../prove/progress.ts';
import { backupNewer, readManifest } from '../../schemas/artifact/backup-manifest.ts';
import { readStoreNames } from '../bundles/read-naming-records.ts';
import { forEachBlob, listNeededBlobs, type BackupParts } from './backup-parts.ts';

/**
 * Reads all of a backup, and says what is not as it was written.
 * @throws PlimsollError `backup-missing` (not-found), `store-newer` (conflict).
 */
export async function verifyBackup(parts: BackupParts, folder: string): Promise<VerifiedBackup> {
  const backup = parts.folders.open(folder);
  const text = await backup.manifest();
  if (text === null) throw backupMissing(folder);
  const manifest = readManifest(text);
  if (manifest === null) return { manifest, problems: ['manifest.json is cut off, or no manifest of a backup'] };
  const { schemaVersion } = parts.rows;
  if (manifest.schemaVersion > schemaVersion) {
    throw backupNewer(`schema version ${manifest.schemaVersion}`, `schema version ${schemaVersion}`);
  }
  const tables = await tableProblems(parts, backup, manifest);
  const blobs = await blobProblems(parts, 'verifying blobs', backup.blobs, manifest.blobs ?? []);
  return { manifest, problems: [...manifestProblems(manifest), ...tables, ...blobs] };
}

async function tableProblems(
  parts: BackupParts,
  backup: StoredBackup,
  { tables }: BackupManifest,
): Promise<readonly string[]> {
  const tell = stepProgress(parts, 'verifying tables', tables.length);
  const problems: string[] = [];
  for (const [index, table] of tables.entries()) {
    parts.signal.throwIfAborted();
    const problem = tableProblem(table, await backup.measure(tableFile(table.name)));
    if (problem !== null) problems.push(problem);
    tell(index + 1);
  }
  return problems;
}

/** Checks the records, and that every blob that they need is there and has its digest. */
export async function verifyStore(parts: BackupParts): Promise<VerifiedStore> {
  const problems = [...(await parts.store.check())];
  try {
    const names = await parts.rows.snapshot(({ reader }) => readStoreNames(reader));
    const { required, named } = await listNeededBlobs(names, parts);
    const blobs = [...required, ...named];
    problems.push(...(await blobProblems(parts, 'verifying blobs', parts.blobs, blobs)));
    return { blobs, problems };
  } catch (thrown) {
    if (!(thrown instanceof PlimsollError) || thrown.code !== 'bundle-unreadable') throw thrown;
    return { blobs: [], problems: [...problems, thrown.message] };
  }
}

async function blobProblems(
  parts: BackupParts,
  doing: string,
  blobs: Blobs,
  listed: readonly BackupBlob[],
): Promise<readonly string[]> {
  const problems: string[] = [];
  await forEachBlob(parts, doing, listed, async (digest) => {
    const verified = await blobs.verify(digest, parts.signal);
    if (!verified.ok) problems.push(`blob ${digest} is ${verified.reason}`);
  });
  return problems;
}

function backupMissing(folder: string): PlimsollError {
  return new PlimsollError({
    code: 'backup-missing',
    category: 'not-found',
    message: `${folder} holds no backup: there is no manifest.json in it`,
    next: nextStep(controlPlaneSteps, 'backup-missing'),
    details: { folder },
  });
}
