import type { BundleNames } from '../../core/bundle/bundle-names.ts';
import { keepers, listKeptBlobs, type Keeper } from '../../core/rollout/keeping/kept-blobs.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { Blobs, StoredBlob } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { PredictionIndex } from '../../ports/project/prediction-index.ts';
import type { BlobCount, CollectedBlobs } from '../../ports/records/collected-blobs.ts';
import type { Store, StoreReader } from '../../ports/records/store.ts';
import { blobsLeaseMs, takeBlobsLease } from './blobs-lease.ts';
import { readKeptNames, readPredictions, readStoreNames } from './read-naming-records.ts';

export interface Collection {
  readonly store: Store;
  readonly blobs: Blobs;
  readonly predictionIndex: PredictionIndex;
  readonly clock: Clock;
  /** Digests that the lock of the project names. */
  readonly lock: readonly Digest[];
  /** What was stored this shortly ago stays: whoever stored it may not have recorded it yet. */
  readonly graceMs: number;
  /** Says what would go, and removes nothing. */
  readonly dryRun: boolean;
  /** Of this process. */
  readonly holder: string;
  readonly isDead: (holder: string) => boolean | Promise<boolean>;
  readonly signal: AbortSignal;
}

/** Writes to the store wait while so many are removed. */
const removedAtOnce = 50;

/**
 * Removes the blobs that no record names and that were stored longer ago than the grace period. What is named is read
 * again before each batch, in a transaction: whatever is recorded meanwhile is seen, or is recorded afterwards and finds
 * that the blob is gone. Killed midway it has removed less.
 * @throws PlimsollError `bundle-unreadable`, `predictions-unreadable` (corrupt): what cannot be read keeps everything;
 *   `collection-running` (conflict); as the store and the blobs.
 */
export async function collectBlobs(collection: Collection): Promise<CollectedBlobs> {
  const { store, blobs, clock, graceMs, dryRun } = collection;
  const beforeMs = clock.nowMs() - graceMs;
  const reader = makeKeptReader(collection);
  const kept = await reader(store);
  const counts = Object.fromEntries(keepers.map((keeper) => [keeper, newCount()])) as Record<Keeper, Count>;
  const recent = newCount();
  const unnamed: StoredBlob[] = [];
  for await (const stored of blobs.list()) {
    const keeper = kept.get(stored.digest);
    if (keeper !== undefined) count(counts[keeper], stored);
    else if (stored.storedAtMs >= beforeMs) count(recent, stored);
    else unnamed.push(stored);
  }
  const removed = dryRun ? unnamed : await removeUnnamed(collection, unnamed, beforeMs, reader);
  const total = newCount();
  for (const stored of removed) count(total, stored);
  return { dryRun, graceMs, removed: total, recent, kept: counts };
}

type KeptReader = (store: StoreReader) => Promise<ReadonlyMap<Digest, Keeper>>;

function makeKeptReader({ blobs, predictionIndex, lock, signal }: Collection): KeptReader {
  const names = new Map<Digest, BundleNames>();
  return async (store) => {
    const predictions = await readPredictions(predictionIndex);
    const records = { ...(await readStoreNames(store)), predictions, lock };
    await readKeptNames(records, blobs, names, signal);
    return listKeptBlobs(records, names);
  };
}

async function removeUnnamed(
  collection: Collection,
  unnamed: readonly StoredBlob[],
  beforeMs: number,
  readKept: KeptReader,
): Promise<readonly StoredBlob[]> {
  const { store, blobs, clock, signal } = collection;
  if (unnamed.length === 0) return [];
  const lease = await takeBlobsLease(collection);
  const removed: StoredBlob[] = [];
  try {
    for (let from = 0; from < unnamed.length; from += removedAtOnce) {
      signal.throwIfAborted();
      await store.leases.renew(lease, { ttlMs: blobsLeaseMs, nowMs: clock.nowMs() });
      await store.transaction(lease, async (tx) => {
        const kept = await readKept(tx);
        for (const stored of unnamed.slice(from, from + removedAtOnce)) {
          if (kept.has(stored.digest)) continue;
          if (await blobs.remove(stored.digest, beforeMs)) removed.push(stored);
        }
      });
    }
  } finally {
    await store.leases.release(lease);
  }
  return removed;
}

interface Count extends BlobCount {
  blobs: number;
  bytes: number;
}

const newCount = (): Count => ({ blobs: 0, bytes: 0 });

function count(sum: Count, { bytes }: StoredBlob): void {
  sum.blobs += 1;
  sum.bytes += bytes;
}
