import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { digestOfBytes } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Uploads } from '../../ports/artifacts/uploads.ts';

export interface UploadsUnderTest {
  readonly uploads: Uploads;
  readonly blobs: Blobs;
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const whole = bytesOf('the whole of it');
const digest = digestOfBytes(whole);
const totalBytes = whole.length;

async function* streamOf(...parts: (Uint8Array | Error)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) {
    await Promise.resolve();
    if (part instanceof Error) throw part;
    yield part;
  }
}

/** What every implementation of the port must do. `make` is given the quota in bytes. */
export function uploadsContract(name: string, make: (quotaBytes: number) => Promise<UploadsUnderTest>): void {
  const open = (quotaBytes = 1_000): Promise<UploadsUnderTest> => make(quotaBytes);

  describe(`uploads contract: ${name}`, () => {
    it('makes a blob of a whole upload, and holds nothing of it afterwards', async () => {
      const { uploads, blobs } = await open();
      const stream = streamOf(whole.subarray(0, 4), whole.subarray(4));
      expect(await uploads.append(digest, { offset: 0, totalBytes }, stream)).toEqual({ received: totalBytes });
      expect(await blobs.read(digest)).toEqual(whole);
      expect(await uploads.received(digest)).toBe(0);
    });

    it('makes a blob of no bytes at all', async () => {
      const { uploads, blobs } = await open();
      const empty = digestOfBytes(new Uint8Array());
      expect(await uploads.append(empty, { offset: 0, totalBytes: 0 }, streamOf())).toEqual({ received: 0 });
      expect(await blobs.has(empty)).toBe(true);
    });

    it('makes the blob whatever the parts and the breaks between them are', async () => {
      const { uploads, blobs } = await open();
      const parts = fc.array(fc.record({ bytes: fc.uint8Array({ maxLength: 20 }), breaks: fc.boolean() }));
      const property = fc.asyncProperty(parts, fc.uint8Array({ minLength: 1, maxLength: 20 }), async (before, last) => {
        const all = new Uint8Array(Buffer.concat([...before.map(({ bytes }) => bytes), last]));
        const its = digestOfBytes(all);
        let offset = 0;
        for (const { bytes, breaks } of before) {
          const stream = streamOf(bytes, ...(breaks ? [new Error('cut')] : []));
          await uploads.append(its, { offset, totalBytes: all.length }, stream).catch(() => undefined);
          offset += bytes.length;
          expect(await uploads.received(its)).toBe(offset);
        }
        await uploads.append(its, { offset, totalBytes: all.length }, streamOf(last));
        expect(await blobs.read(its)).toEqual(all);
      });
      await fc.assert(property, { numRuns: 25 });
    });

    it('keeps what came before the source broke, and passes its error on', async () => {
      const { uploads, blobs } = await open();
      const failure = Object.assign(new Error('reset'), { syscall: 'read', code: 'ECONNRESET' });
      const broken = uploads.append(digest, { offset: 0, totalBytes }, streamOf(whole.subarray(0, 4), failure));
      await expect(broken).rejects.toBe(failure);
      expect(await uploads.received(digest)).toBe(4);
      expect(await blobs.has(digest)).toBe(false);
    });

    it.each([0, 3, 5, 100])('refuses a part that begins at %i where 4 bytes were received', async (offset) => {
      const { uploads } = await open();
      await uploads.append(digest, { offset: 0, totalBytes }, streamOf(whole.subarray(0, 4)));
      await expect(uploads.append(digest, { offset, totalBytes }, streamOf(whole))).rejects.toMatchObject({
        code: 'upload-offset',
        category: 'conflict',
        details: { received: 4, offset },
      });
      expect(await uploads.received(digest)).toBe(4);
    });

    it('refuses more bytes than were announced, and makes no blob of them', async () => {
      const { uploads, blobs } = await open();
      const stream = streamOf(whole, bytesOf('!'));
      await expect(uploads.append(digest, { offset: 0, totalBytes }, stream)).rejects.toMatchObject({
        code: 'upload-too-long',
        category: 'input',
      });
      expect(await blobs.has(digest)).toBe(false);
    });

    it('refuses other bytes than the digest’s, and begins anew', async () => {
      const { uploads, blobs } = await open();
      const wrong = whole.map((byte) => byte ^ 1);
      await expect(uploads.append(digest, { offset: 0, totalBytes }, streamOf(wrong))).rejects.toMatchObject({
        code: 'blob-mismatch',
        details: { expected: digest, actual: digestOfBytes(wrong) },
      });
      expect([await uploads.received(digest), await blobs.has(digest)]).toEqual([0, false]);
      await uploads.append(digest, { offset: 0, totalBytes }, streamOf(whole));
      expect(await blobs.has(digest)).toBe(true);
    });

    it('counts bytes of an upload that was stated to be longer as none', async () => {
      const { uploads, blobs } = await open();
      await uploads.append(digest, { offset: 0, totalBytes: 100 }, streamOf(new Uint8Array(50)));
      await uploads.append(digest, { offset: 0, totalBytes }, streamOf(whole));
      expect(await blobs.has(digest)).toBe(true);
    });

    it('takes one writer of a digest at a time, and the next one after it', async () => {
      const { uploads, blobs } = await open();
      const gate = Promise.withResolvers<void>();
      async function* slow(): AsyncGenerator<Uint8Array> {
        yield whole.subarray(0, 4);
        await gate.promise;
        throw new Error('gone');
      }
      const first = uploads.append(digest, { offset: 0, totalBytes }, slow());
      while ((await uploads.received(digest)) < 4) await new Promise((resolve) => setImmediate(resolve));
      await expect(uploads.append(digest, { offset: 4, totalBytes }, streamOf())).rejects.toMatchObject({
        code: 'upload-busy',
        category: 'conflict',
        details: { received: 4 },
      });
      gate.resolve();
      await expect(first).rejects.toThrow('gone');
      await uploads.append(digest, { offset: 4, totalBytes }, streamOf(whole.subarray(4)));
      expect(await blobs.has(digest)).toBe(true);
    });

    it('refuses what does not fit beside the other uploads, and says what is free', async () => {
      const { uploads } = await open(20);
      const other = digestOfBytes(bytesOf('other'));
      await uploads.append(other, { offset: 0, totalBytes: 12 }, streamOf(new Uint8Array(8)));
      const asked = uploads.append(digest, { offset: 0, totalBytes }, streamOf(whole));
      await expect(asked).rejects.toMatchObject({
        code: 'upload-quota',
        category: 'overloaded',
        details: { freeBytes: 12, totalBytes, quotaBytes: 20 },
      });
      expect(await uploads.received(digest)).toBe(0);
      // One that is there already goes on: it counts once.
      await uploads.append(other, { offset: 8, totalBytes: 20 }, streamOf(new Uint8Array(1)));
    });

    it('removes an upload that nobody goes on with, and no younger one', async () => {
      const { uploads } = await open();
      await uploads.append(digest, { offset: 0, totalBytes }, streamOf(whole.subarray(0, 4)));
      expect(await uploads.removeStale(60_000, Date.now())).toEqual([]);
      expect(await uploads.removeStale(60_000, Date.now() + 120_000)).toEqual([digest]);
      expect(await uploads.received(digest)).toBe(0);
    });
  });
}
