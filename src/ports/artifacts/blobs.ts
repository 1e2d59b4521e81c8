import type { Digest } from '../../core/units/digest.ts';

/** Content-addressed bytes. Nothing is ever edited; two writers of the same bytes are both right. */
export interface Blobs {
  /**
   * Stores a stream: temporary name, sync, rename. Killed midway it leaves nothing under the digest.
   * @throws PlimsollError `blob-mismatch` when `expected` is given and the bytes are not it; `storage-full` (unavailable).
   */
  put(
    bytes: AsyncIterable<Uint8Array> | Uint8Array,
    options?: { expected?: Digest; signal?: AbortSignal },
  ): Promise<{ digest: Digest; bytes: number }>;
  has(digest: Digest): Promise<boolean>;
  /** How many bytes are stored under the digest, not verified; null where there is no blob. */
  size(digest: Digest): Promise<number | null>;
  /**
   * The whole blob, verified before the first byte is returned.
   * @throws PlimsollError `blob-missing` (not-found), `blob-corrupt` (corrupt; details hold both digests).
   */
  read(digest: Digest, signal?: AbortSignal): Promise<Uint8Array>;
  /**
   * A path of this machine that holds the blob's bytes, verified just now, for a program that wants a file.
   * @throws as `read`.
   */
  verifiedPath(digest: Digest, signal?: AbortSignal): Promise<string>;
  /** Reads it all and compares; never throws for a bad blob. */
  verify(
    digest: Digest,
    signal?: AbortSignal,
  ): Promise<{ ok: true; bytes: number } | { ok: false; reason: 'missing' | 'corrupt'; actual: Digest | null }>;
  list(): AsyncIterable<Digest>;
}
