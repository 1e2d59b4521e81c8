/** Backups of one kind of database, restored into the other. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeBackupFolders } from '../../../src/adapters/files/backup/backup-folders.ts';
import { makeFileBlobs } from '../../../src/adapters/files/blobs.ts';
import { makeProcessIdentity } from '../../../src/adapters/processes/process-table/process-identity.ts';
import { openPostgresStore } from '../../../src/adapters/sql/postgres/postgres-store.ts';
import { openSqliteStore } from '../../../src/adapters/sql/sqlite/sqlite-store.ts';
import type { SqlStore } from '../../../src/adapters/sql/store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { systemRandom } from '../../../src/adapters/system/random.ts';
import { makeBackups } from '../../../src/control-plane/backup/backups.ts';
import type { BackupManifest } from '../../../src/core/records/backup.ts';
import { digestOf } from '../../../src/core/units/digest.ts';
import type { Backups, BackupFolders } from '../../../src/ports/records/backup.ts';
import { fillStore } from '../../../src/testing/builders/filled-store.ts';
import { aModel, anEvent, fenceOf } from '../../../src/testing/builders/store-builders.ts';
import { contextOf } from '../../../src/testing/rigs/command-line.ts';
import { missingPostgres, PostgresServer } from '../../peers/postgres-server.ts';

const why = missingPostgres === null ? '' : `: skipped, ${missingPostgres}`;

describe.skipIf(missingPostgres !== null)(`backups and PostgreSQL${why}`, () => {
  let server: PostgresServer;
  let folder: string;
  const opened: SqlStore[] = [];
  const identity = makeProcessIdentity();
  const inFolder = { identity, clock: systemClock, random: systemRandom };
  beforeAll(async () => {
    server = await PostgresServer.start();
    folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-backup-'));
  });
  afterAll(async () => {
    for (const store of opened) await store.close();
    server?.remove();
    await rm(folder, { recursive: true, force: true });
  });

  const placeOf = (name: string, store: SqlStore) => {
    opened.push(store);
    const blobs = makeFileBlobs({ ...inFolder, folder: path.join(folder, name, 'blobs') });
    const backups = (folders: BackupFolders = makeBackupFolders(inFolder)): Backups =>
      makeBackups({
        ...{ store, blobs, folders, rows: store.rows, lock: [], plimsollVersion: '0.0.0', clock: systemClock },
        ...{ terminal: contextOf({}).terminal, holder: identity.self(), isDead: (holder) => identity.isDead(holder) },
        signal: new AbortController().signal,
      });
    return { store, blobs, backups };
  };
  const onPostgres = async (name: string) =>
    placeOf(name, await openPostgresStore({ url: server.url(await server.newDatabase()) }));
  const onSqlite = async (name: string) =>
    placeOf(name, await openSqliteStore({ file: path.join(folder, name, 'store.sqlite'), clock: systemClock }));
  /** Sorted, for databases order text each in its own way. */
  const rowsIn = async (backup: string): Promise<Record<string, readonly string[]>> => {
    const { tables } = JSON.parse(await readFile(path.join(folder, backup, 'manifest.json'), 'utf8')) as BackupManifest;
    const all: Record<string, readonly string[]> = {};
    for (const { name } of tables.filter((table) => table.name !== 'leases')) {
      all[name] = (await readFile(path.join(folder, backup, 'tables', `${name}.jsonl`), 'utf8')).split('\n').sort();
    }
    return all;
  };

  it('rows go from SQLite to PostgreSQL and back, and stay the same', async () => {
    const [first, second, third] = [await onSqlite('first'), await onPostgres('second'), await onSqlite('third')];
    await fillStore(first.store, first.blobs);
    const backUp = (place: typeof first, name: string) =>
      place.backups().backUp({ folder: path.join(folder, name), withBlobs: true });
    const restore = (place: typeof first, name: string) =>
      place.backups().restore({ folder: path.join(folder, name), replace: false });
    await backUp(first, 'one');
    expect((await restore(second, 'one')).problems).toEqual([]);
    expect((await second.backups().verifyStore()).problems).toEqual([]);
    expect(await backUp(second, 'two')).toMatchObject({ store: { kind: 'postgresql' }, missing: [] });
    expect((await restore(third, 'two')).problems).toEqual([]);
    await backUp(third, 'three');
    const rows = await rowsIn('one');
    expect(rows['events']?.length).toBeGreaterThan(400);
    expect([await rowsIn('two'), await rowsIn('three')]).toEqual([rows, rows]);
    for (const { store } of [second, third]) {
      const { seq } = await store.transaction(await fenceOf(store), (tx) => tx.appendEvent(anEvent('next')));
      expect(seq).toBe((await first.store.events({})).length + 1);
    }
  });

  it('a backup is one view while others write, and a restore that ends midway changes nothing', async () => {
    const place = await onPostgres('busy');
    await fillStore(place.store, place.blobs);
    const count = (await place.store.events({})).length;
    const append = async (): Promise<unknown> =>
      place.store.transaction(await fenceOf(place.store), (tx) => tx.appendEvent(anEvent('meanwhile')));
    const real = makeBackupFolders(inFolder);
    const writing: BackupFolders = {
      ...real,
      async create(name) {
        const backup = await real.create(name);
        return { ...backup, writeRows: async (...given) => (await append(), backup.writeRows(...given)) };
      },
    };
    const target = path.join(folder, 'live');
    await place.backups(writing).backUp({ folder: target, withBlobs: false });
    expect((await rowsIn('live'))['events']).toHaveLength(count + 1);
    const present = await place.store.events({});
    expect(present.length).toBeGreaterThan(count + 10);
    const failing: BackupFolders = {
      ...real,
      open: (name) => ({
        ...real.open(name),
        async *rows(file) {
          yield* real.open(name).rows(file);
          if (file.includes('events')) throw new Error('the disk is gone');
        },
      }),
    };
    const restore = (folders?: BackupFolders) => place.backups(folders).restore({ folder: target, replace: true });
    await expect(restore(failing)).rejects.toThrow('the disk is gone');
    expect(await place.store.events({})).toEqual(present);
    expect((await restore()).problems).toEqual([]);
    expect(await place.store.events({})).toEqual(present.slice(0, count));
  });

  it('the rows of a SQLite store are imported into PostgreSQL once, behind the events that are there', async () => {
    const [alone, fleet] = [await onSqlite('alone'), await onPostgres('fleet')];
    await fillStore(alone.store, alone.blobs);
    const fence = await fenceOf(fleet.store);
    await fleet.store.transaction(fence, (tx) => tx.appendEvent({ ...anEvent('first'), service: 'chat' }));
    const bring = (isTrial: boolean) =>
      alone.store.rows.snapshot((snapshot) =>
        fleet.store.rows.importAll(fence, snapshot, { from: 'alone', nowMs: 7, isTrial }),
      );
    expect(await bring(true)).toBe(true);
    expect(await fleet.store.events({})).toHaveLength(1);
    expect([await bring(false), await bring(false)]).toEqual([true, false]);
    expect(
      await fleet.store.rows.importedAtMs(await alone.store.rows.snapshot(({ identity: id }) => Promise.resolve(id))),
    ).toBe(7);
    const moved = (await alone.store.events({})).map((event) => ({ ...event, seq: event.seq + 1 }));
    expect((await fleet.store.events({})).slice(1)).toEqual(moved);
    expect(await fleet.store.releases('digits', 'prod')).toEqual(await alone.store.releases('digits', 'prod'));
    expect(await fleet.store.check()).toEqual([]);

    const other = await onPostgres('other');
    const lease = await fenceOf(other.store);
    await other.store.transaction(lease, (tx) => tx.addModelVersion(aModel(digestOf('another'))));
    const refused = alone.store.rows.snapshot((snapshot) =>
      other.store.rows.importAll(lease, snapshot, { from: 'alone', nowMs: 7, isTrial: false }),
    );
    await expect(refused).rejects.toMatchObject({ code: 'import-conflict', details: { key: 'prod/digits/1' } });
    expect(await other.store.events({})).toEqual([]);
  });
});
