import type { Keeper } from '../../core/rollout/keeping/kept-blobs.ts';

export interface BlobCount {
  readonly blobs: number;
  readonly bytes: number;
}

/** What a collection of blobs did, or would do. */
export interface CollectedBlobs {
  readonly dryRun: boolean;
  readonly graceMs: number;
  /** Named by no record. */
  readonly removed: BlobCount;
  /** Named by no record, and stored within the grace period: they stay. */
  readonly recent: BlobCount;
  readonly kept: Readonly<Record<Keeper, BlobCount>>;
}
