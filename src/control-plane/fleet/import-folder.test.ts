import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFileBlobs } from '../../adapters/files/blobs.ts';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { makeFileSecrets } from '../../adapters/processes/file-secrets.ts';
import { makeSecretsToImport } from '../../adapters/processes/import-secrets.ts';
import { importRules } from '../../adapters/sql/import/import-rules.ts';
import { migrate, released } from '../../adapters/sql/migrate.ts';
import { copySqliteStore, type CopiedStore } from '../../adapters/sql/sqlite/copied-store.ts';
import { isImported } from '../../adapters/sql/sqlite/imported-store.ts';
import { openSqliteStore, sqliteBackend } from '../../adapters/sql/sqlite/sqlite-store.ts';
import type { SqlStore } from '../../adapters/sql/store.ts';
import { controlPlaneLease } from '../../core/rollout/names.ts';
import { digestOf, type Digest } from '../../core/units/digest.ts';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { StoredRow } from '../../ports/records/backup.ts';
import type { JournalEntry } from '../../ports/records/journal.ts';
import { fillStore } from '../../testing/builders/filled-store.ts';
import { aModel, anEvent, aRelease, fenceOf } from '../../testing/builders/store-builders.ts';
import { FakeClock } from '../../testing/fakes/fake-clock.ts';
import { fakeProcessIdentity } from '../../testing/fakes/fake-process-identity.ts';
import { contextOf } from '../../testing/rigs/command-line.ts';
import { importFolder, type ImportParts, type SourceFolder } from './import-folder.ts';

let folder: string;
const opened: { close(): Promise<void> }[] = [];
const clock = new FakeClock();
const identity = fakeProcessIdentity('host:boot:1:1', []);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-import-'));
});
afterEach(async () => {
  for (const each of opened.splice(0)) await each.close();
  await rm(folder, { recursive: true, force: true });
});

const at = (...names: readonly string[]): string => path.join(folder, ...names);

const blobsOf = (name: string): Blobs =>
  makeFileBlobs({
    folder: at(name, 'blobs'),
    ...{ identity, clock, random: { next: () => 0.5, hex: (bytes: number) => '0'.repeat(bytes * 2) } },
  });

async function openOne(name: string): Promise<SqlStore> {
  const store = await openSqliteStore({ file: at(name, 'store.sqlite'), clock });
  opened.push(store);
  return store;
}

/** A folder that was used alone, and whose control plane is gone. */
async function usedAlone(name = 'alone'): Promise<readonly Digest[]> {
  const store = await openSqliteStore({ file: at(name, 'store.sqlite'), clock });
  const kept = await fillStore(store, blobsOf(name));
  await store.leases.release(await fenceOf(store));
  await store.close();
  return kept;
}

async function sourceOf(name = 'alone', over: Partial<SourceFolder> = {}): Promise<SourceFolder> {
  const copy = await copySqliteStore(at(name, 'store.sqlite'), at('copies', name), clock);
  opened.push(copy);
  return {
    ...{ stateFolder: at(name), store: copy, blobs: blobsOf(name), journal: null },
    secrets: makeSecretsToImport(at(name), at('fleet'), writeDurably),
    ...over,
  };
}

async function partsOf(store: SqlStore, over: Partial<ImportParts> = {}): Promise<ImportParts> {
  return {
    ...{ stateFolder: at('fleet'), store, rows: store.rows, blobs: blobsOf('fleet'), clock },
    secrets: makeFileSecrets(at('fleet'), writeDurably),
    terminal: contextOf({ notes: [] }).terminal,
    holder: identity.self(),
    isDead: (holder) => identity.isDead(holder),
    signal: new AbortController().signal,
    ...over,
  };
}

type AllRows = Record<string, readonly StoredRow[]>;

async function readAll({ rows }: Pick<SqlStore, 'rows'>): Promise<AllRows> {
  return rows.snapshot(async (snapshot) => {
    const all: Record<string, StoredRow[]> = {};
    for (const table of snapshot.tables) {
      all[table] = [];
      for await (const batch of snapshot.rows(table)) all[table].push(...batch);
    }
    return all;
  });
}

/** Two events and a service of its own, as a control plane that holds another one leaves it. */
async function aFleet(): Promise<SqlStore> {
  const fleet = await openOne('fleet');
  const lease = await fenceOf(fleet);
  await fleet.transaction(lease, async (tx) => {
    await tx.addRelease({ ...aRelease(), service: 'chat' });
    await tx.addModelVersion({ ...aModel(digestOf('chat'), 'chat') });
    for (const kind of ['first', 'second']) await tx.appendEvent({ ...anEvent(kind), service: 'chat' });
  });
  await fleet.leases.release(lease);
  return fleet;
}

const moved = (row: StoredRow, shift: number): StoredRow =>
  Number(row['seq']) === 0 ? row : { ...row, seq: Number(row['seq']) + shift };

describe('the records of a folder that several now share', () => {
  it('come whole: every row, every blob, with the numbers of events moved behind those that are there', async () => {
    const kept = await usedAlone();
    const fleet = await aFleet();
    const before = await readAll(fleet);
    const source = await sourceOf();
    const theirs = await readAll(source.store as CopiedStore);
    expect(await importFolder(await partsOf(fleet), source)).toBe(true);

    const after = await readAll(fleet);
    for (const [table, rule] of Object.entries(importRules)) {
      if (rule !== 'agree' && rule !== 'keep') continue;
      const hasSeq = ['events', 'scaling_records', 'release_outcomes'].includes(table);
      const wanted = hasSeq ? theirs[table]?.map((row) => moved(row, 2)) : theirs[table];
      expect(after[table], table).toEqual(expect.arrayContaining([...(wanted ?? []), ...(before[table] ?? [])]));
      const mark = table === 'journaled' ? 1 : 0;
      expect(after[table]).toHaveLength((wanted?.length ?? 0) + (before[table]?.length ?? 0) + mark);
    }
    expect(after['store_identity']).toEqual(before['store_identity']);
    expect(after['admissions']).toEqual([]);
    for (const digest of kept) expect(await blobsOf('fleet').verify(digest)).toMatchObject({ ok: true });
    expect(await fleet.check()).toEqual([]);
    expect((await fleet.scalingRecord('digits', 'prod', 5)) ?? null).toEqual({ decided: 2 });
  });

  it('are followed by new ones with the next numbers', async () => {
    await usedAlone();
    const fleet = await aFleet();
    await importFolder(await partsOf(fleet), await sourceOf());
    const next = await fleet.transaction(await fenceOf(fleet, 'b'), async (tx) => ({
      release: (await tx.addRelease(aRelease())).number,
      model: (await tx.addModelVersion(aModel(digestOf('new')))).version.version,
      seq: (await tx.appendEvent(anEvent('next'))).seq,
    }));
    expect(next).toEqual({ release: 3, model: 2, seq: 453 });
  });

  it('come once: again changes nothing, and is known from the files alone', async () => {
    await usedAlone();
    const fleet = await aFleet();
    expect(isImported(at('alone', 'store.sqlite'), at('fleet', 'store.sqlite'))).toBe(false);
    await importFolder(await partsOf(fleet), await sourceOf());
    const first = await readAll(fleet);
    expect(await importFolder(await partsOf(fleet), await sourceOf())).toBe(false);
    expect(await readAll(fleet)).toEqual(first);
    expect(isImported(at('alone', 'store.sqlite'), at('fleet', 'store.sqlite'))).toBe(true);
  });

  it('leave the file that they come from as it is', async () => {
    await usedAlone();
    const before = await readFile(at('alone', 'store.sqlite'));
    await importFolder(await partsOf(await aFleet()), await sourceOf());
    expect((await readFile(at('alone', 'store.sqlite'))).equals(before)).toBe(true);
  });

  it.each(['blobs', 'rows'] as const)('come in the next try where the first ended at the %s', async (where) => {
    const kept = await usedAlone();
    const fleet = await aFleet();
    const before = (await readAll(fleet))['events'];
    const killed = new Error('killed');
    const blobs = blobsOf('fleet');
    let puts = 0;
    const over: Partial<ImportParts> =
      where === 'blobs'
        ? { blobs: { ...blobs, put: (...put) => (++puts > 3 ? Promise.reject(killed) : blobs.put(...put)) } }
        : {
            rows: {
              importedAtMs: (of) => fleet.rows.importedAtMs(of),
              importAll: (fence, source, how) =>
                how.isTrial ? fleet.rows.importAll(fence, source, how) : Promise.reject(killed),
            },
          };
    await expect(importFolder(await partsOf(fleet, over), await sourceOf())).rejects.toBe(killed);
    expect((await readAll(fleet))['events']).toEqual(before);
    expect((await fleet.leases.current(controlPlaneLease))?.holder ?? null).toBeNull();
    expect(await importFolder(await partsOf(fleet), await sourceOf())).toBe(true);
    for (const digest of kept) expect(await blobsOf('fleet').verify(digest)).toMatchObject({ ok: true });
    expect(await fleet.releases('digits', 'prod')).toHaveLength(2);
  });

  it('are refused whole where the fleet has the same release or the same version otherwise', async () => {
    await usedAlone();
    const fleet = await aFleet();
    await fleet.transaction(await fenceOf(fleet), (tx) => tx.addModelVersion(aModel(digestOf('other'))));
    const before = await readAll(fleet);
    await expect(importFolder(await partsOf(fleet), await sourceOf())).rejects.toMatchObject({
      code: 'import-conflict',
      category: 'conflict',
      message: expect.stringMatching(
        new RegExp(`prod/digits/1 is version 1, digest ${digestOf('one')} in .*alone, and .*${digestOf('other')} in`),
      ) as string,
      next: expect.stringContaining('by itself') as string,
    });
    const after = await readAll(fleet);
    expect({ ...after, leases: [] }).toEqual({ ...before, leases: [] });
    expect(await readdir(at('fleet'))).not.toContain('blobs');
  });

  it('are refused where the same bytes have another version, and where releases stand there already', async () => {
    await usedAlone();
    const fleet = await openOne('fleet');
    const fence = await fenceOf(fleet);
    await fleet.transaction(fence, async (tx) => {
      await tx.addModelVersion(aModel(digestOf('other'), 'digits'));
      await tx.addModelVersion(aModel(digestOf('one'), 'digits'));
    });
    await expect(importFolder(await partsOf(fleet), await sourceOf())).rejects.toMatchObject({
      code: 'import-conflict',
    });
    const another = await openOne('another');
    await another.transaction(await fenceOf(another), (tx) => tx.addRelease({ ...aRelease(), createdBy: 'bob' }));
    await expect(importFolder(await partsOf(another), await sourceOf())).rejects.toMatchObject({
      code: 'import-conflict',
      details: { table: 'releases', key: 'digits/prod/1' },
    });
  });

  it('are refused while somebody holds a lease there or here, and where a rollback is only journaled', async () => {
    await usedAlone();
    const fleet = await aFleet();
    const entry = { id: 'one' } as JournalEntry;
    const journal = { read: () => Promise.resolve({ entries: [entry], damaged: [] }) };
    await expect(importFolder(await partsOf(fleet), await sourceOf('alone', { journal }))).rejects.toMatchObject({
      code: 'journal-not-empty',
    });
    const other = { holder: 'other', ttlMs: 60_000, nowMs: clock.nowMs() };
    const here = await fleet.leases.acquire({ lease: controlPlaneLease, ...other });
    await expect(importFolder(await partsOf(fleet), await sourceOf())).rejects.toMatchObject({ code: 'up-running' });
    if (here !== null) await fleet.leases.release(here);
    const alone = await openOne('alone');
    await alone.leases.acquire({ lease: controlPlaneLease, ...other });
    await expect(importFolder(await partsOf(fleet), await sourceOf())).rejects.toMatchObject({ code: 'up-running' });
    expect(await fleet.releases('digits', 'prod')).toEqual([]);
  });

  it('are refused where somebody writes there meanwhile, or wrote there after they had come', async () => {
    await usedAlone();
    const fleet = await aFleet();
    const source = await sourceOf();
    const alone = await openOne('alone');
    const write = async (atMs: number) => {
      const lease = await fenceOf(alone);
      await alone.transaction(lease, (tx) => tx.appendEvent(anEvent('late', atMs)));
      await alone.leases.release(lease);
    };
    await write(1);
    await expect(importFolder(await partsOf(fleet), source)).rejects.toMatchObject({ code: 'import-disturbed' });
    expect(await importFolder(await partsOf(fleet), await sourceOf())).toBe(true);
    await write(clock.nowMs() + 1);
    await expect(importFolder(await partsOf(fleet), await sourceOf())).rejects.toMatchObject({
      code: 'import-diverged',
    });
  });

  it.each([1, 2, 3, 4])('come from schema version %i', async (version) => {
    const file = at('alone', 'store.sqlite');
    const backend = await sqliteBackend({ file, clock });
    await migrate(
      backend,
      released.filter((each) => each.version <= version),
    );
    const row = { seq: 1, service: 'digits', environment: 'prod', kind: 'release.live', summary: 's' };
    const event = { ...row, event_by: 'ada', at_ms: 1, data_json: '{"release":1}' };
    await backend.write.insertInto('events').values(event).execute();
    await backend.write.insertInto('counters').values({ series: 'events', value: 1 }).execute();
    await backend.close();
    const fleet = await aFleet();
    expect(await importFolder(await partsOf(fleet), await sourceOf())).toBe(true);
    expect(await fleet.events({ service: 'digits' })).toMatchObject([{ seq: 3 }]);
    expect([...(await fleet.releaseOutcomes('digits', 'prod'))]).toEqual([[1, 'was-live']]);
    expect(await importFolder(await partsOf(fleet), await sourceOf())).toBe(false);
  });

  it('are refused from a newer schema, by the name of the file', async () => {
    await usedAlone();
    const backend = await sqliteBackend({ file: at('alone', 'store.sqlite'), clock });
    await backend.write.insertInto('schema_migrations').values({ version: 99, name: 'later' }).execute();
    await backend.close();
    await expect(sourceOf()).rejects.toMatchObject({
      code: 'store-newer',
      message: expect.stringContaining(at('alone', 'store.sqlite')) as string,
    });
  });

  it('come with blobs and secrets where there is no store', async () => {
    const { digest } = await blobsOf('alone').put(new TextEncoder().encode('golden'));
    await makeFileSecrets(at('alone'), writeDurably).set('key', 'value', 'abc');
    const fleet = await aFleet();
    const source: SourceFolder = {
      ...{ stateFolder: at('alone'), store: null, blobs: blobsOf('alone'), journal: null },
      secrets: makeSecretsToImport(at('alone'), at('fleet'), writeDurably),
    };
    await importFolder(await partsOf(fleet), source);
    expect(await blobsOf('fleet').has(digest)).toBe(true);
    expect(await readFile(at('fleet', 'secrets', 'key', 'value'), 'utf8')).toBe('abc');
  });

  it('come without a blob that is damaged there, and say so', async () => {
    const kept = await usedAlone();
    const hex = String(kept[0]).slice('sha256:'.length);
    const file = at('alone', 'blobs', 'sha256', hex.slice(0, 2), hex.slice(2));
    await rm(file);
    await writeFile(file, 'damaged');
    const notes: string[] = [];
    await importFolder(await partsOf(await aFleet(), { terminal: contextOf({ notes }).terminal }), await sourceOf());
    expect(notes).toEqual([`blob ${kept[0]} of ${at('alone')} is corrupt, and was not imported`]);
    expect(await blobsOf('fleet').has(kept[0] as Digest)).toBe(false);
  });
});
