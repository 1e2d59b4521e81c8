import type { BundleNames } from '../../core/bundle/bundle-names.ts';
import { listKeptBlobs } from '../../core/rollout/keeping/kept-blobs.ts';
import type { BackupBlob } from '../../core/records/backup.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Terminal } from '../../ports/process/terminal.ts';
import type { BackupFolders, StoreRows } from '../../ports/records/backup.ts';
import type { Lease, Store } from '../../ports/records/store.ts';
import { byteProgress } from '../../prove/progress.ts';
import { blobsLeaseMs, type LeaseTaker } from '../bundles/blobs-lease.ts';
import { readKeptNames, type readStoreNames } from '../bundles/read-naming-records.ts';

export interface BackupParts extends LeaseTaker {
  readonly store: Pick<Store, 'leases' | 'check'>;
  readonly rows: StoreRows;
  readonly blobs: Blobs;
  readonly folders: BackupFolders;
  /** Digests that the lock of the project names. */
  readonly lock: readonly Digest[];
  readonly terminal: Terminal;
  readonly plimsollVersion: string;
  readonly signal: AbortSignal;
}

export interface NeededBlobs {
  /** What the records name as files, missing ones with 0 bytes. */
  readonly required: readonly BackupBlob[];
  /** What else is kept where it is there: locks and manifests also name digests of what is no blob. */
  readonly named: readonly BackupBlob[];
}

/**
 * The blobs that are kept for these records, as `plimsoll blobs collect` keeps them. Predictions are not among them: their
 * index is no record, and the model can run again.
 * @throws PlimsollError `bundle-unreadable` (corrupt).
 */
export async function listNeededBlobs(
  store: Awaited<ReturnType<typeof readStoreNames>>,
  { blobs, lock, signal }: Pick<BackupParts, 'blobs' | 'lock' | 'signal'>,
): Promise<NeededBlobs> {
  const records = { ...store, predictions: [], lock };
  const names = new Map<Digest, BundleNames>();
  await readKeptNames(records, blobs, names, signal);
  const files = new Map([...names].map(([bundle, inside]) => [bundle, { inside: inside.files, model: [] }]));
  // Files of a request that is open may be on their way.
  const asks = records.asks.map(({ bundle }) => ({ bundle }));
  const isRequired = listKeptBlobs({ ...records, asks, lock: [] }, files);
  const [required, named]: [BackupBlob[], BackupBlob[]] = [[], []];
  for (const digest of [...listKeptBlobs(records, names).keys()].sort()) {
    const bytes = (await blobs.stat(digest))?.bytes;
    if (isRequired.has(digest)) required.push({ digest, bytes: bytes ?? 0 });
    else if (bytes !== undefined) named.push({ digest, bytes });
  }
  return { required, named };
}

/** Goes over blobs one by one, and says how far it is. */
export async function forEachBlob(
  parts: Pick<BackupParts, 'terminal' | 'clock' | 'signal'>,
  doing: string,
  blobs: readonly BackupBlob[],
  work: (digest: Digest) => Promise<void>,
): Promise<void> {
  const tell = byteProgress(
    parts,
    doing,
    blobs.reduce((sum, { bytes }) => sum + bytes, 0),
  );
  let doneBytes = 0;
  for (const { digest, bytes } of blobs) {
    parts.signal.throwIfAborted();
    await work(digest);
    doneBytes += bytes;
    tell(doneBytes);
  }
}

const renewEveryMs = blobsLeaseMs / 3;

/**
 * Holds leases while `work` takes its time, and gives them back. One that is lost meanwhile is not told here: whatever the
 * lease guards looks at it again as it writes.
 */
export async function withLeases<T>(
  { store, clock }: Pick<LeaseTaker, 'store' | 'clock'>,
  leases: readonly Lease[],
  work: () => Promise<T>,
): Promise<T> {
  const done = new AbortController();
  const renewing = (async () => {
    for (;;) {
      await clock.sleep(renewEveryMs, done.signal);
      for (const lease of leases) {
        await store.leases.renew(lease, { ttlMs: blobsLeaseMs, nowMs: clock.nowMs() }).catch(() => null);
      }
    }
  })().catch(() => undefined);
  try {
    return await work();
  } finally {
    done.abort();
    await renewing;
    for (const lease of leases) await store.leases.release(lease);
  }
}
