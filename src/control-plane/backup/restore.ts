import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { tableFile, type BackupManifest } from '../../core/records/backup.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type {
  RestoredRows,
  RestoredStore,
  RestoreRequest,
  StoredBackup,
  StoredRow,
  StoreSnapshot,
} from '../../ports/records/backup.ts';
import type { Lease } from '../../ports/records/store.ts';
import { blobsLease } from '../../core/rollout/names.ts';
import { countProgress } from '../../prove/progress.ts';
import { blobsLeaseMs, takeBlobsLease } from '../bundles/blobs-lease.ts';
import { copyBlob } from './back-up.ts';
import { forEachBlob, withLeases, type BackupParts } from './backup-parts.ts';
import { verifyBackup } from './verify-backup.ts';

/**
 * Puts a backup in place of what the store holds: the blobs first, then all rows in one transaction. Nothing is touched
 * before every digest of the backup was read, and while anybody else writes here.
 * @throws PlimsollError as `Backups.restore`: then the records are as they were.
 */
export async function restore(
  parts: BackupParts,
  { folder, replace, keepSchema = false }: RestoreRequest,
): Promise<RestoredStore> {
  const { manifest, problems } = await verifyBackup(parts, folder);
  if (manifest === null || problems.length > 0) throw backupDamaged(folder, problems);
  const backup = parts.folders.open(folder);
  const present = await parts.rows.snapshot(readPresent);
  if (present.filled !== null && !replace) throw storeNotEmpty(folder, present.filled);
  const leases = await takeAllLeases(parts, present.held);
  await withLeases(parts, leases, async () => {
    await restoreBlobs(parts, backup, manifest);
    await parts.rows.replaceAll(leases, { ...readRows(parts, backup, manifest), keepSchema });
  });
  return { manifest, problems: keepSchema ? [] : await parts.store.check() };
}

/** What every store has from its beginning, or from whoever opened it. */
const neverEmpty: readonly string[] = ['counters', 'leases', 'store_identity'];

async function readPresent(
  snapshot: StoreSnapshot,
): Promise<{ readonly filled: string | null; readonly held: readonly string[] }> {
  let filled: string | null = null;
  for (const table of snapshot.tables) {
    if (neverEmpty.includes(table) || filled !== null) continue;
    for await (const rows of snapshot.rows(table)) {
      if (rows.length > 0) filled = table;
      break;
    }
  }
  const held: string[] = [];
  for await (const rows of snapshot.rows('leases')) {
    for (const { lease, holder } of rows) if (holder !== null && lease !== blobsLease) held.push(String(lease));
  }
  return { filled, held };
}

/** Of every lease that somebody held: one whose holder is gone can be taken. */
async function takeAllLeases(parts: BackupParts, held: readonly string[]): Promise<readonly Lease[]> {
  const { store, clock, holder, isDead } = parts;
  const taken: Lease[] = [await takeBlobsLease(parts)];
  for (const lease of held) {
    const got = await store.leases.acquire({ lease, holder, isDead, ttlMs: blobsLeaseMs, nowMs: clock.nowMs() });
    if (got !== null) {
      taken.push(got);
      continue;
    }
    const other = (await store.leases.current(lease))?.holder;
    for (const each of taken) await store.leases.release(each);
    throw controlPlaneRunning(lease, other ?? 'another process');
  }
  return taken;
}

/** One that is there and whole is not copied again. */
async function restoreBlobs(parts: BackupParts, backup: StoredBackup, { blobs }: BackupManifest): Promise<void> {
  await forEachBlob(parts, 'restoring blobs', blobs ?? [], async (digest) => {
    if ((await parts.blobs.verify(digest, parts.signal)).ok) return;
    await copyBlob(backup.blobs, parts.blobs, digest, parts.signal);
  });
}

function readRows(
  parts: BackupParts,
  backup: StoredBackup,
  { schemaVersion, tables }: BackupManifest,
): Omit<RestoredRows, 'keepSchema'> {
  const tell = countProgress(parts, 'restoring records', 'rows');
  let count = 0;
  async function* counted(name: string): AsyncGenerator<StoredRow> {
    for await (const row of backup.rows(tableFile(name))) {
      parts.signal.throwIfAborted();
      yield row;
      tell((count += 1));
    }
  }
  return { schemaVersion, tables: tables.map(({ name }) => ({ name, rows: counted(name) })) };
}

function backupDamaged(folder: string, problems: readonly string[]): PlimsollError {
  const [first = 'it cannot be read', ...more] = problems;
  const others = more.length === 0 ? '' : `, and ${more.length} more`;
  return new PlimsollError({
    code: 'backup-damaged',
    category: 'corrupt',
    message: `the backup ${folder} is damaged: ${first}${others}; nothing was restored`,
    next: nextStep(controlPlaneSteps, 'backup-damaged', { folder }),
    details: { folder, problems },
  });
}

function storeNotEmpty(folder: string, table: string): PlimsollError {
  return new PlimsollError({
    code: 'store-not-empty',
    category: 'conflict',
    message: `the store holds records already (${table}): a restore replaces all of them`,
    next: nextStep(controlPlaneSteps, 'store-not-empty', { folder }),
  });
}

function controlPlaneRunning(lease: string, holder: string): PlimsollError {
  return new PlimsollError({
    code: 'control-plane-running',
    category: 'conflict',
    message: `process ${holder} writes to this store (lease ${lease}); nothing was restored`,
    next: nextStep(controlPlaneSteps, 'control-plane-running'),
    details: { lease, holder },
  });
}
