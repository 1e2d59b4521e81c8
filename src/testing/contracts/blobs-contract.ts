import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfBytes, type Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';

export interface BlobsUnderTest {
  readonly blobs: Blobs;
  flipBit(digest: Digest): Promise<void> | void;
  /** As a disk that loses it. */
  lose(digest: Digest): Promise<void> | void;
  close?(): Promise<void>;
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words);

/** What every implementation of the port must do. */
export function blobsContract(name: string, make: () => Promise<BlobsUnderTest>): void {
  const using = async (test: (it: BlobsUnderTest) => Promise<void>): Promise<void> => {
    const subject = await make();
    try {
      await test(subject);
    } finally {
      await subject.close?.();
    }
  };

  describe(`blobs contract: ${name}`, () => {
    it('returns the bytes that were stored, under their sha256', () =>
      using(async ({ blobs }) => {
        const stored = await blobs.put(text('abc'));
        expect(stored).toEqual({
          digest: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
          bytes: 3,
        });
        expect(await blobs.has(stored.digest)).toBe(true);
        expect((await blobs.stat(stored.digest))?.bytes).toBe(3);
        expect(Buffer.from(await blobs.read(stored.digest)).toString()).toBe('abc');
        expect((await readFile(await blobs.verifiedPath(stored.digest))).toString()).toBe('abc');
        expect(await blobs.verify(stored.digest)).toEqual({ ok: true, bytes: 3 });
      }));

    it('stores any bytes in any chunks', () =>
      using(async ({ blobs }) => {
        await fc.assert(
          fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (chunks) => {
            const whole = new Uint8Array(Buffer.concat(chunks));
            const { digest, bytes } = await blobs.put(streamOf(chunks));
            expect([digest, bytes]).toEqual([digestOfBytes(whole), whole.length]);
            expect(await blobs.read(digest)).toEqual(whole);
          }),
          { numRuns: 25 },
        );
      }));

    it('stores no bytes at all as the blob of no bytes', () =>
      using(async ({ blobs }) => {
        const { digest } = await blobs.put(new Uint8Array());
        expect(await blobs.read(digest)).toHaveLength(0);
      }));

    it('refuses bytes that are not what was expected, and stores nothing', () =>
      using(async ({ blobs }) => {
        const expected = digestOfBytes(text('right'));
        await expect(blobs.put(text('wrong'), { expected })).rejects.toMatchObject({
          code: 'blob-mismatch',
          details: { expected, actual: digestOfBytes(text('wrong')) },
        });
        expect(await blobs.has(expected)).toBe(false);
        expect(await listed(blobs)).toEqual([]);
      }));

    it('is right for two writers of the same bytes at once', () =>
      using(async ({ blobs }) => {
        const chunks = [text('the same '), text('bytes')];
        const results = await Promise.all(Array.from({ length: 8 }, () => blobs.put(streamOf(chunks))));
        expect(new Set(results.map(({ digest }) => digest)).size).toBe(1);
        expect(await listed(blobs)).toEqual([results[0]?.digest]);
        expect(await blobs.verify(results[0]!.digest)).toEqual({ ok: true, bytes: 14 });
      }));

    it('leaves nothing when the source fails midway, and passes its error on', () =>
      using(async ({ blobs }) => {
        const failure = Object.assign(new Error('the source broke'), { syscall: 'read', code: 'EIO' });
        async function* broken(): AsyncGenerator<Uint8Array> {
          yield text('half');
          await Promise.resolve();
          throw failure;
        }
        await expect(blobs.put(broken())).rejects.toBe(failure);
        expect(await listed(blobs)).toEqual([]);
      }));

    it('leaves nothing when it is aborted midway', () =>
      using(async ({ blobs }) => {
        const aborter = new AbortController();
        async function* endless(): AsyncGenerator<Uint8Array> {
          for (let n = 0; ; n += 1) {
            if (n === 3) aborter.abort(new Error('stopped'));
            yield text('more');
            await Promise.resolve();
          }
        }
        await expect(blobs.put(endless(), { signal: aborter.signal })).rejects.toThrow('stopped');
        expect(await listed(blobs)).toEqual([]);
      }));

    it('reports a flipped bit with both digests and never serves it', () =>
      using(async ({ blobs, flipBit }) => {
        const { digest } = await blobs.put(text('weights'));
        await flipBit(digest);
        const actual = digestOfBytes(text('veights'));
        const corrupt = { code: 'blob-corrupt', category: 'corrupt', details: { expected: digest, actual } };
        await expect(blobs.read(digest)).rejects.toMatchObject(corrupt);
        await expect(blobs.verifiedPath(digest)).rejects.toMatchObject(corrupt);
        expect(await blobs.verify(digest)).toEqual({ ok: false, reason: 'corrupt', actual });
      }));

    it('mends a corrupt blob when the same bytes are stored again', () =>
      using(async ({ blobs, flipBit }) => {
        const { digest } = await blobs.put(text('weights'));
        await flipBit(digest);
        await blobs.put(text('weights'));
        expect(await blobs.verify(digest)).toEqual({ ok: true, bytes: 7 });
      }));

    it('says when a blob is missing', () =>
      using(async ({ blobs, lose }) => {
        const { digest } = await blobs.put(text('gone'));
        await lose(digest);
        expect(await blobs.has(digest)).toBe(false);
        await expect(blobs.read(digest)).rejects.toMatchObject({ code: 'blob-missing', category: 'not-found' });
        await expect(blobs.verifiedPath(digest)).rejects.toMatchObject({ code: 'blob-missing' });
        expect(await blobs.verify(digest)).toEqual({ ok: false, reason: 'missing', actual: null });
      }));

    it('takes nothing for a digest that is none', () =>
      using(async ({ blobs }) => {
        await expect(blobs.read('sha256:../../../../etc/passwd')).rejects.toMatchObject({ code: 'digest-invalid' });
      }));

    it('lists what it holds', () =>
      using(async ({ blobs }) => {
        expect(await listed(blobs)).toEqual([]);
        const digests = await Promise.all(['a', 'b', 'c'].map(async (word) => (await blobs.put(text(word))).digest));
        expect(await listed(blobs)).toEqual(digests.sort());
      }));

    it('says how large a blob is and when it was stored, and the same of each one that it lists', () =>
      using(async ({ blobs }) => {
        const { digest } = await blobs.put(text('abc'));
        const found = await blobs.stat(digest);
        expect(found).toEqual({ digest, bytes: 3, storedAtMs: expect.any(Number) });
        for await (const stored of blobs.list()) expect(stored).toEqual(found);
        expect(await blobs.stat(digestOfBytes(text('never stored')))).toBeNull();
      }));

    it('removes a blob that was stored before a time, and no other', () =>
      using(async ({ blobs }) => {
        const { digest } = await blobs.put(text('old'));
        const kept = await blobs.put(text('kept'));
        const storedAtMs = (await blobs.stat(digest))?.storedAtMs ?? Number.NaN;
        expect(await blobs.remove(digest, storedAtMs)).toBe(false);
        expect(Buffer.from(await blobs.read(digest)).toString()).toBe('old');
        expect(await blobs.remove(digest, storedAtMs + 1)).toBe(true);
        expect(await blobs.remove(digest, storedAtMs + 1)).toBe(false);
        await expect(blobs.read(digest)).rejects.toMatchObject({ code: 'blob-missing' });
        expect(await listed(blobs)).toEqual([kept.digest]);
        await blobs.put(text('old'));
        expect(await blobs.verify(digest)).toEqual({ ok: true, bytes: 3 });
      }));
  });
}

async function* streamOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) {
    await Promise.resolve();
    yield chunk;
  }
}

async function listed(blobs: Blobs): Promise<Digest[]> {
  const digests: Digest[] = [];
  for await (const { digest } of blobs.list()) digests.push(digest);
  return digests.sort();
}
