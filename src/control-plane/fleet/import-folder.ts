import { controlPlaneSteps } from '../../core/units/next-steps/control-plane-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { controlPlaneLease } from '../../core/rollout/names.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { SecretsToImport } from '../../ports/access/import-secrets.ts';
import type { Secrets } from '../../ports/access/secrets.ts';
import type { Blobs, StoredBlob } from '../../ports/artifacts/blobs.ts';
import type { Terminal } from '../../ports/process/terminal.ts';
import type { StoreRows, StoreSnapshot } from '../../ports/records/backup.ts';
import type { Journal } from '../../ports/records/journal.ts';
import type { Lease, Store } from '../../ports/records/store.ts';
import { countProgress } from '../../prove/progress.ts';
import { copyBlob } from '../backup/back-up.ts';
import { forEachBlob, withLeases } from '../backup/backup-parts.ts';
import { blobsLeaseMs, takeBlobsLease, type LeaseTaker } from '../bundles/blobs-lease.ts';
import { grantFirstSecrets } from '../grant-first-secrets.ts';

/** Where the records of a folder come to. */
export interface ImportParts extends LeaseTaker {
  readonly stateFolder: string;
  readonly store: Pick<Store, 'leases' | 'released' | 'releases'>;
  readonly rows: Pick<StoreRows, 'importedAtMs' | 'importAll'>;
  readonly blobs: Blobs;
  readonly secrets: Pick<Secrets, 'list' | 'grant' | 'beginGrants'>;
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
}

/** A state folder that was used alone, as it was when it was opened. */
export interface SourceFolder {
  readonly stateFolder: string;
  /** Null where it has no store. */
  readonly store: {
    readonly rows: Pick<StoreRows, 'snapshot'>;
    /** Whether somebody wrote to it since. */
    hasChanged(): boolean;
  } | null;
  readonly blobs: Blobs;
  readonly secrets: SecretsToImport;
  /** Null where there is none. */
  readonly journal: Pick<Journal, 'read'> | null;
}

/**
 * Brings all that stands in a state folder into another one. What forbids it is looked for first. Then come the blobs,
 * the secrets, and the rows in one transaction with a mark of the store that they are of: a kill leaves what the next
 * call makes good, and a call after that finds the mark and changes nothing.
 * @returns whether there was something that was not here yet.
 * @throws PlimsollError `up-running`, `import-conflict`, `import-diverged`, `import-disturbed`, `secret-differs`,
 *   `journal-not-empty`, `collection-running` (conflict): then no record was added.
 */
export async function importFolder(parts: ImportParts, source: SourceFolder): Promise<boolean> {
  const { store } = source;
  if (store === null) {
    await source.secrets.refuseOther();
    return withTargetHeld(parts, async () => {
      await copyBlobs(parts, source);
      await source.secrets.copy();
      return true;
    });
  }
  return store.rows.snapshot(async (snapshot) => {
    if (await isHere(parts, source, snapshot)) return false;
    await refuseJournaled(source);
    return withTargetHeld(parts, async (fence) => {
      const how = { from: source.stateFolder, nowMs: parts.clock.nowMs() };
      await parts.rows.importAll(fence, snapshot, { ...how, isTrial: true });
      await source.secrets.refuseOther();
      await copyBlobs(parts, source);
      await grantFirstSecrets(parts.secrets, parts.store);
      await source.secrets.copy();
      await grantFirstSecrets(source.secrets.granted, snapshot.reader);
      if (store.hasChanged()) throw importDisturbed(source);
      return parts.rows.importAll(fence, counted(parts, snapshot), { ...how, isTrial: false });
    });
  });
}

/** @throws PlimsollError `import-diverged` (conflict), `up-running` (conflict). */
async function isHere(parts: ImportParts, source: SourceFolder, snapshot: StoreSnapshot): Promise<boolean> {
  const importedAtMs = await parts.rows.importedAtMs(snapshot.identity);
  if (importedAtMs === null) {
    await refuseHeld(parts, source, snapshot);
    return false;
  }
  const newest = (await snapshot.reader.events({ last: 1 }))[0]?.atMs ?? 0;
  if (newest > importedAtMs) throw importDiverged(parts, source, importedAtMs);
  return true;
}

/** Whoever holds a lease there would go on writing where nobody reads any more. */
async function refuseHeld(
  { isDead, clock }: ImportParts,
  source: SourceFolder,
  snapshot: StoreSnapshot,
): Promise<void> {
  for await (const rows of snapshot.rows('leases')) {
    for (const { lease, holder, expires_at_ms: expiresAtMs } of rows) {
      if (holder === null || Number(expiresAtMs) <= clock.nowMs() || (await isDead(String(holder)))) continue;
      throw storeHeld(source.stateFolder, String(lease), String(holder));
    }
  }
}

/** A rollback that was journaled there is decided for the world there: only a control plane of that folder applies it. */
async function refuseJournaled({ journal, stateFolder }: SourceFolder): Promise<void> {
  const { entries, damaged } = (await journal?.read()) ?? { entries: [], damaged: [] };
  const count = entries.length + damaged.length;
  if (count === 0) return;
  throw new PlimsollError({
    code: 'journal-not-empty',
    category: 'conflict',
    message: `the journal of ${stateFolder} holds ${count} ${count === 1 ? 'line that is' : 'lines that are'} not in its store yet; nothing was imported`,
    next: nextStep(controlPlaneSteps, 'journal-not-empty'),
    details: { stateFolder, entries: entries.map(({ id }) => id), damaged: damaged.map(({ what }) => what) },
  });
}

/** While nobody else removes blobs here or decides for services. */
async function withTargetHeld<T>(parts: ImportParts, work: (fence: Lease) => Promise<T>): Promise<T> {
  const { store, clock, holder, isDead, stateFolder } = parts;
  const asked = { lease: controlPlaneLease, holder, isDead, ttlMs: blobsLeaseMs, nowMs: clock.nowMs() };
  const fence = await store.leases.acquire(asked);
  if (fence === null) {
    const other = (await store.leases.current(controlPlaneLease))?.holder ?? 'another process';
    throw storeHeld(stateFolder, controlPlaneLease, other);
  }
  try {
    const blobsLease = await takeBlobsLease(parts);
    return await withLeases(parts, [fence, blobsLease], () => work(fence));
  } finally {
    await store.leases.release(fence);
  }
}

/** One that is here and whole is not copied again. One that is not whole there is told, and holds up nothing. */
async function copyBlobs(parts: ImportParts, source: SourceFolder): Promise<void> {
  const found: StoredBlob[] = [];
  for await (const blob of source.blobs.list()) found.push(blob);
  await forEachBlob(parts, `importing blobs of ${source.stateFolder}`, found, async (digest) => {
    if ((await parts.blobs.verify(digest, parts.signal)).ok) return;
    const verified = await source.blobs.verify(digest, parts.signal);
    if (verified.ok) await copyBlob(source.blobs, parts.blobs, digest, parts.signal);
    else parts.terminal.note(`blob ${digest} of ${source.stateFolder} is ${verified.reason}, and was not imported`);
  });
}

function counted(parts: ImportParts, snapshot: StoreSnapshot): StoreSnapshot {
  const tell = countProgress(parts, 'importing records', 'rows');
  let count = 0;
  return {
    ...snapshot,
    async *rows(table) {
      for await (const rows of snapshot.rows(table)) {
        parts.signal.throwIfAborted();
        yield rows;
        tell((count += rows.length));
      }
    },
  };
}

function storeHeld(stateFolder: string, lease: string, holder: string): PlimsollError {
  return new PlimsollError({
    code: 'up-running',
    category: 'conflict',
    message: `process ${holder} writes to the records in ${stateFolder} (lease ${lease}); nothing was imported`,
    next: nextStep(controlPlaneSteps, 'up-running/up-stop'),
    details: { stateFolder, lease, holder },
  });
}

function importDisturbed({ stateFolder }: SourceFolder): PlimsollError {
  return new PlimsollError({
    code: 'import-disturbed',
    category: 'conflict',
    message: `another command wrote to ${stateFolder} while its records were imported; no record was imported`,
    next: 'run the same command again',
    details: { stateFolder },
  });
}

function importDiverged(
  { stateFolder: into }: ImportParts,
  { stateFolder }: SourceFolder,
  importedAtMs: number,
): PlimsollError {
  const at = new Date(importedAtMs).toISOString();
  return new PlimsollError({
    code: 'import-diverged',
    category: 'conflict',
    message: `the records of ${stateFolder} were imported into ${into} at ${at}, and others were added there since`,
    next: nextStep(controlPlaneSteps, 'import-diverged', { stateFolder, intoFolder: into }),
    details: { stateFolder, into, importedAtMs },
  });
}
