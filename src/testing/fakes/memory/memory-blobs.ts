import { mkdtempSync, rmSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOfBytes, isDigest, type Digest } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Blobs, StoredBlob } from '../../../ports/artifacts/blobs.ts';
import type { Clock } from '../../../ports/process/clock.ts';

export interface MemoryBlobs extends Blobs {
  /** Changes one bit of what is stored, as a failing disk would. */
  flipBit(digest: Digest): void;
  /** Loses a blob, whenever it was stored. */
  lose(digest: Digest): void;
}

let folder: string | undefined;

/** One for all blobs of a process, which takes it away as it ends. */
function folderOfProcess(): string {
  if (folder !== undefined) return folder;
  const made = mkdtempSync(path.join(tmpdir(), 'plimsoll-memory-blobs-'));
  process.once('exit', () => rmSync(made, { recursive: true, force: true }));
  return (folder = made);
}

/**
 * Blobs in memory; `verifiedPath` writes a file of the system's temporary folder.
 * @param clock what blobs are stored at; time 0 without one.
 */
export function memoryBlobs(clock?: Clock): MemoryBlobs {
  const stored = new Map<Digest, Uint8Array>();
  const storedAtMs = new Map<Digest, number>();
  const statOf = (digest: Digest): StoredBlob | null => {
    const bytes = stored.get(digest)?.length;
    return bytes === undefined ? null : { digest, bytes, storedAtMs: storedAtMs.get(digest) ?? 0 };
  };

  const verified = (digest: Digest): Uint8Array => {
    if (!isDigest(digest)) {
      throw new PlimsollError({ code: 'digest-invalid', category: 'input', message: `${String(digest)} is no digest` });
    }
    const bytes = stored.get(digest);
    if (bytes === undefined) {
      throw new PlimsollError({
        code: 'blob-missing',
        category: 'not-found',
        message: `no blob ${digest}`,
        details: { digest },
      });
    }
    const actual = digestOfBytes(bytes);
    if (actual !== digest) {
      throw new PlimsollError({
        code: 'blob-corrupt',
        category: 'corrupt',
        message: `the blob ${digest} holds other bytes: ${actual}`,
        details: { expected: digest, actual },
      });
    }
    return bytes;
  };

  return {
    async put(bytes, { expected, signal } = {}) {
      signal?.throwIfAborted();
      const chunks: Uint8Array[] = [];
      if (bytes instanceof Uint8Array) chunks.push(bytes);
      else {
        for await (const chunk of bytes) {
          signal?.throwIfAborted();
          chunks.push(chunk.slice());
        }
      }
      const whole = new Uint8Array(Buffer.concat(chunks));
      const digest = digestOfBytes(whole);
      if (expected !== undefined && expected !== digest) {
        throw new PlimsollError({
          code: 'blob-mismatch',
          category: 'input',
          message: `the bytes digest to ${digest}, and ${expected} was expected`,
          details: { expected, actual: digest },
        });
      }
      stored.set(digest, whole);
      storedAtMs.set(digest, clock?.nowMs() ?? 0);
      return { digest, bytes: whole.length };
    },
    has: (digest) => Promise.resolve(stored.has(digest)),
    async read(digest, signal) {
      signal?.throwIfAborted();
      return Promise.resolve(verified(digest).slice());
    },
    async verifiedPath(digest, signal) {
      signal?.throwIfAborted();
      const bytes = verified(digest);
      const location = path.join(folderOfProcess(), digest.slice('sha256:'.length));
      await writeFile(location, bytes);
      return location;
    },
    async verify(digest, signal) {
      signal?.throwIfAborted();
      const bytes = stored.get(digest);
      if (bytes === undefined) return { ok: false, reason: 'missing', actual: null };
      const actual = digestOfBytes(bytes);
      return Promise.resolve(
        actual === digest ? { ok: true, bytes: bytes.length } : { ok: false, reason: 'corrupt', actual },
      );
    },
    async *list() {
      yield* await Promise.resolve([...stored.keys()].sort().flatMap((digest) => statOf(digest) ?? []));
    },
    stat: async (digest) => statOf(digest),
    async remove(digest, storedBeforeMs) {
      const found = statOf(digest);
      return found !== null && found.storedAtMs < storedBeforeMs && stored.delete(digest);
    },
    flipBit(digest) {
      const bytes = stored.get(digest)?.slice();
      if (bytes === undefined || bytes.length === 0) throw new Error(`nothing to flip in ${digest}`);
      bytes[0] = (bytes[0] ?? 0) ^ 1;
      stored.set(digest, bytes);
    },
    lose: (digest) => void stored.delete(digest),
  };
}
