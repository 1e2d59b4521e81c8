import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFileBlobs } from '../../src/adapters/files/blobs.ts';
import { makeProcessIdentity } from '../../src/adapters/processes/process-table/process-identity.ts';
import { openSqliteStore } from '../../src/adapters/sql/sqlite/sqlite-store.ts';
import { systemClock } from '../../src/adapters/system/clock.ts';
import { systemRandom } from '../../src/adapters/system/random.ts';
import type { Digest } from '../../src/core/units/digest.ts';
import { anEvent, fenceOf } from '../../src/testing/builders/store-builders.ts';

const diskBytes = 4 << 20;

/** A small file system of its own, so that it can be filled; only root may mount one. */
function mountDisk(): string | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-disk-'));
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${diskBytes}`, 'tmpfs', folder], { stdio: 'pipe' });
    return folder;
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    process.stderr.write(
      `skipped: cannot mount a tmpfs to fill (${String(thrown).split('\n')[0]}); run as root where mounting is allowed\n`,
    );
    return null;
  }
}

function unmountDisk(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'pipe' });
  rmSync(folder, { recursive: true, force: true });
}

function fill(folder: string, leaveBytes: number): string {
  const stats = statfsSync(folder);
  const filler = path.join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(Math.max(0, stats.bavail * stats.bsize - leaveBytes)));
  return filler;
}

const probe = mountDisk();
if (probe !== null) unmountDisk(probe);

describe.skipIf(probe === null)('a full disk', () => {
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
