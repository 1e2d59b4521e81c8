import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFileBlobs } from '../../../src/adapters/files/blobs.ts';
import { makeProcessIdentity } from '../../../src/adapters/processes/process-table/process-identity.ts';
import { openSqliteStore } from '../../../src/adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import type { Digest } from '../../../src/core/units/digest.ts';
import { anEvent, fenceOf } from '../../../src/testing/builders/store-builders.ts';
import { diskBytes, fill, mountDisk, tryDisk, unmountDisk } from './small-disk.ts';

const canMount = tryDisk();

describe.skipIf(!canMount)('a full disk', () => {
  let disk = '';
  beforeEach(() => {
    const mounted = mountDisk();
    if (mounted === null) throw new Error('could mount a disk before, and now not');
    disk = mounted;
  });
  afterEach(() => unmountDisk(disk));

  const blobsOn = (folder: string) =>
    makeFileBlobs({ folder, identity: makeProcessIdentity(), clock: systemClock, random: systemRandom });

  it('refuses a blob that does not fit, says how much is free, leaves nothing, and works again with space', async () => {
    const folder = path.join(disk, 'blobs');
    const blobs = blobsOn(folder);
    const small = await blobs.put(new Uint8Array(1000).fill(1));
    async function* tooMuch(): AsyncGenerator<Uint8Array> {
      for (let n = 0; n < 2 * diskBytes; n += 65_536) yield await Promise.resolve(new Uint8Array(65_536).fill(2));
    }
    await expect(blobs.put(tooMuch())).rejects.toMatchObject({
      code: 'storage-full',
      category: 'unavailable',
      message: expect.stringMatching(/blobs \(ENOSPC; \d+ bytes free\); nothing was stored$/),
      details: { path: folder, systemCode: 'ENOSPC' },
    });
    expect(readdirSync(path.join(folder, 'incoming'))).toEqual([]);
    const listed: Digest[] = [];
    for await (const { digest } of blobs.list()) listed.push(digest);
    expect(listed).toEqual([small.digest]);
    expect(await blobs.verify(small.digest)).toEqual({ ok: true, bytes: 1000 });
    expect((await blobs.put(new Uint8Array(100_000))).bytes).toBe(100_000);
  });

  it('refuses a write of the store, keeps what was committed, and works again with space', async () => {
    const file = path.join(disk, 'store.sqlite');
    const store = await openSqliteStore({ file, clock: systemClock });
    const fence = await fenceOf(store);
    await store.transaction(fence, (tx) => tx.appendEvent(anEvent('before')));
    const filler = fill(disk, 64 * 1024);
    const big = anEvent('too.big', 1, { text: 'x'.repeat(20_000) });
    const failure = await (async () => {
      for (let n = 0; n < 100; n += 1) await store.transaction(fence, (tx) => tx.appendEvent(big));
      return null;
    })().catch((thrown: unknown) => thrown);
    expect(failure).toMatchObject({
      code: 'storage-full',
      category: 'unavailable',
      message: expect.stringMatching(/store\.sqlite \(\d+ bytes free\); nothing was written$/),
    });
    const count = (await store.events({})).length;
    rmSync(filler);
    await store.transaction(fence, (tx) => tx.appendEvent(anEvent('after')));
    const events = await store.events({});
    expect(events.map(({ seq }) => seq)).toEqual(Array.from({ length: count + 1 }, (_, n) => n + 1));
    expect([events.at(0)?.kind, events.at(-1)?.kind]).toEqual(['before', 'after']);
    expect(await store.check()).toEqual([]);
    await store.close();
  });

  it('refuses to open a new store without space, in the same words', async () => {
    mkdirSync(path.join(disk, 'state'));
    fill(disk, 0);
    await expect(
      openSqliteStore({ file: path.join(disk, 'state', 'store.sqlite'), clock: systemClock }),
    ).rejects.toMatchObject({ code: 'storage-full', category: 'unavailable' });
  });
});
