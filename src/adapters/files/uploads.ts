import { mkdir, open, readdir, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import {
  uploadBusy,
  uploadDiskFull,
  uploadOffset,
  uploadQuota,
  uploadTooLong,
} from '../../core/bundle/upload-errors.ts';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { UploadPart, Uploads } from '../../ports/artifacts/uploads.ts';
import { digestInvalid } from '../../core/registry/blob-errors.ts';
import { freeBytesAt, storageError, systemCode } from './storage-errors.ts';

export interface FileUploadsOptions {
  /** Absolute path of the folder `uploads`, on the disk of the blobs; made when it is missing. */
  readonly folder: string;
  readonly blobs: Blobs;
  /** Bytes of all uploads that are not whole yet, those that were announced included. */
  readonly quotaBytes?: number;
  /** Free bytes of the disk; null where that cannot be told. */
  readonly freeBytes?: (folder: string) => Promise<number | null>;
}

const defaultQuotaBytes = 256 * 1024 ** 3;
const chunkBytes = 1 << 20;
const suffix = '.part';

/**
 * Uploads as files: `<64 hex>.part`, each as long as what was received. A part is synced at its end. Where a power cut
 * leaves other bytes than were sent, the digest of the whole tells, and the upload begins anew.
 *
 * One process at a time receives for a state folder (the one with the lease), so that who writes is known in memory, and
 * a writer that is killed blocks nobody.
 */
export function makeFileUploads(options: FileUploadsOptions): Uploads {
  const { folder, blobs, quotaBytes = defaultQuotaBytes, freeBytes = freeBytesAt } = options;
  /** Announced sizes of what is being written. */
  const writing = new Map<Digest, number>();

  const fileOf = (digest: Digest): string => {
    if (!isDigest(digest)) throw digestInvalid(digest);
    return path.join(folder, `${digest.slice('sha256:'.length)}${suffix}`);
  };

  /** Only the work of these files is told as a failure of them: what the source of the bytes throws passes unchanged. */
  async function storing<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (thrown) {
      throw await storageError(thrown, 'storing an upload', folder);
    }
  }

  /** Bytes that all other uploads were announced to have, and those of them that are still to come. */
  async function measureOthers(digest: Digest): Promise<{ readonly heldBytes: number; readonly comingBytes: number }> {
    let [heldBytes, comingBytes] = [0, 0];
    for (const other of new Set([...(await digestsIn(folder)), ...writing.keys()])) {
      if (other === digest) continue;
      const bytes = await bytesOf(fileOf(other));
      const announced = Math.max(bytes, writing.get(other) ?? 0);
      heldBytes += announced;
      comingBytes += announced - bytes;
    }
    return { heldBytes, comingBytes };
  }

  /** The disk holds the upload and then, for a moment, the upload and its blob. */
  async function requireRoom(digest: Digest, { offset, totalBytes }: UploadPart): Promise<void> {
    const { heldBytes, comingBytes } = await measureOthers(digest);
    const allowed = Math.max(0, quotaBytes - heldBytes);
    if (totalBytes > allowed) throw uploadQuota(digest, totalBytes, allowed, quotaBytes);
    const free = await freeBytes(folder);
    const wanted = 2 * totalBytes - offset;
    if (free !== null && wanted > free - comingBytes)
      throw uploadDiskFull(folder, wanted, Math.max(0, free - comingBytes));
  }

  async function openPart(digest: Digest, part: UploadPart): Promise<FileHandle> {
    const file = fileOf(digest);
    await mkdir(folder, { recursive: true });
    let received = await bytesOf(file);
    // Whoever sent those bytes stated another size for the same digest: one of the two is wrong, and the digest will tell.
    if (received > part.totalBytes) {
      await rm(file);
      received = 0;
    }
    if (part.offset !== received) throw uploadOffset(digest, received, part.offset);
    await requireRoom(digest, part);
    return open(file, received === 0 ? 'w' : 'r+');
  }

  async function writePart(digest: Digest, part: UploadPart, bytes: AsyncIterable<Uint8Array>): Promise<number> {
    const handle = await storing(openPart(digest, part));
    let at = part.offset;
    try {
      for await (const chunk of bytes) {
        if (at + chunk.length > part.totalBytes) throw uploadTooLong(digest, part.totalBytes);
        await storing(writeWhole(handle, chunk, at));
        at += chunk.length;
      }
    } finally {
      // A whole upload becomes a blob right away, which is synced by itself.
      if (at < part.totalBytes) await storing(handle.datasync());
      await handle.close();
    }
    return at;
  }

  /** An upload of other bytes is of no use to anybody: it is removed, so that the next one begins anew. */
  async function storeBlob(digest: Digest, totalBytes: number): Promise<void> {
    const file = fileOf(digest);
    try {
      await blobs.put(chunksOf(file, totalBytes), { expected: digest });
    } catch (thrown) {
      if (asPlimsollError(thrown).code === 'blob-mismatch') await rm(file, { force: true });
      throw thrown;
    }
    await rm(file, { force: true });
  }

  return {
    received: (digest) => storing(bytesOf(fileOf(digest))),
    async append(digest, part, bytes) {
      if (writing.has(digest)) throw uploadBusy(digest, await storing(bytesOf(fileOf(digest))));
      writing.set(digest, part.totalBytes);
      try {
        const received = await writePart(digest, part, bytes);
        if (received === part.totalBytes) await storing(storeBlob(digest, received));
        return { received };
      } finally {
        writing.delete(digest);
      }
    },
    async removeStale(olderThanMs, nowMs) {
      const removed: Digest[] = [];
      for (const digest of await digestsIn(folder)) {
        const found = await stat(fileOf(digest)).catch(() => null);
        if (found === null || writing.has(digest) || nowMs - found.mtimeMs <= olderThanMs) continue;
        await rm(fileOf(digest), { force: true });
        removed.push(digest);
      }
      return removed;
    },
  };
}

async function bytesOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return 0;
    throw thrown;
  }
}

async function digestsIn(folder: string): Promise<readonly Digest[]> {
  const names = await readdir(folder).catch(() => []);
  return names
    .filter((name) => name.endsWith(suffix))
    .map((name) => `sha256:${name.slice(0, -suffix.length)}`)
    .filter(isDigest);
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
  }
}

async function* chunksOf(file: string, bytes: number): AsyncGenerator<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    // Most uploads are small, and there may be 10,000 of them.
    const buffer = new Uint8Array(Math.min(chunkBytes, bytes + 1));
    for (let at = 0; ;) {
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}
