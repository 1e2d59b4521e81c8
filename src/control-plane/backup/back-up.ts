import { createReadStream } from 'node:fs';
import {
  backupVersion,
  sealManifest,
  tableFile,
  type BackupBlob,
  type BackupManifest,
  type BackupTable,
  type MissingBlob,
} from '../../core/records/backup.ts';
import type { Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { NewBackup, StoredRow, StoreSnapshot } from '../../ports/records/backup.ts';
import { countProgress } from '../../prove/progress.ts';
import { takeBlobsLease } from '../bundles/blobs-lease.ts';
import { readStoreNames } from '../bundles/read-naming-records.ts';
import { forEachBlob, listNeededBlobs, withLeases, type BackupParts, type NeededBlobs } from './backup-parts.ts';

/**
 * Copies one consistent view of all rows, and then the blobs that they need. Meanwhile nobody removes blobs, and whoever
 * records goes on. A blob that is not whole is told in the manifest, and does not keep the rest from being copied.
 * @throws PlimsollError `backup-target` (input), `collection-running` (conflict), `bundle-unreadable` (corrupt), and as the
 *   store and the file system: then nothing is left.
 */
export async function backUp(
  parts: BackupParts,
  { folder, withBlobs }: { readonly folder: string; readonly withBlobs: boolean },
): Promise<BackupManifest> {
  const backup = await parts.folders.create(folder);
  try {
    const leases = withBlobs ? [await takeBlobsLease(parts)] : [];
    return await withLeases(parts, leases, () => fill(parts, backup, withBlobs));
  } catch (thrown) {
    await backup.discard().catch(() => undefined);
    throw thrown;
  }
}

async function fill(parts: BackupParts, backup: NewBackup, withBlobs: boolean): Promise<BackupManifest> {
  const { rows, clock, plimsollVersion } = parts;
  const recorded = await rows.snapshot(async (snapshot) => ({
    madeAtMs: clock.nowMs(),
    identity: snapshot.identity,
    tables: await copyTables(parts, backup, snapshot),
    names: withBlobs ? await readStoreNames(snapshot.reader) : null,
  }));
  const needed = recorded.names === null ? null : await listNeededBlobs(recorded.names, parts);
  const copied = needed === null ? null : await copyNeeded(parts, backup, needed);
  const manifest = sealManifest({
    ...{ backupVersion, plimsollVersion, schemaVersion: rows.schemaVersion },
    store: { kind: rows.kind, identity: recorded.identity },
    madeAtMs: recorded.madeAtMs,
    tables: recorded.tables,
    blobs: copied?.blobs ?? null,
    missing: copied?.missing ?? [],
  });
  await backup.finish(`${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function copyTables(
  parts: BackupParts,
  backup: NewBackup,
  snapshot: StoreSnapshot,
): Promise<readonly BackupTable[]> {
  const tell = countProgress(parts, 'copying records', 'rows');
  let count = 0;
  async function* counted(table: string): AsyncGenerator<readonly StoredRow[]> {
    for await (const batch of snapshot.rows(table)) {
      parts.signal.throwIfAborted();
      yield batch;
      tell((count += batch.length));
    }
  }
  const tables: BackupTable[] = [];
  for (const name of snapshot.tables) {
    tables.push({ name, ...(await backup.writeRows(tableFile(name), counted(name))) });
  }
  return tables;
}

async function copyNeeded(
  parts: BackupParts,
  backup: NewBackup,
  { required, named }: NeededBlobs,
): Promise<{ readonly blobs: readonly BackupBlob[]; readonly missing: readonly MissingBlob[] }> {
  const blobs: BackupBlob[] = [];
  const missing: MissingBlob[] = [];
  await forEachBlob(parts, 'copying blobs', [...required, ...named], async (digest) => {
    try {
      blobs.push(await copyBlob(parts.blobs, backup.blobs, digest, parts.signal));
    } catch (thrown) {
      const code = thrown instanceof PlimsollError ? thrown.code : '';
      if (code === 'blob-missing') missing.push({ digest, reason: 'missing' });
      else if (code === 'blob-corrupt') missing.push({ digest, reason: 'corrupt' });
      else throw thrown;
    }
  });
  return { blobs, missing };
}

/** Its bytes are read and hashed on the way: no file is shared between a store and a backup. */
export async function copyBlob(from: Blobs, to: Blobs, digest: Digest, signal: AbortSignal): Promise<BackupBlob> {
  const bytes = createReadStream(await from.verifiedPath(digest, signal)) as AsyncIterable<Uint8Array>;
  return to.put(bytes, { expected: digest, signal });
}
