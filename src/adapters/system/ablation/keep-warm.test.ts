import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { makePageCache, measureResidency } from '../page-cache.ts';
import { openHeldPages } from './hold-pages.ts';
import { prepareWarmPageCache } from './keep-warm.ts';

const signal = new AbortController().signal;

/** A file that lies on a disk: written, and on its way nowhere. */
async function withFile(use: (file: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-warm-'));
  const file = path.join(folder, 'weights');
  try {
    await writeFile(file, Buffer.alloc(2 << 20), { flush: true });
    await use(file);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function prepare(file: string) {
  const warm = await prepareWarmPageCache([file], signal);
  if ('refused' in warm) throw new Error(warm.refused);
  return warm;
}

it('keeps reading while it is applied, stops at once, and changes nothing of the node', async () => {
  await withFile(async (file) => {
    const warm = await prepare(file);
    expect(warm.restoration).toBeNull();
    await warm.undo();
    await warm.apply(signal);
    await warm.apply(signal);
    await warm.undo();
    await warm.undo();
  });
});

it('waits after the reading until what dropped the pages has dropped them again', async ({ skip }) => {
  await withFile(async (file) => {
    const cache = makePageCache({ dropCachesFile: null });
    const resident = async (): Promise<number> => (await measureResidency([file], signal)).resident;
    const dropped = await cache.drop([file], signal);
    if ('refused' in dropped) skip(`pages cannot be dropped here: ${dropped.refused}`);
    const warm = await prepare(file);
    await warm.apply(signal);
    expect(await resident()).toBe(2 << 20);
    const dropping = delay(200).then(() => cache.drop([file], signal));
    await warm.undo();
    expect(await resident()).toBe(0);
    await dropping;
  });
});

it('holds the pages against what drops them, and lets them go', async ({ skip }) => {
  await withFile(async (file) => {
    const cache = makePageCache({ dropCachesFile: null });
    const resident = async (): Promise<number> => (await measureResidency([file], signal)).resident;
    const dropped = await cache.drop([file], signal);
    if ('refused' in dropped) skip(`pages cannot be dropped here: ${dropped.refused}`);
    const pages = await openHeldPages();
    if (pages === null) throw new Error('the C library has no mmap');
    expect(await pages.hold(file, signal)).toBe(true);
    expect(await cache.drop([file], signal)).toMatchObject({ refused: expect.stringContaining('stay') as string });
    expect(await resident()).toBe(2 << 20);
    pages.release();
    expect(await cache.drop([file], signal)).toHaveProperty('how');
    expect(await resident()).toBe(0);
  });
});

it('holds nothing of a file that is gone, or once it is told to stop', async () => {
  await withFile(async (file) => {
    const pages = await openHeldPages();
    await expect(pages?.hold(`${file}-gone`, signal)).rejects.toThrow(/ENOENT/);
    expect(await pages?.hold(file, AbortSignal.abort())).toBe(false);
    await writeFile(file, '');
    expect(await pages?.hold(file, signal)).toBe(true);
    pages?.release();
    pages?.release();
  });
});

it('is refused without files, and with one that cannot be read', async () => {
  expect(await prepareWarmPageCache([], signal)).toEqual({ refused: 'the files that the replica reads are not known' });
  expect(await prepareWarmPageCache(['/nowhere/weights'], signal)).toEqual({
    refused: '/nowhere/weights cannot be read',
  });
});
