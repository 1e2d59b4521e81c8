import type { Digest } from '../../core/units/digest.ts';

export interface StoredBlob {
  readonly digest: Digest;
  readonly bytes: number;
  /** When its bytes were stored last: also when the same bytes were stored again. */
  readonly storedAtMs: number;
}

/** Content-addressed bytes. Nothing is ever edited; two writers of the same bytes are both right. */
export interface Blobs {
  /**
   * Stores a stream: temporary name, sync, rename. Killed midway it leaves nothing under the digest.
   * @throws PlimsollError `blob-mismatch` when `expected` is given and the bytes are not it; `storage-full`, `blobs-quota`
   *   (unavailable).
   */
  put(
    bytes: AsyncIterable<Uint8Array> | Uint8Array,
    options?: { expected?: Digest; signal?: AbortSignal },
  ): Promise<{ digest: Digest; bytes: number }>;
  has(digest: Digest): Promise<boolean>;
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
  list(): AsyncIterable<StoredBlob>;
  /** Null where it is missing. The bytes are not read. */
  stat(digest: Digest): Promise<StoredBlob | null>;
  /**
   * Removes a blob that was stored before this time; false where there is none, or where it was stored again since then.
   * Files that a replica was laid out from keep their bytes.
   */
  remove(digest: Digest, storedBeforeMs: number): Promise<boolean>;
}
