import type { Digest } from '../../core/units/digest.ts';

export interface UploadPart {
  /** Where the bytes begin; what was received so far, or it is refused. */
  readonly offset: number;
  /** Of the whole blob. */
  readonly totalBytes: number;
}

/**
 * Blobs that arrive in parts, by the digest that they are to have. What was received is kept when a part breaks off and
 * when the process is killed. One writer at a time for each digest.
 */
export interface Uploads {
  /** Bytes of an upload that is not whole yet; 0 where there is none. */
  received(digest: Digest): Promise<number>;
  /**
   * Adds bytes. With the last one the blob is verified and stored, and the upload is gone.
   * What the source of the bytes throws passes unchanged; what it gave before is kept. Bytes of an upload that was stated
   * to be longer count as none.
   * @throws PlimsollError
   *
   * | code | category | when |
   * |---|---|---|
   * | `upload-offset` | conflict | the offset is not what was received (`details.received`) |
   * | `upload-too-long` | input | there are more bytes than `totalBytes` |
   * | `upload-busy` | conflict | somebody else sends the same digest now (`details.received`) |
   * | `upload-quota` | overloaded | it does not fit beside the other uploads (`details.freeBytes`) |
   * | `storage-full` | unavailable | it does not fit on the disk (`details.freeBytes`); nothing was taken |
   * | `blob-mismatch` | input | the bytes are not the digest's; what was received is removed |
   */
  append(digest: Digest, part: UploadPart, bytes: AsyncIterable<Uint8Array>): Promise<{ readonly received: number }>;
  /** Removes uploads that nobody wrote to for so long; returns their digests. */
  removeStale(olderThanMs: number, nowMs: number): Promise<readonly Digest[]>;
}
