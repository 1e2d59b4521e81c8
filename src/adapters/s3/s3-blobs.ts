import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { blobCorrupt, blobMissing, digestInvalid } from '../../core/registry/blob-errors.ts';
import { remoteAnswer } from '../../core/registry/remote-errors.ts';
import { isDigest, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs, StoredBlob } from '../../ports/artifacts/blobs.ts';
import { Bucket, type S3Options } from './s3-bucket.ts';
import { ended, openUploads, type StatedObject } from './s3-uploads.ts';

export interface S3BlobsOptions extends S3Options {
  /** Files of this machine: programs want files. What is in it may go at any time. */
  readonly cache: Blobs;
  readonly cacheBytesAtMost: number;
  readonly partBytesAtLeast?: number;
}

/** What was used this shortly ago stays in the cache, also above its bound: its path may be in use. */
export const cacheKeptMs = 60 * 60 * 1_000;
/** The cache is counted at most this often. */
const cacheCountedEveryMs = 60_000;

/**
 * Blobs as objects `PREFIX/sha256/ab/<62 hex>`, the layout of the folder of blobs. Bytes arrive in the cache, where they are
 * hashed, and are uploaded from there under their digest: S3 shows an object when all of it is there, so that a killed
 * upload leaves nothing. The same bytes stored again replace the object, which mends a corrupt one.
 */
export function makeS3Blobs(options: S3BlobsOptions): Blobs & { close(): Promise<void> } {
  const { cache, clock } = options;
  const bucket = new Bucket(options);
  const location = options.uri.replace(/\/$/, '');
  const folder = `${bucket.prefix}sha256/`;
  const uploads = openUploads(bucket, location, true, options.partBytesAtLeast);
  const never = new AbortController().signal;
  let countedAtMs = -cacheCountedEveryMs;

  const keyOf = (digest: Digest): string => {
    if (!isDigest(digest)) throw digestInvalid(digest);
    const hex = digest.slice('sha256:'.length);
    return `${folder}${hex.slice(0, 2)}/${hex.slice(2)}`;
  };
  const shown = (key: string): string => `${location}/${key.slice(bucket.prefix.length)}`;

  const statBlob = async (digest: Digest, signal = never): Promise<StoredBlob | null> => {
    const found = await uploads.stated(keyOf(digest), signal);
    return found === null ? null : { digest, bytes: found.bytes, storedAtMs: found.storedAtMs };
  };

  const requireObject = async (digest: Digest, signal: AbortSignal): Promise<StatedObject> => {
    const key = keyOf(digest);
    const found = await uploads.stated(key, signal);
    if (found === null) throw blobMissing(digest, shown(key));
    return found;
  };

  const readObject = (digest: Digest, object: StatedObject, signal: AbortSignal): AsyncIterable<Uint8Array> => {
    const key = keyOf(digest);
    return bucket.read(key, { key, etag: object.etag }, object.bytes, signal);
  };

  /** From the bucket into the cache. */
  const fetchBlob = async (digest: Digest, signal: AbortSignal): Promise<void> => {
    const object = await requireObject(digest, signal);
    try {
      await cache.put(readObject(digest, object, signal), { expected: digest, signal });
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError) || thrown.code !== 'blob-mismatch') throw thrown;
      throw blobCorrupt(digest, thrown.details['actual'] as Digest, shown(keyOf(digest)));
    }
    await trimCache(digest);
  };

  /** What `use` makes of the blob in the cache; fetched where it is not there, or is damaged there. */
  const fromCache = async <T>(digest: Digest, signal: AbortSignal, use: () => Promise<T>): Promise<T> => {
    keyOf(digest);
    try {
      return await use();
    } catch (thrown) {
      if (!(thrown instanceof PlimsollError) || !['blob-missing', 'blob-corrupt'].includes(thrown.code)) throw thrown;
    }
    await fetchBlob(digest, signal);
    return use();
  };

  /** Removes what was used longest ago until the rest is inside the bound. */
  const trimCache = async (latest: Digest): Promise<void> => {
    if (clock.monotonicMs() - countedAtMs < cacheCountedEveryMs) return;
    countedAtMs = clock.monotonicMs();
    const found: StoredBlob[] = [];
    for await (const stored of cache.list()) found.push(stored);
    let bytes = found.reduce((sum, stored) => sum + stored.bytes, 0);
    const usedBeforeMs = clock.nowMs() - cacheKeptMs;
    for (const stored of found.sort((a, b) => a.storedAtMs - b.storedAtMs)) {
      if (bytes <= options.cacheBytesAtMost) return;
      if (stored.digest !== latest && (await cache.remove(stored.digest, usedBeforeMs))) bytes -= stored.bytes;
    }
  };

  /** The cache knows by the time of a file when it was used. */
  const cachedPath = async (digest: Digest, signal: AbortSignal): Promise<string> => {
    const file = await cache.verifiedPath(digest, signal);
    const usedAt = clock.nowMs() / 1_000;
    await utimes(file, usedAt, usedAt).catch(() => undefined);
    return file;
  };

  return {
    async put(bytes, { expected, signal = never } = {}) {
      const stored = await cache.put(bytes, { ...(expected === undefined ? {} : { expected }), signal });
      const { digest } = stored;
      const key = keyOf(digest);
      const file = await cachedPath(digest, signal);
      const read = (_digest: Digest, from: number, length: number): AsyncIterable<Uint8Array> =>
        createReadStream(file, { start: from, end: from + length - 1 });
      await uploads.put({ path: key, ...stored }, key, read, signal);
      const found = await uploads.stated(key, signal);
      if (found?.bytes !== stored.bytes) {
        throw remoteAnswer(location, `${key} holds ${found?.bytes ?? 'no'} bytes after ${stored.bytes} were stored`);
      }
      await trimCache(digest);
      return stored;
    },
    has: async (digest) => (await statBlob(digest)) !== null,
    stat: (digest) => statBlob(digest),
    read: (digest, signal = never) => fromCache(digest, signal, () => cache.read(digest, signal)),
    verifiedPath: (digest, signal = never) => fromCache(digest, signal, () => cachedPath(digest, signal)),

    /** What the bucket holds, not what the cache does. */
    async verify(digest, signal = never) {
      const object = await uploads.stated(keyOf(digest), signal);
      if (object === null) return { ok: false, reason: 'missing', actual: null };
      const hash = createHash('sha256');
      for await (const piece of readObject(digest, object, signal)) hash.update(piece);
      const actual: Digest = `sha256:${hash.digest('hex')}`;
      return actual === digest ? { ok: true, bytes: object.bytes } : { ok: false, reason: 'corrupt', actual };
    },

    async *list() {
      for await (const { objects } of bucket.pages(folder, '', never)) {
        for (const { key, bytes, storedAtMs } of objects) {
          const digest = `sha256:${key.slice(folder.length).replace('/', '')}`;
          if (isDigest(digest)) yield { digest, bytes, storedAtMs };
        }
      }
    },

    async remove(digest, storedBeforeMs) {
      const found = await statBlob(digest);
      if (found === null || found.storedAtMs >= storedBeforeMs) return false;
      await bucket.retrying(never, async () => {
        const answer = await bucket.send(bucket.urlOf(keyOf(digest)), {}, never, { method: 'DELETE' });
        return answer.statusCode === 204 ? ended(answer, null) : bucket.text(answer, never);
      });
      await cache.remove(digest, Infinity);
      return true;
    },
    close: () => bucket.close(),
  };
}
