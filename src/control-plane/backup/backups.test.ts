import { mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeBackupFolders } from '../../adapters/files/backup/backup-folders.ts';
import { makeFileBlobs } from '../../adapters/files/blobs.ts';
import { recordTables } from '../../adapters/sql/backup/table-keys.ts';
import { migrate, released } from '../../adapters/sql/migrate.ts';
import { schemaVersion } from '../../adapters/sql/schema-version.ts';
import { openSqliteStore, sqliteBackend } from '../../adapters/sql/sqlite/sqlite-store.ts';
import type { SqlStore } from '../../adapters/sql/store.ts';
import { sealManifest, type BackupManifest } from '../../core/records/backup.ts';
import { blobsLease } from '../../core/rollout/names.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Lease } from '../../ports/records/store.ts';
import type { Backups, BackupFolders, StoredRow } from '../../ports/records/backup.ts';
import { fillStore } from '../../testing/builders/filled-store.ts';
import { anEvent, aRelease, fenceOf } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { fakeProcessIdentity } from '../../testing/fakes/fake-process-identity.ts';
import { contextOf, runCommandLine } from '../../testing/rigs/command-line.ts';
import { makeBackups } from './backups.ts';
import type { BackupParts } from './backup-parts.ts';

let folder: string;
const opened: SqlStore[] = [];
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-backup-'));
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  await rm(folder, { recursive: true, force: true });
});

const random = { next: () => 0.5, hex: (bytes: number) => '0'.repeat(bytes * 2) };
const at = (...names: readonly string[]): string => path.join(folder, ...names);

interface Place {
  readonly store: SqlStore;
  readonly blobs: Blobs;
  readonly notes: string[];
  readonly clock: FakeClock;
  backups(over?: Partial<BackupParts>): Backups;
}

async function openPlace(name: string, dead: readonly string[] = []): Promise<Place> {
  const clock = new FakeClock();
  const identity = fakeProcessIdentity('host:boot:1:1', dead);
  const store = await openSqliteStore({ file: at(name, 'store.sqlite'), clock });
  opened.push(store);
  const blobs = makeFileBlobs({ folder: at(name, 'blobs'), identity, clock, random });
  const notes: string[] = [];
  return {
    ...{ store, blobs, notes, clock },
    backups: (over = {}) =>
      makeBackups({
        ...{ store, blobs, clock, rows: store.rows, lock: [], plimsollVersion: '9.9.9' },
        folders: makeBackupFolders({ identity, clock, random }),
        terminal: contextOf({ notes }).terminal,
        holder: identity.self(),
        isDead: (holder) => identity.isDead(holder),
        signal: new AbortController().signal,
        ...over,
      }),
  };
}

type AllRows = Record<string, readonly StoredRow[]>;

/** All but leases, which a restore frees. */
async function readAll({ store }: Pick<Place, 'store'>): Promise<AllRows> {
  return store.rows.snapshot(async (snapshot) => {
    const all: Record<string, StoredRow[]> = {};
    for (const table of snapshot.tables.filter((name) => name !== 'leases')) {
      all[table] = [];
      for await (const rows of snapshot.rows(table)) all[table].push(...rows);
    }
    return all;
  });
}

async function filledPlace(name = 'here'): Promise<Place & { readonly kept: readonly Digest[] }> {
  const place = await openPlace(name);
  const kept = await fillStore(place.store, place.blobs);
  const fence = await place.store.leases.current('control-plane/digits/prod');
  if (fence !== null) await place.store.leases.release(fence);
  return { ...place, kept };
}

async function backedUp(): Promise<Awaited<ReturnType<typeof filledPlace>>> {
  const place = await filledPlace();
  await place.backups().backUp({ folder: at('backup'), withBlobs: true });
  return place;
}

const manifestOf = async (): Promise<BackupManifest> =>
  JSON.parse(await readFile(at('backup', 'manifest.json'), 'utf8')) as BackupManifest;

const rewrite = async (change: (manifest: BackupManifest) => BackupManifest): Promise<void> => {
  const { digest: _digest, ...content } = change(await manifestOf());
  await writeFile(at('backup', 'manifest.json'), JSON.stringify(sealManifest(content)));
};

const refusal = async (work: Promise<unknown>): Promise<PlimsollError> => {
  const thrown = await work.then(
    () => new Error('it was not refused'),
    (error: unknown) => error,
  );
  if (!(thrown instanceof PlimsollError)) throw thrown;
  expect(thrown.next).toBeDefined();
  return thrown;
};

const codeOf = async (work: Promise<unknown>): Promise<string> => (await refusal(work)).code;

describe('a backup', () => {
  it('holds every row and every blob that they need, and comes back whole in another store', async () => {
    const { kept, ...here } = await backedUp();
    const manifest = await manifestOf();
    expect(manifest.tables.map(({ name }) => name)).toEqual(recordTables);
    expect(manifest.tables.filter(({ rows }) => rows === 0)).toEqual([]);
    expect(manifest.blobs?.map(({ digest }) => digest).sort()).toEqual(kept);
    expect(manifest).toMatchObject({ schemaVersion, plimsollVersion: '9.9.9', missing: [], store: { kind: 'sqlite' } });
    const there = await openPlace('there');
    const restored = await there.backups().restore({ folder: at('backup'), replace: false });
    expect(restored.problems).toEqual([]);
    expect(await readAll(there)).toEqual(await readAll(here));
    expect(await there.backups().verifyStore()).toMatchObject({ problems: [], blobs: manifest.blobs });
    const { seq } = await there.store.transaction(await fenceOf(there.store), (tx) => tx.appendEvent(anEvent('next')));
    expect(seq).toBe(1 + Math.max(...(await here.store.events({})).map((event) => event.seq)));
  });

  it('can be read by its owner alone', async () => {
    const before = process.umask(0o022);
    try {
      await backedUp();
    } finally {
      process.umask(before);
    }
    const modes = await Promise.all(
      ['backup', 'backup/tables', 'backup/manifest.json', 'backup/tables/events.jsonl'].map(
        async (name) => (await stat(at(name))).mode & 0o077,
      ),
    );
    expect(modes).toEqual([0, 0, 0, 0]);
  });

  it('names every table that the database has', async () => {
    const backend = await sqliteBackend({ file: at('tables.sqlite'), clock: new FakeClock() });
    await migrate(backend);
    const { sql } = await import('kysely');
    const { rows } = await sql<{ name: string; pk: number; columns: string }>`
      select m.name, group_concat(case when p.pk > 0 then p.name end) as columns
      from sqlite_master m join pragma_table_info(m.name) p where m.type = 'table' group by m.name`.execute(
      backend.read,
    );
    await backend.close();
    const { tableKeys } = await import('../../adapters/sql/backup/table-keys.ts');
    const keys = Object.fromEntries(rows.map(({ name, columns }) => [name, columns.split(',').sort()]));
    expect(keys).toEqual({
      schema_migrations: ['version'],
      ...Object.fromEntries(Object.entries(tableKeys).map(([name, key]) => [name, [...key].sort()])),
    });
  });

  it('is one view of the store: what is recorded while it is made is in it whole, or not at all', async () => {
    const place = await filledPlace();
    const last = (await place.store.events({})).length;
    const folders = makeBackupFolders({ identity: fakeProcessIdentity('a:b:1:1'), clock: place.clock, random });
    const writing: BackupFolders = {
      ...folders,
      async create(name) {
        const backup = await folders.create(name);
        return {
          ...backup,
          async writeRows(file, batches) {
            await place.store.transaction(await fenceOf(place.store), async (tx) => {
              await tx.addRelease(aRelease());
              await tx.appendEvent(anEvent('meanwhile'));
            });
            return backup.writeRows(file, batches);
          },
        };
      },
    };
    await place.backups({ folders: writing }).backUp({ folder: at('backup'), withBlobs: false });
    const manifest = await manifestOf();
    const rowsOf = (name: string) => manifest.tables.find((table) => table.name === name)?.rows;
    expect([rowsOf('events'), rowsOf('releases'), manifest.blobs]).toEqual([last, 2, null]);
    expect((await place.store.events({})).length).toBeGreaterThan(last + 10);
  });

  it('is made where nothing is', async () => {
    const place = await filledPlace();
    await mkdir(at('taken'));
    await writeFile(at('taken', 'file'), '');
    const error = await refusal(place.backups().backUp({ folder: at('taken'), withBlobs: true }));
    expect(error).toMatchObject({ code: 'backup-target', category: 'input' });
    expect(await readdir(at('taken'))).toEqual(['file']);
    expect(await codeOf(place.backups().backUp({ folder: at('taken', 'file'), withBlobs: true }))).toBe(
      'storage-misplaced',
    );
    await mkdir(at('empty'));
    await place.backups().backUp({ folder: at('empty'), withBlobs: true });
    expect((await readdir(at('empty'))).sort()).toEqual(['blobs', 'manifest.json', 'tables']);
    expect(await readdir(folder)).toEqual(expect.not.arrayContaining([expect.stringContaining('.part')]));
  });

  it('that ends midway leaves nothing, and what a killed one left goes with the next', async () => {
    const place = await filledPlace();
    const failing: Blobs = { ...place.blobs, verifiedPath: () => Promise.reject(new Error('the disk is gone')) };
    const making = place.backups({ blobs: failing }).backUp({ folder: at('backup'), withBlobs: true });
    await expect(making).rejects.toThrow('the disk is gone');
    expect(await readdir(folder)).toEqual(['here']);
    expect((await place.store.leases.current(blobsLease))?.holder).toBeUndefined();
    await mkdir(at(`backup.${encodeURIComponent('host:boot:7:7')}~00.part`, 'tables'), { recursive: true });
    await mkdir(at('backup.%zz~00.part'));
    const identity = fakeProcessIdentity('host:boot:1:1', ['host:boot:7:7']);
    const folders = makeBackupFolders({ identity, clock: place.clock, random });
    await place.backups({ folders }).backUp({ folder: at('backup'), withBlobs: true });
    expect((await readdir(folder)).sort()).toEqual(['backup', 'backup.%zz~00.part', 'here']);
  });

  it('tells of blobs that are not whole, and takes the rest', async () => {
    const { kept, ...place } = await filledPlace();
    const [lost = digestOf(0), damaged = digestOf(0), ...rest] = kept.filter((digest) => digest !== kept.at(-1));
    const blobs: Blobs = {
      ...place.blobs,
      verifiedPath: async (digest, signal) => {
        if (digest === damaged) throw new PlimsollError({ code: 'blob-corrupt', category: 'corrupt', message: 'bad' });
        return place.blobs.verifiedPath(digest, signal);
      },
    };
    const whole = await place.blobs.read(lost);
    await place.blobs.remove(lost, Infinity);
    const manifest = await place.backups({ blobs }).backUp({ folder: at('backup'), withBlobs: true });
    expect(manifest.missing).toEqual([
      { digest: lost, reason: 'missing' },
      { digest: damaged, reason: 'corrupt' },
    ]);
    expect(manifest.blobs?.map(({ digest }) => digest)).toEqual([...rest, kept.at(-1)]);
    expect((await place.backups().verifyStore()).problems).toEqual([`blob ${lost} is missing`]);
    await place.blobs.put(whole);
    expect((await place.backups().verifyStore()).problems).toEqual([]);
  });

  it('waits for nobody who removes blobs, and nobody removes them meanwhile', async () => {
    const place = await filledPlace();
    const ask = { lease: blobsLease, holder: 'collector', ttlMs: 60_000, nowMs: place.clock.nowMs() };
    const lease = await place.store.leases.acquire(ask);
    const backUp = () => place.backups().backUp({ folder: at('backup'), withBlobs: true });
    expect(await codeOf(backUp())).toBe('collection-running');
    if (lease !== null) await place.store.leases.release(lease);
    let taken: unknown = null;
    const blobs: Blobs = {
      ...place.blobs,
      async verifiedPath(digest) {
        // Longer than the lease lasts: it is renewed.
        await place.clock.advance(45_000);
        taken = await place.store.leases.acquire({ ...ask, nowMs: place.clock.nowMs() });
        return place.blobs.verifiedPath(digest);
      },
    };
    await place.backups({ blobs }).backUp({ folder: at('backup'), withBlobs: true });
    expect(taken).toBeNull();
  });
});

describe('a damaged backup', () => {
  const damages: readonly (readonly [string, () => Promise<void>, string])[] = [
    [
      'a cut table',
      () => truncate(at('backup', 'tables', 'events.jsonl'), 1_000),
      'tables/events.jsonl has 1000 bytes',
    ],
    ['a missing table', () => unlink(at('backup', 'tables', 'bars.jsonl')), 'tables/bars.jsonl is missing'],
    [
      'a changed byte',
      async () => {
        const text = await readFile(at('backup', 'tables', 'releases.jsonl'), 'utf8');
        await writeFile(at('backup', 'tables', 'releases.jsonl'), text.replace('digits', 'digitz'));
      },
      'tables/releases.jsonl has the digest',
    ],
    ['a cut manifest', () => truncate(at('backup', 'manifest.json'), 200), 'manifest.json is cut off'],
    [
      'an edited manifest',
      async () => {
        const text = await readFile(at('backup', 'manifest.json'), 'utf8');
        await writeFile(
          at('backup', 'manifest.json'),
          text.replace('"plimsollVersion": "9.9.9"', '"plimsollVersion": "9.9.8"'),
        );
      },
      'manifest.json is not as it was written',
    ],
    [
      'a missing blob',
      async () => {
        const [{ digest } = { digest: digestOf(0) }] = (await manifestOf()).blobs ?? [];
        const hex = digest.slice('sha256:'.length);
        await unlink(at('backup', 'blobs', 'sha256', hex.slice(0, 2), hex.slice(2)));
      },
      'is missing',
    ],
  ];

  it.each(damages)('with %s is told, and nothing of it is restored', async (_what, damage, says) => {
    const here = await backedUp();
    await damage();
    const { problems } = await here.backups().verifyBackup(at('backup'));
    expect(problems).toEqual([expect.stringContaining(says)]);
    const before = await readAll(here);
    const error = await refusal(here.backups().restore({ folder: at('backup'), replace: true }));
    expect(error).toMatchObject({ code: 'backup-damaged', message: expect.stringContaining(says) });
    expect(await readAll(here)).toEqual(before);
  });

  it('of a newer form or schema, or none at all, is refused', async () => {
    const here = await backedUp();
    const verify = () => here.backups().verifyBackup(at('backup'));
    await rewrite((manifest) => ({ ...manifest, schemaVersion: schemaVersion + 1 }));
    expect(await codeOf(verify())).toBe('store-newer');
    await rewrite((manifest) => ({ ...manifest, backupVersion: 2 }) as unknown as BackupManifest);
    expect(await codeOf(here.backups().restore({ folder: at('backup'), replace: true }))).toBe('store-newer');
    expect(await codeOf(here.backups().verifyBackup(at('nothing')))).toBe('backup-missing');
  });
});

describe('a restore', () => {
  it('replaces what is there only when it is told to, and fences out who wrote before', async () => {
    const here = await backedUp();
    const before = await readAll(here);
    const asked = { lease: 'control-plane/digits/prod', holder: 'old', ttlMs: 60_000, nowMs: here.clock.nowMs() };
    const old = (await here.store.leases.acquire(asked)) as Lease;
    await here.store.transaction(old, (tx) => tx.appendEvent(anEvent('after the backup')));
    const restore = (replace: boolean) => here.backups().restore({ folder: at('backup'), replace });
    expect(await codeOf(restore(false))).toBe('store-not-empty');
    const error = await refusal(restore(true));
    expect(error).toMatchObject({ code: 'control-plane-running', next: expect.stringContaining('plimsoll up --stop') });
    expect((await here.store.leases.current(blobsLease))?.holder).toBeUndefined();
    await here.clock.advance(120_000);
    expect((await restore(true)).problems).toEqual([]);
    expect(await readAll(here)).toEqual(before);
    const late = here.store.transaction(old, (tx) => tx.appendEvent(anEvent('late')));
    expect(await codeOf(late)).toBe('lease-lost');
    expect((await fenceOf(here.store, 'new')).token).toBeGreaterThan(old.token);
  });

  it('takes the lease of a control plane that died, and is refused where another one took one meanwhile', async () => {
    await backedUp();
    const place = await openPlace('here', ['old']);
    await fenceOf(place.store, 'old');
    const intruding: Blobs = {
      ...place.blobs,
      async verify(digest) {
        await place.store.leases.acquire({ lease: 'control-plane/other/prod', holder: 'b', ttlMs: 9, nowMs: 1 });
        return place.blobs.verify(digest);
      },
    };
    const restore = (over: Partial<BackupParts>) =>
      place.backups(over).restore({ folder: at('backup'), replace: true });
    const before = await readAll(place);
    expect(await codeOf(restore({ blobs: intruding }))).toBe('lease-lost');
    expect(await readAll(place)).toEqual(before);
    expect((await restore({})).problems).toEqual([]);
  });

  it('that ends midway leaves the store as it was', async () => {
    const here = await backedUp();
    await here.store.transaction(await fenceOf(here.store), (tx) => tx.appendEvent(anEvent('after the backup')));
    await here.clock.advance(120_000);
    const before = await readAll(here);
    const real = makeBackupFolders({ identity: fakeProcessIdentity('a:b:1:1'), clock: here.clock, random });
    const failing: BackupFolders = {
      ...real,
      open: (name) => ({
        ...real.open(name),
        async *rows(file) {
          for await (const row of real.open(name).rows(file)) {
            if (row['seq'] === 300) throw new Error('the disk is gone');
            yield row;
          }
        },
      }),
    };
    const midway = here.backups({ folders: failing }).restore({ folder: at('backup'), replace: true });
    await expect(midway).rejects.toThrow('the disk is gone');
    expect(await readAll(here)).toEqual(before);
    expect((await here.backups().restore({ folder: at('backup'), replace: true })).problems).toEqual([]);
  });

  it('brings rows of an older schema up to date', async () => {
    const here = await backedUp();
    const later = [
      'held_services',
      'environment_records',
      'notify_states',
      'replay_states',
      'isolations',
      'label_asks',
      'event_chain',
      'arrival_days',
      'ledger_facts',
      'ledger_rows',
      'release_requests',
      'evidence_sightings',
      'release_evidence',
      'history',
      'release_outcomes',
      'artifact_claims',
      'service_claims',
      'drift_records',
      'drift_windows',
      'drift_samples',
      'predictions',
      'labels',
      'label_memories',
    ];
    const derived = ['release_outcomes', 'artifact_claims'];
    await rewrite(({ tables, ...manifest }) => ({
      ...manifest,
      schemaVersion: 4,
      tables: tables.filter(({ name }) => !later.includes(name)),
    }));
    const there = await openPlace('there');
    expect((await there.backups().restore({ folder: at('backup'), replace: false })).problems).toEqual([]);
    const before = await readAll(here);
    expect(await readAll(there)).toEqual({
      ...before,
      ...Object.fromEntries(later.map((name) => [name, derived.includes(name) ? before[name] : []])),
    });
    expect(released.at(-1)?.version).toBe(schemaVersion);
    await rewrite((manifest) => ({ ...manifest, schemaVersion: 2 }));
    expect(await codeOf(there.backups().restore({ folder: at('backup'), replace: true }))).toBe('backup-invalid');
    expect(await there.store.check()).toEqual([]);
  });

  it('leaves the tables at the older schema of its rows when it is told to, for the program that wrote them', async () => {
    const here = await backedUp();
    const before = await readAll(here);
    const later = ['event_chain', 'arrival_days', 'ledger_facts', 'ledger_rows'];
    await rewrite(({ tables, ...manifest }) => ({
      ...{ ...manifest, schemaVersion: 16 },
      tables: tables.filter(({ name }) => !later.includes(name)),
    }));
    const there = await openPlace('there');
    const restored = there.backups().restore({ folder: at('backup'), replace: false, keepSchema: true });
    expect((await restored).problems).toEqual([]);
    await there.store.close();
    const older = await sqliteBackend({ file: at('there', 'store.sqlite'), clock: there.clock });
    // As the older program opens it: a newer schema would be refused.
    await migrate(older, released.slice(0, 16));
    await older.close();
    const without = Object.fromEntries(later.map((name) => [name, []]));
    expect(await readAll(await openPlace('there'))).toEqual({ ...before, ...without });
  });

  it('into a store that a newer version wrote is refused, where that has tables that nobody knows here', async () => {
    const here = await backedUp();
    const before = await readAll(here);
    const newer = await sqliteBackend({ file: at('here', 'store.sqlite'), clock: here.clock });
    const readableFrom = schemaVersion;
    const step = { version: schemaVersion + 1, name: 'later', readableFrom, up: () => Promise.resolve() };
    await migrate(newer, [...released, step]);
    await newer.close();
    const refused = here.backups().restore({ folder: at('backup'), replace: true });
    expect(await codeOf(refused)).toBe('store-newer');
    expect(await readAll(here)).toEqual(before);
  });

  it('puts back a blob that is damaged where it is restored', async () => {
    const { kept, ...here } = await backedUp();
    const there = await openPlace('there');
    const [damaged = digestOf(0)] = kept;
    const hex = damaged.slice('sha256:'.length);
    await mkdir(at('there', 'blobs', 'sha256', hex.slice(0, 2)), { recursive: true });
    await writeFile(at('there', 'blobs', 'sha256', hex.slice(0, 2), hex.slice(2)), 'other bytes');
    await there.backups().restore({ folder: at('backup'), replace: false });
    expect(await there.blobs.read(damaged)).toEqual(await here.blobs.read(damaged));
  });
});

describe('plimsoll store', () => {
  it('backs up, verifies and restores, and says what it did', async () => {
    const here = await filledPlace();
    const there = await openPlace('there');
    const run = (place: Place, ...args: readonly string[]) =>
      runCommandLine(['store', ...args], { cwd: folder, backups: place.backups() });
    const all = '954 rows of 41 tables, 7 blobs (';
    expect(await run(here, 'backup', 'copy')).toMatchObject({
      exit: 0,
      out: expect.stringMatching(
        new RegExp(`^backed up to copy: ${all.replace('(', '\\(')}.*\nnext: .* verify copy\n$`),
      ),
    });
    expect(await run(here, 'verify', 'copy')).toMatchObject({
      exit: 0,
      out: expect.stringContaining(`the backup copy is whole: ${all}`),
    });
    expect(await run(there, 'restore', 'copy')).toMatchObject({ exit: 0, out: expect.stringContaining(all) });
    expect(await run(there, 'verify')).toMatchObject({ exit: 0, out: expect.stringContaining('the store is whole') });
    expect(await run(there, 'restore', 'copy')).toMatchObject({
      exit: 1,
      err: expect.stringContaining('plimsoll store restore'),
    });
    expect(JSON.parse((await run(here, 'verify', 'copy', '--json')).out)).toMatchObject({
      folder: at('copy'),
      tables: { events: 450 },
      blobs: { blobs: 7 },
      problems: [],
    });
  });

  it('exits 1 where something is missing or damaged', async () => {
    const { kept, ...here } = await filledPlace();
    const run = (...args: readonly string[]) =>
      runCommandLine(['store', ...args], { cwd: folder, backups: here.backups() });
    // No bundle: without that one nobody knows what is needed.
    const lost = (
      await Promise.all(kept.map(async (digest) => ({ digest, size: (await here.blobs.stat(digest))?.bytes })))
    )
      .filter(({ size }) => (size ?? 0) < 20)
      .map(({ digest }) => digest)[0] as Digest;
    await here.blobs.remove(lost, Infinity);
    expect(await run('verify')).toMatchObject({ exit: 1, out: expect.stringContaining(`blob ${lost} is missing`) });
    expect(await run('backup', 'copy')).toMatchObject({
      exit: 1,
      out: expect.stringContaining(`blob ${lost} was missing`),
    });
    expect(await run('verify', 'copy')).toMatchObject({ exit: 1, out: expect.stringContaining('1 problem\n') });
    expect(await run('backup', 'records', '--no-blobs')).toMatchObject({
      exit: 0,
      out: expect.stringContaining('no blobs (--no-blobs)'),
    });
    await truncate(at('records', 'tables', 'events.jsonl'), 5);
    expect(await run('restore', 'records', '--replace', '--json')).toMatchObject({
      exit: 1,
      out: expect.stringContaining('"code": "backup-damaged"'),
    });
  });
});
