import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, copyFile, mkdir, mkdtemp, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Clock } from '../../../ports/process/clock.ts';
import type { Store } from '../../../ports/records/store.ts';
import { anEvent, fenceOf } from '../../../testing/builders/store-builders.ts';
import { storeContract } from '../../../testing/contracts/store/store-contract.ts';
import { bundleProgram } from '../../../testing/rigs/bundled-program.ts';
import { systemClock } from '../../system/clock.ts';
import { migrate, released } from '../migrate.ts';
import { schemaVersion } from '../schema-version.ts';
import { readRecords } from './read-records.ts';
import { openSqliteStore, sqliteBackend } from './sqlite-store.ts';

const folders: string[] = [];
const newFile = async (): Promise<string> => {
  const folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-store-'));
  folders.push(folder);
  return path.join(folder, 'state', 'store.sqlite');
};
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

/** A store that was just made, for tests to copy: its migrations take longer than most tests of the contract. */
let made: string;
beforeAll(async () => {
  made = path.join(await mkdtemp(path.join(tmpdir(), 'plimsoll-store-')), 'store.sqlite');
  await (await openSqliteStore({ file: made, clock: systemClock })).close();
}, 120_000);
afterAll(() => rm(path.dirname(made), { recursive: true, force: true }));

storeContract('sqlite', async () => {
  const file = await newFile();
  await mkdir(path.dirname(file));
  await copyFile(made, file);
  return { store: await openSqliteStore({ file, clock: systemClock }) };
});

const opened = async (file: string, use: (store: Store) => Promise<void>): Promise<void> => {
  const store = await openSqliteStore({ file, clock: systemClock });
  try {
    await use(store);
  } finally {
    await store.close();
  }
};

describe('the file', () => {
  it('is in WAL mode with full synchronization, and keeps what was written when it is opened again', async () => {
    const file = await newFile();
    await opened(file, async (store) => {
      await store.transaction(await fenceOf(store), (tx) => tx.appendEvent(anEvent('kept')));
    });
    expect(pragma(file, 'journal_mode')).toBe('wal');
    await opened(file, async (store) => {
      expect((await store.events({})).map(({ kind }) => kind)).toEqual(['kept']);
      const { seq } = await store.transaction(await fenceOf(store), (tx) => tx.appendEvent(anEvent('next')));
      expect(seq).toBe(2);
    });
  });

  it('and what lies beside it are for their owner alone, also those that an older version made', async () => {
    const file = await newFile();
    const modes = () =>
      Promise.all(['', '-wal', '-shm'].map(async (end) => ((await stat(file + end)).mode & 0o777).toString(8)));
    await opened(file, async () => expect(await modes()).toEqual(['600', '600', '600']));
    await chmod(file, 0o644);
    await opened(file, async () => expect(await modes()).toEqual(['600', '600', '600']));
  });

  it('that is no database is refused by name', async () => {
    const file = await newFile();
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, 'this is not a database, however long it is '.repeat(100));
    await expect(openSqliteStore({ file, clock: systemClock })).rejects.toMatchObject({
      code: 'store-corrupt',
      category: 'corrupt',
      message: expect.stringContaining(file),
    });
  });

  it('that was damaged is reported by name, or by the check', async () => {
    const file = await newFile();
    await opened(file, async (store) => {
      const fence = await fenceOf(store);
      await store.transaction(fence, async (tx) => {
        for (let n = 0; n < 500; n += 1) await tx.appendEvent(anEvent(`event.${n}`));
      });
    });
    const handle = await open(file, 'r+');
    const { size } = await handle.stat();
    for (let at = size - 4096; at > size / 2; at -= 4096) await handle.write(Buffer.alloc(2048, 0x5a), 0, 2048, at);
    await handle.close();
    const found: string[] = [];
    await opened(file, async (store) => {
      found.push(...(await store.check()));
      await store.events({}).catch((thrown: Error) => found.push(thrown.message));
    }).catch((thrown: Error) => found.push(thrown.message));
    expect(found.length).toBeGreaterThan(0);
  });

  it('of a newer schema is refused in a sentence', async () => {
    const file = await newFile();
    await opened(file, () => Promise.resolve());
    const database = new DatabaseSync(file);
    database.exec("insert into schema_migrations (version, name) values (99, 'from the future')");
    database.close();
    await expect(openSqliteStore({ file, clock: systemClock })).rejects.toMatchObject({
      code: 'store-newer',
      message: `the store ${file} is at schema version 99, and this Plimsoll knows ${schemaVersion} at most: a newer Plimsoll wrote it`,
    });
    expect(await readFile(file)).toBeDefined();
  });

  it('of an older schema gives models, and data that it has, to every service whose releases use them', async () => {
    const file = await newFile();
    const older = await sqliteBackend({ file, clock: systemClock });
    await migrate(older, released.slice(0, 8));
    await older.close();
    const database = new DatabaseSync(file);
    const insert = database.prepare('insert into releases values (?, ?, ?, ?)');
    const release = (service: string, number: number, model: string, golden: string | null, environment = 'prod') => {
      const facts = { service, environment, model: { name: model }, createdBy: `${service}-${number}` };
      const made = { ...facts, golden: golden === null ? null : { dataName: golden }, createdAtMs: number };
      insert.run(service, environment, number, JSON.stringify(made));
    };
    database.exec("insert into data_versions values ('prod', 'rows', 1, 'd', '[]', 1, '[]', null, 1, 'ada', null)");
    release('chat', 1, 'own', null);
    release('chat', 2, 'both', 'rows');
    release('digits', 1, 'both', 'only-in-bundles');
    release('digits', 2, 'both', 'rows');
    release('digits', 1, 'own', 'rows', 'staging');
    database.close();
    await opened(file, async (store) => {
      const ownersOf = async (kind: 'model' | 'data', name: string, environment = 'prod') =>
        (await store.artifactClaims(environment, kind, name)).map(
          ({ service, standing, by, atMs }) => `${service} ${standing} ${by} ${atMs}`,
        );
      expect(await ownersOf('model', 'own')).toEqual(['chat owner chat-1 1']);
      expect(await ownersOf('model', 'own', 'staging')).toEqual(['digits owner digits-1 1']);
      expect(await ownersOf('model', 'both')).toEqual(['chat owner chat-2 2', 'digits owner digits-1 1']);
      expect(await ownersOf('data', 'rows')).toEqual(['chat owner chat-2 2', 'digits owner digits-2 2']);
      expect(await ownersOf('data', 'only-in-bundles')).toEqual([]);
      expect(await ownersOf('data', 'rows', 'staging')).toEqual([]);
      expect(await store.serviceClaim('digits', 'prod')).toBeNull();
    });
  });

  it('of an older schema gets the outcomes of its releases from all of its events', async () => {
    const file = await newFile();
    const older = await sqliteBackend({ file, clock: systemClock });
    await migrate(older, released.slice(0, 4));
    await older.close();
    const database = new DatabaseSync(file);
    const insert = database.prepare("insert into events values (?, 'digits', ?, ?, 'it happened', 'ada', 1, ?)");
    const append = (seq: number, kind: string, data: unknown, environment = 'prod') =>
      insert.run(seq, environment, kind, JSON.stringify(data));
    append(1, 'release.live', { release: 1 });
    append(2, 'release.failed', { release: 2 });
    append(3, 'release.live', { release: 1 }, 'staging');
    for (let seq = 4; seq < 1_600; seq += 1) append(seq, 'release.superseded', { release: seq });
    append(1_600, 'release.live', { release: 2 });
    append(1_601, 'release.failed', {});
    database.close();
    await opened(file, async (store) => {
      const outcomes = await store.releaseOutcomes('digits', 'prod');
      expect([outcomes.get(1), outcomes.get(2), outcomes.get(1_599)]).toEqual(['was-live', 'was-live', 'superseded']);
      expect(outcomes.size).toBe(1_598);
      expect([...(await store.releaseOutcomes('digits', 'staging'))]).toEqual([[1, 'was-live']]);
      expect(await store.check()).toEqual([]);
    });
  });

  it('whose outcomes are not those of its events is reported by the check', async () => {
    const file = await newFile();
    await opened(file, async (store) => {
      await store.transaction(await fenceOf(store), async (tx) => {
        for (const release of [1, 2]) await tx.appendEvent(anEvent('release.live', 1, { release }));
      });
    });
    const database = new DatabaseSync(file);
    database.exec("update release_outcomes set outcome = 'failed' where release = 1");
    database.exec('update release_outcomes set release = 3 where release = 2');
    database.close();
    await opened(file, async (store) => {
      expect(await store.check()).toEqual([
        'release_outcomes: release 1 of digits in prod is failed, and event 1 says was-live',
        'release_outcomes: release 2 of digits in prod is undecided, and event 2 says was-live',
        'release_outcomes: release 3 of digits in prod is was-live, and no event says so',
      ]);
    });
  });

  it('that was moved away, or replaced by another, is known to be astray', async () => {
    const file = await newFile();
    await opened(file, async (store) => {
      expect(await store.astray()).toBeNull();
      await rename(file, `${file}.moved`);
      expect(await store.astray()).toBe(
        `the store ${file} is not there any more: what is written now reaches nobody else`,
      );
      await writeFile(file, '');
      expect(await store.astray()).toContain('is another file than the one that was opened');
      await rename(`${file}.moved`, file);
      expect(await store.astray()).toBeNull();
    });
  });

  it('gives the records of evidence to a reader that loads nothing else, and says when only the store can', async () => {
    const file = await newFile();
    const waiver = { kind: 'cost' as const, reason: 'later', untilMs: 9, by: 'ada', atMs: 2 };
    expect(released.at(-1)?.version).toBe(schemaVersion);
    expect(readRecords(file, 'digits', 'prod')).toBeNull();
    await opened(file, async (store) => {
      await store.transaction(await fenceOf(store), (tx) => tx.addWaiver('digits', 'prod', waiver));
      expect(readRecords(file, 'digits', 'prod')).toEqual({ waivers: [waiver], invalidations: [] });
    });
    expect(readRecords(file, 'digits', 'prod')).toEqual({ waivers: [waiver], invalidations: [] });
    expect(readRecords(file, 'digits', 'staging')).toEqual({ waivers: [], invalidations: [] });
    const database = new DatabaseSync(file);
    database.exec("insert into schema_migrations (version, name) values (99, 'from the future')");
    database.close();
    expect(readRecords(file, 'digits', 'prod')).toBeNull();
  });

  it('whose place is taken by a folder is refused by name', async () => {
    const file = await newFile();
    await mkdir(file, { recursive: true });
    await expect(openSqliteStore({ file, clock: systemClock })).rejects.toMatchObject({
      code: 'store-unusable',
      category: 'unavailable',
      details: { path: file },
    });
  });

  it('whose folder cannot be made is refused by name', async () => {
    const file = await newFile();
    await writeFile(path.dirname(file), 'a file where the state folder should be');
    await expect(openSqliteStore({ file, clock: systemClock })).rejects.toMatchObject({ code: 'store-unusable' });
  });
});

describe('a lock of another process', () => {
  /** Time passes only by sleeping, which takes no time. */
  const fakeClock = (): Clock & { sleptMs: number } => {
    const clock = {
      sleptMs: 0,
      nowMs: () => 0,
      monotonicMs: () => clock.sleptMs,
      sleep: (durationMs: number) => {
        clock.sleptMs += durationMs;
        return new Promise<void>((resolve) => setImmediate(resolve));
      },
    };
    return clock;
  };

  it('is waited for, and named when it does not go away', async () => {
    const file = await newFile();
    const clock = fakeClock();
    const store = await openSqliteStore({ file, clock, lockWaitMs: 3_000 });
    const fence = await fenceOf(store);
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    const before = clock.sleptMs;
    await expect(store.transaction(fence, (tx) => tx.appendEvent(anEvent('late')))).rejects.toMatchObject({
      code: 'store-locked',
      category: 'unavailable',
      message: `another process holds the store ${file} locked; waited 3.0 s`,
    });
    expect(clock.sleptMs - before).toBe(3_000);
    expect(await store.events({})).toEqual([]);
    other.exec('commit');
    await store.transaction(fence, (tx) => tx.appendEvent(anEvent('after')));
    expect(await store.events({})).toHaveLength(1);
    other.close();
    await store.close();
  });

  it('that goes away in time costs only the wait', async () => {
    const file = await newFile();
    const clock = fakeClock();
    const store = await openSqliteStore({ file, clock, lockWaitMs: 3_000 });
    const fence = await fenceOf(store);
    const other = new DatabaseSync(file);
    other.exec('begin immediate');
    const writing = store.transaction(fence, (tx) => tx.appendEvent(anEvent('patient')));
    while (clock.sleptMs < 500) await new Promise((resolve) => setImmediate(resolve));
    other.exec('rollback');
    await writing;
    other.close();
    await store.close();
  });

  it('held over the whole file is named on opening', async () => {
    const file = await newFile();
    await opened(file, () => Promise.resolve());
    const other = new DatabaseSync(file);
    other.exec('pragma locking_mode = exclusive; begin exclusive');
    await expect(openSqliteStore({ file, clock: fakeClock(), lockWaitMs: 200 })).rejects.toMatchObject({
      code: 'store-locked',
    });
    other.exec('rollback');
    other.close();
  });
});

/** A process starts in a fraction of a second, or in several where the machine is busy. */
describe('several processes', { timeout: 120_000 }, () => {
  beforeAll(() => {
    storeProcess = bundleProgram(path.join(import.meta.dirname, '../../../testing/rigs/programs/store-process.ts'));
  }, 120_000);

  it('that open a new store at once all find it migrated', async () => {
    const file = await newFile();
    const ends = await Promise.all(Array.from({ length: 4 }, () => finished(startProcess(file, 'open'))));
    expect(ends).toEqual(Array.from({ length: 4 }, () => ({ status: 0, lines: ['open'] })));
    await opened(file, async (store) => expect(await store.check()).toEqual([]));
  });

  it('that take a lease from each other never write under a token that was overtaken', async () => {
    const file = await newFile();
    const ends = await Promise.all(['a', 'b'].map((holder) => finished(startProcess(file, 'contend', holder, '60'))));
    const written = ends.flatMap(({ lines }) => lines.filter((line) => line.startsWith('written ')));
    await opened(file, async (store) => {
      const events = await store.events({});
      const tokens = events.map(({ data }) => Number(data['token']));
      expect(tokens).toEqual([...tokens].sort((a, b) => a - b));
      const holderOf = new Map<number, unknown>();
      for (const { data } of events) {
        const token = Number(data['token']);
        expect(holderOf.get(token) ?? data['holder']).toBe(data['holder']);
        holderOf.set(token, data['holder']);
      }
      expect(events).toHaveLength(written.length);
      expect(new Set(events.map(({ data }) => data['holder'])).size).toBe(2);
    });
    const others = ends.flatMap(({ lines }) => lines).filter((line) => line !== 'open' && !line.startsWith('written '));
    expect(new Set(others)).toEqual(new Set(others.length === 0 ? [] : ['lease-lost']));
  });

  it('killed at random moments lose no committed event and leave no half transaction', async () => {
    const file = await newFile();
    const acknowledged: number[] = [];
    for (let kill = 0; kill < 10; kill += 1) {
      const child = startProcess(file, 'append', `holder-${kill}`);
      const lines = linesOf(child);
      const committed = (): readonly string[] => lines().filter((line) => /^\d+$/.test(line));
      // Counted in events, for how many a busy disk takes in so many milliseconds nobody knows.
      while (committed().length < 1 + (kill % 4)) await once(child.stdout!, 'data');
      await systemClock.sleep((kill * 37) % 60);
      child.kill('SIGKILL');
      await once(child, 'close');
      acknowledged.push(...committed().map(Number));
    }
    expect(acknowledged.length).toBeGreaterThan(10);
    await opened(file, async (store) => {
      const kinds = new Map((await store.events({})).map(({ seq, kind }) => [seq, kind]));
      expect([...kinds.keys()]).toEqual(Array.from({ length: kinds.size }, (_, n) => n + 1));
      for (const [seq, kind] of kinds) expect(kind).toBe(seq % 2 === 1 ? 'first.of-two' : 'second.of-two');
      expect(kinds.size % 2).toBe(0);
      expect(acknowledged.filter((seq) => !kinds.has(seq))).toEqual([]);
      expect(await store.check()).toEqual([]);
    });
  });
});

function pragma(file: string, name: string): unknown {
  const database = new DatabaseSync(file);
  try {
    return database.prepare(`pragma ${name}`).get()?.[name];
  } finally {
    database.close();
  }
}

let storeProcess: string;

function startProcess(file: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [storeProcess, file, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** Whole lines only: what was cut off by a kill was not acknowledged. */
function linesOf(child: ChildProcess): () => readonly string[] {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return () => output.split('\n').slice(0, -1);
}

async function finished(child: ChildProcess): Promise<{ status: unknown; lines: readonly string[] }> {
  const lines = linesOf(child);
  const [status] = (await once(child, 'close')) as [unknown];
  return { status, lines: lines() };
}
