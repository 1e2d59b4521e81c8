import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { digestOfBytes } from '../../core/units/digest.ts';
import type { Uploads } from '../../ports/artifacts/uploads.ts';
import { uploadsContract } from '../../testing/contracts/uploads-contract.ts';
import { memoryBlobs } from '../../testing/fakes/memory/memory-blobs.ts';
import { makeFileUploads, type FileUploadsOptions } from './uploads.ts';

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

async function open(over: Partial<FileUploadsOptions> = {}) {
  const parent = await mkdtemp(path.join(tmpdir(), 'plimsoll-uploads-'));
  folders.push(parent);
  const folder = path.join(parent, 'uploads');
  const blobs = memoryBlobs();
  return { folder, blobs, uploads: makeFileUploads({ folder, blobs, ...over }) };
}

uploadsContract('files', (quotaBytes) => open({ quotaBytes }));

const whole = new Uint8Array(1_000).fill(7);
const digest = digestOfBytes(whole);
const send = (uploads: Uploads, from: number, to: number) =>
  uploads.append(digest, { offset: from, totalBytes: whole.length }, partOf(from, to));
async function* partOf(from: number, to: number): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(whole.subarray(from, to));
}

it('goes on with what an earlier process received, and leaves no file behind', async () => {
  const { folder, blobs, uploads } = await open();
  await send(uploads, 0, 400);
  const later = makeFileUploads({ folder, blobs });
  expect(await later.received(digest)).toBe(400);
  await send(later, 400, 1_000);
  expect(await blobs.read(digest)).toEqual(whole);
  expect(await readdir(folder)).toEqual([]);
});

it('makes the blob of an upload whose process was killed between its last byte and its blob', async () => {
  const { blobs, uploads, folder } = await open();
  await send(uploads, 0, 400);
  await writeFile(path.join(folder, `${digest.slice(7)}.part`), whole);
  expect(await send(uploads, 1_000, 1_000)).toEqual({ received: 1_000 });
  expect(await blobs.has(digest)).toBe(true);
});

it('refuses what the disk has no room for before it takes a byte: the upload, and the blob beside it', async () => {
  const { folder, uploads } = await open({ freeBytes: async () => Promise.resolve(1_999) });
  await expect(send(uploads, 0, 1_000)).rejects.toMatchObject({
    code: 'storage-full',
    category: 'unavailable',
    details: { wantedBytes: 2_000, freeBytes: 1_999 },
  });
  expect(await readdir(folder)).toEqual([]);
});

it('names the path when something stands in the way of its folder', async () => {
  const { folder, uploads } = await open();
  await writeFile(folder, 'a file');
  await expect(send(uploads, 0, 1_000)).rejects.toMatchObject({
    code: 'storage-misplaced',
    details: { path: folder },
  });
});

it('takes nothing for a digest that is none', async () => {
  const { uploads } = await open();
  await expect(uploads.append('sha256:../../x', { offset: 0, totalBytes: 1 }, partOf(0, 1))).rejects.toMatchObject({
    code: 'digest-invalid',
  });
});
