import { uploadBusy, uploadOffset, uploadQuota, uploadTooLong } from '../../../core/bundle/upload-errors.ts';
import type { Digest } from '../../../core/units/digest.ts';
import { asPlimsollError } from '../../../core/units/errors.ts';
import type { Blobs } from '../../../ports/artifacts/blobs.ts';
import type { Uploads } from '../../../ports/artifacts/uploads.ts';

interface Upload {
  bytes: Uint8Array;
  totalBytes: number;
  isWritten: boolean;
  writtenAtMs: number;
}

/** Uploads in memory. `nowMs` tells when bytes arrive. */
export function memoryUploads(blobs: Blobs, quotaBytes = Infinity, nowMs: () => number = () => 0): Uploads {
  const uploads = new Map<Digest, Upload>();
  const heldBeside = (digest: Digest): number =>
    [...uploads].reduce(
      (sum, [other, { bytes, totalBytes, isWritten }]) =>
        sum + (other === digest ? 0 : isWritten ? totalBytes : bytes.length),
      0,
    );
  return {
    received: async (digest) => uploads.get(digest)?.bytes.length ?? 0,
    async append(digest, { offset, totalBytes }, bytes) {
      const before = uploads.get(digest);
      if (before?.isWritten === true) throw uploadBusy(digest, before.bytes.length);
      const kept = before === undefined || before.bytes.length > totalBytes ? new Uint8Array() : before.bytes;
      if (offset !== kept.length) throw uploadOffset(digest, kept.length, offset);
      const free = Math.max(0, quotaBytes - heldBeside(digest));
      if (totalBytes > free) throw uploadQuota(digest, totalBytes, free, quotaBytes);
      const upload: Upload = { bytes: kept, totalBytes, isWritten: true, writtenAtMs: nowMs() };
      uploads.set(digest, upload);
      try {
        for await (const chunk of bytes) {
          if (upload.bytes.length + chunk.length > totalBytes) throw uploadTooLong(digest, totalBytes);
          upload.bytes = new Uint8Array(Buffer.concat([upload.bytes, chunk]));
        }
      } finally {
        upload.isWritten = false;
      }
      const received = upload.bytes.length;
      if (received === totalBytes) await storeWhole(digest, upload.bytes);
      return { received };
    },
    async removeStale(olderThanMs, atMs) {
      const stale = [...uploads].filter(([, each]) => !each.isWritten && atMs - each.writtenAtMs > olderThanMs);
      for (const [digest] of stale) uploads.delete(digest);
      return stale.map(([digest]) => digest);
    },
  };

  async function storeWhole(digest: Digest, bytes: Uint8Array): Promise<void> {
    try {
      await blobs.put(bytes, { expected: digest });
      uploads.delete(digest);
    } catch (thrown) {
      if (asPlimsollError(thrown).code === 'blob-mismatch') uploads.delete(digest);
      throw thrown;
    }
  }
}
