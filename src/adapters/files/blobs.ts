import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs, StoredBlob } from '../../ports/artifacts/blobs.ts';
import type { Clock } from '../../ports/process/clock.ts';
import type { ProcessIdentity } from '../../ports/serving/process-identity.ts';
import type { Random } from '../../ports/process/random.ts';
import { removeStaleTemporaries, temporaryName } from './blobs-temporary.ts';
import { blobCorrupt, blobMismatch, blobMissing, digestInvalid } from '../../core/registry/blob-errors.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { syncFolder } from './sync-folder.ts';

export interface FileBlobsOptions {
  /** Absolute path of the folder `blobs`; made when it is missing. */
  readonly folder: string;
  readonly identity: ProcessIdentity;
  readonly clock: Clock;
  readonly random: Random;
}

const chunkBytes = 1 << 20;

/**
 * Blobs as files: `sha256/ab/<62 hex>`, read-only. Bytes arrive under `incoming/`, in the same file system, are synced,
 * and are renamed into place; the folder is synced after that, so that a blob whose digest was handed out is on the disk.
 * A rename replaces a blob that is already there, which is harmless for the same bytes and mends a corrupt one.
 */
export function makeFileBlobs(options: FileBlobsOptions): Blobs {
  const { folder } = options;
  const incoming = path.join(folder, 'incoming');
  let cleaning: Promise<unknown> | undefined;

  const pathOf = (digest: Digest): string => {
    if (!isDigest(digest)) throw digestInvalid(digest);
    const hex = digest.slice('sha256:'.length);
    return path.join(folder, 'sha256', hex.slice(0, 2), hex.slice(2));
  };

  async function prepare(): Promise<void> {
    await mkdir(incoming, { recursive: true });
    await mkdir(path.join(folder, 'sha256'), { recursive: true });
    cleaning ??= removeStaleTemporaries(incoming, options.identity, options.clock.nowMs());
    await cleaning;
  }

  return {
    async put(bytes, { expected, signal } = {}) {
      const temporary = path.join(incoming, temporaryName(options.identity.self(), options.random.hex(8)));
      try {
        signal?.throwIfAborted();
        await storing(folder, prepare());
        const written = await writeTemporary(folder, temporary, bytes, signal);
        if (expected !== undefined && expected !== written.digest) throw blobMismatch(expected, written.digest);
        await storing(folder, moveIntoPlace(temporary, pathOf(written.digest)));
        return written;
      } catch (thrown) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw thrown;
      }
    },

    has: async (digest) => (await statBlob(digest, pathOf(digest))) !== null,
    stat: async (digest) => statBlob(digest, pathOf(digest)),

    async remove(digest, storedBeforeMs) {
      const location = pathOf(digest);
      const found = await statBlob(digest, location);
      if (found === null || found.storedAtMs >= storedBeforeMs) return false;
      const taken = path.join(incoming, temporaryName(options.identity.self(), options.random.hex(8)));
      return storing(folder, takeAway(location, taken, storedBeforeMs));
    },

    async read(digest, signal) {
      const location = pathOf(digest);
      const handle = await openBlob(digest, location);
      try {
        const { size } = await handle.stat();
        const whole = new Uint8Array(size);
        let at = 0;
        const hash = createHash('sha256');
        for await (const chunk of chunksOf(handle, signal)) {
          if (at + chunk.length <= size) whole.set(chunk, at);
          at += chunk.length;
          hash.update(chunk);
        }
        const actual: Digest = `sha256:${hash.digest('hex')}`;
        if (actual !== digest || at !== size) throw blobCorrupt(digest, actual, location);
        return whole;
      } catch (thrown) {
        throw await storageError(thrown, 'reading a blob', location);
      } finally {
        await handle.close();
      }
    },

    async verifiedPath(digest, signal) {
      const location = pathOf(digest);
      const { digest: actual } = await digestOfFile(digest, location, signal);
      if (actual !== digest) throw blobCorrupt(digest, actual, location);
      return location;
    },

    async verify(digest, signal) {
      try {
        const found = await digestOfFile(digest, pathOf(digest), signal);
        return found.digest === digest
          ? { ok: true, bytes: found.bytes }
          : { ok: false, reason: 'corrupt', actual: found.digest };
      } catch (thrown) {
        if (!(thrown instanceof PlimsollError)) throw thrown;
        if (thrown.code === 'blob-missing') return { ok: false, reason: 'missing', actual: null };
        // A folder in its place, or a sector that cannot be read: the bytes are not there, and nothing else is wrong.
        if (thrown.code === 'storage-misplaced' || thrown.code === 'storage-failed') {
          return { ok: false, reason: 'corrupt', actual: null };
        }
        throw thrown;
      }
    },

    async *list() {
      for (const prefix of await namesIn(path.join(folder, 'sha256'))) {
        if (!/^[0-9a-f]{2}$/.test(prefix)) continue;
        for (const rest of await namesIn(path.join(folder, 'sha256', prefix))) {
          const digest = `sha256:${prefix}${rest}`;
          const found = isDigest(digest) ? await statBlob(digest, pathOf(digest)) : null;
          if (found !== null) yield found;
        }
      }
    },
  };
}

/** Only the store's own work is told as a failure of the store: what the source of the bytes throws passes unchanged. */
async function storing<T>(folder: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (thrown) {
    throw await storageError(thrown, 'storing a blob', folder);
  }
}

async function writeTemporary(
  folder: string,
  temporary: string,
  bytes: AsyncIterable<Uint8Array> | Uint8Array,
  signal: AbortSignal | undefined,
): Promise<{ digest: Digest; bytes: number }> {
  const hash = createHash('sha256');
  let written = 0;
  const handle = await storing(folder, open(temporary, 'wx', 0o444));
  try {
    for await (const chunk of bytes instanceof Uint8Array ? slicesOf(bytes) : bytes) {
      signal?.throwIfAborted();
      hash.update(chunk);
      await storing(folder, handle.writeFile(chunk));
      written += chunk.length;
    }
    signal?.throwIfAborted();
    await storing(folder, handle.sync());
  } finally {
    await handle.close();
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes: written };
}

async function moveIntoPlace(temporary: string, target: string): Promise<void> {
  const prefixFolder = path.dirname(target);
  const made = await mkdir(prefixFolder, { recursive: true });
  await rename(temporary, target);
  await syncFolder(prefixFolder);
  if (made !== undefined) await syncFolder(path.dirname(prefixFolder));
}

async function statBlob(digest: Digest, location: string): Promise<StoredBlob | null> {
  try {
    const found = await stat(location);
    return found.isFile() ? { digest, bytes: found.size, storedAtMs: found.mtimeMs } : null;
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return null;
    throw await storageError(thrown, 'looking for a blob', location);
  }
}

/** Out of its place first, and judged there: a writer of the same bytes may have renamed its own into place just now. */
async function takeAway(location: string, taken: string, storedBeforeMs: number): Promise<boolean> {
  try {
    await mkdir(path.dirname(taken), { recursive: true });
    await rename(location, taken);
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return false;
    throw thrown;
  }
  if ((await stat(taken)).mtimeMs >= storedBeforeMs) {
    await rename(taken, location);
    return false;
  }
  await rm(taken, { force: true });
  await syncFolder(path.dirname(location));
  return true;
}

async function openBlob(digest: Digest, location: string): Promise<FileHandle> {
  try {
    return await open(location, 'r');
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') throw blobMissing(digest, location);
    throw await storageError(thrown, 'reading a blob', location);
  }
}

async function digestOfFile(
  digest: Digest,
  location: string,
  signal: AbortSignal | undefined,
): Promise<{ digest: Digest; bytes: number }> {
  const handle = await openBlob(digest, location);
  try {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const chunk of chunksOf(handle, signal)) {
      hash.update(chunk);
      bytes += chunk.length;
    }
    return { digest: `sha256:${hash.digest('hex')}`, bytes };
  } catch (thrown) {
    throw await storageError(thrown, 'reading a blob', location);
  } finally {
    await handle.close();
  }
}

/** The file from its start; the same memory is used again for the next chunk. */
async function* chunksOf(handle: FileHandle, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(chunkBytes);
  for (let at = 0; ;) {
    signal?.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function* slicesOf(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += chunkBytes) yield bytes.subarray(at, at + chunkBytes);
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort();
  } catch (thrown) {
    if (systemCode(thrown) === 'ENOENT') return [];
    throw await storageError(thrown, 'listing blobs', folder);
  }
}
