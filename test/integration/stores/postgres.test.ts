import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket, connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { SqlBackend } from '../../../src/adapters/sql/backend.ts';
import { migrate, released } from '../../../src/adapters/sql/migrate.ts';
import { openPostgresStore, postgresBackend } from '../../../src/adapters/sql/postgres/postgres-store.ts';
import { readRecords } from '../../../src/adapters/sql/postgres/read-records.ts';
import { schemaVersion } from '../../../src/adapters/sql/schema-version.ts';
import { sqliteBackend } from '../../../src/adapters/sql/sqlite/sqlite-store.ts';
import { sqlStore } from '../../../src/adapters/sql/store.ts';
import { systemClock } from '../../../src/adapters/system/clock.ts';
import { PlimsollError } from '../../../src/core/units/errors.ts';
import { EventFeed } from '../../../src/control-plane/page/event-feed.ts';
import { aModel, anEvent, fenceOf } from '../../../src/testing/builders/store-builders.ts';
import { storeContract } from '../../../src/testing/contracts/store/store-contract.ts';
import { missingPostgres, password, PostgresServer } from '../../peers/postgres-server.ts';

const why = missingPostgres === null ? '' : `: skipped, ${missingPostgres}`;

describe.skipIf(missingPostgres !== null)(`PostgreSQL${why}`, () => {
  let server: PostgresServer;
  const children: ChildProcess[] = [];
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => {
    for (const child of children) child.kill('SIGKILL');
    server?.remove();
    // A hundred databases are thirty thousand files.
  }, 600_000);
  const newUrl = async (): Promise<string> => server.url(await server.newDatabase());
  const run = (url: string, ...args: readonly string[]): ChildProcess => {
    const script = path.join(import.meta.dirname, 'postgres-process.ts');
    const child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, DATABASE_URL: url },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    return child;
  };
  const refusal = async (work: Promise<unknown>): Promise<PlimsollError> => {
    const thrown = await work.then(
      () => new Error('it was not refused'),
      (error: unknown) => error,
    );
    if (!(thrown instanceof PlimsollError)) throw thrown;
    const told = `${thrown.message} ${thrown.next} ${JSON.stringify(thrown)} ${String(thrown.cause)} ${thrown.stack}`;
    expect(told).not.toContain(password);
    expect(told).not.toContain(encodeURIComponent(password));
    expect(thrown.next).toBeDefined();
    return thrown;
  };

  // Tests of their own are about migrating. Here each database is a copy of one that was migrated.
  let migrated: Promise<string> | null = null;
  const migrateOnce = async (): Promise<string> => {
    const name = await server.newDatabase();
    await (await openPostgresStore({ url: server.url(name) })).close();
    return name;
  };
  storeContract('postgresql', async () => {
    const name = await server.newDatabase(await (migrated ??= migrateOnce()));
    return { store: await openPostgresStore({ url: server.url(name) }) };
  });

  describe('what is wrong is said with what, where and what next, and never with the password', () => {
    it.each([
      ['a password', (url: URL) => (url.password = 'wrong'), 'store-login-refused'],
      ['no password', (url: URL) => (url.password = ''), 'store-login-refused'],
      ['a user', (url: URL) => (url.username = 'nobody'), 'store-login-refused'],
      ['a database', (url: URL) => (url.pathname = '/missing'), 'store-database-missing'],
      ['a port', (url: URL) => (url.port = '1'), 'store-unreachable'],
      ['a host', (url: URL) => (url.hostname = 'no.such.host.invalid'), 'store-unreachable'],
    ])('%s that is not right', async (_what, change, code) => {
      const url = new URL(await newUrl());
      change(url);
      const error = await refusal(openPostgresStore({ url: url.href }));
      expect(error.code).toBe(code);
      expect(error.message).toContain('postgresql://');
    });

    it('an address that is none', async () => {
      for (const url of [
        'mysql://a:b@c/d',
        'postgresql://',
        'postgresql://u:p%@h/d',
        'rubbish',
        'postgresql://h/d?x=1',
      ]) {
        expect(await refusal(openPostgresStore({ url }))).toMatchObject({
          code: 'database-url-invalid',
          category: 'input',
        });
      }
    });

    it('a database that only reads, and one of another encoding', async () => {
      const name = await server.newDatabase();
      await server.ask(`alter database ${name} set default_transaction_read_only = on`);
      expect((await refusal(openPostgresStore({ url: server.url(name) }))).code).toBe('store-read-only');
      await server.ask("create database latin encoding 'LATIN1' template template0 locale 'C'");
      expect((await refusal(openPostgresStore({ url: server.url('latin') }))).code).toBe('store-encoding');
    });

    it('a user who may not make tables, and a server without a connection left', async () => {
      const name = await server.newDatabase();
      await server.ask("create role guest login password 'guest'");
      expect((await refusal(openPostgresStore({ url: server.url(name, 'guest', 'guest') }))).code).toBe(
        'store-forbidden',
      );
      await server.ask('alter role guest connection limit 0');
      const full = await refusal(openPostgresStore({ url: server.url(name, 'guest', 'guest') }));
      expect(full).toMatchObject({ code: 'store-connections-exhausted', category: 'overloaded' });
    });

    it('a text with a NUL character, which PostgreSQL cannot keep', async () => {
      const store = await openPostgresStore({ url: await newUrl() });
      const writing = store.transaction(await fenceOf(store), (tx) =>
        tx.appendEvent({ ...anEvent('k'), summary: 'a\0b' }),
      );
      expect(await refusal(writing)).toMatchObject({ code: 'text-unstorable', category: 'input' });
      await store.close();
    });

    it('a writer that hangs in its transaction: waited for, named, and ended by the server', async () => {
      const url = await newUrl();
      const store = await openPostgresStore({ url, bounds: { idleInTransactionTimeoutMs: 2_000 } });
      const other = await openPostgresStore({ url, bounds: { lockTimeoutMs: 300 } });
      const fence = await fenceOf(store);
      let letGo = (): void => undefined;
      const hanging = store.transaction(fence, async (tx) => {
        await tx.appendEvent(anEvent('hangs'));
        await new Promise<void>((resolve) => (letGo = resolve));
        return tx.appendEvent(anEvent('too.late'));
      });
      await delay(200);
      expect((await refusal(other.transaction(fence, (tx) => tx.appendEvent(anEvent('b'))))).code).toBe('store-locked');
      await delay(2_500);
      await other.transaction(fence, (tx) => tx.appendEvent(anEvent('goes.on')));
      letGo();
      expect((await refusal(hanging)).category).toBe('unavailable');
      expect((await other.events({})).map(({ kind }) => kind)).toEqual(['goes.on']);
      await store.transaction(fence, (tx) => tx.appendEvent(anEvent('again')));
      await Promise.all([store.close(), other.close()]);
    });

    it('a connection that breaks in the middle of a commit: the outcome is not known, and said so', async () => {
      const cut = await CommitCutter.start(server.port);
      const name = await server.newDatabase();
      const url = new URL(server.url(name));
      url.port = String(cut.port);
      const store = await openPostgresStore({ url: url.href });
      const fence = await fenceOf(store);
      cut.cutAtCommit = true;
      const error = await refusal(store.transaction(fence, (tx) => tx.appendEvent(anEvent('perhaps'))));
      expect(error).toMatchObject({ code: 'store-outcome-unknown', category: 'unavailable' });
      expect(error.next).toContain('plimsoll history');
      cut.cutAtCommit = false;
      await store.transaction(fence, (tx) => tx.appendEvent(anEvent('certain')));
      expect((await store.events({})).map(({ kind }) => kind)).toContain('certain');
      await store.close();
      await cut.stop();
    });
  });

  it('a store that is closed while connections are made keeps none: its process can end', async () => {
    const name = await server.newDatabase();
    const open = `select pid from pg_stat_activity where datname = '${name}'`;
    for (const waitMs of [0, 1, 3, 6, 12, 25]) {
      const store = await openPostgresStore({ url: server.url(name) });
      const asked = Array.from({ length: 8 }, () => store.heldServices().then(() => store.released()));
      await delay(waitMs);
      const closed = store.close();
      await Promise.allSettled([...asked, closed, store.heldServices()]);
      await expect.poll(() => server.ask(open), { timeout: 5_000 }).toEqual([]);
      await expect(store.heldServices()).rejects.toThrow();
    }
  });

  it('a database that was replaced by another, or emptied, is known to be astray', async () => {
    const [one, two] = [await server.newDatabase(), await server.newDatabase()];
    const store = await openPostgresStore({ url: server.url(one) });
    await (await openPostgresStore({ url: server.url(two) })).close();
    expect(await store.astray()).toBeNull();
    const sever = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${one}'`;
    await server.ask(sever);
    await server.ask(`alter database ${one} rename to kept`);
    await server.ask(`alter database ${two} rename to ${one}`);
    expect(await store.astray()).toContain('another store');
    await server.ask(sever);
    await server.ask(`drop database ${one}`);
    await server.ask(`create database ${one}`);
    expect(await store.astray()).toContain('holds no store any more');
    await store.close();
  });

  it('records of evidence are read without migrating, and an empty database has none', async () => {
    const name = await server.newDatabase();
    const url = server.url(name);
    expect(await readRecords(url, 'digits', 'prod')).toEqual({ waivers: [], invalidations: [] });
    const tables = "select 1 from information_schema.tables where table_schema = 'public'";
    expect(await server.ask(tables, name)).toEqual([]);
    const waiver = { kind: 'cost' as const, reason: 'later', untilMs: 9, by: 'ada', atMs: 2 };
    const store = await openPostgresStore({ url });
    await store.transaction(await fenceOf(store), (tx) => tx.addWaiver('digits', 'prod', waiver));
    expect(await readRecords(url, 'digits', 'prod')).toEqual({ waivers: [waiver], invalidations: [] });
    await server.ask("insert into schema_migrations values (99, 'from the future')", name);
    expect(await readRecords(url, 'digits', 'prod')).toBeNull();
    expect((await refusal(openPostgresStore({ url }))).code).toBe('store-newer');
    await server.ask(`update schema_migrations set readable_from = ${schemaVersion} where version = 99`, name);
    await (await openPostgresStore({ url })).close();
    await store.close();
    await expect(readRecords(url.replace(/:\d+\//, ':1/'), 'digits', 'prod')).rejects.toMatchObject({
      code: 'store-unreachable',
    });
  });

  it.each(['sqlite', 'postgresql'])(
    'a store of version 1 with rows in it becomes the newest one: %s',
    async (dialect) => {
      const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-migrate-'));
      const url = await newUrl();
      const backend = async (): Promise<SqlBackend> =>
        dialect === 'sqlite'
          ? sqliteBackend({ file: path.join(folder, 's'), clock: systemClock })
          : postgresBackend({ url }).backend;
      const old = await backend();
      await migrate(old, released.slice(0, 1));
      const db = old.write as unknown as Kysely<Record<string, Record<string, unknown>>>;
      const { createdAtMs, createdBy, files, facts, lineage, signature, ...plain } = aModel();
      const json = { files_json: files, facts_json: facts, lineage_json: lineage, signature_json: signature };
      const texts = Object.fromEntries(Object.entries(json).map(([column, value]) => [column, JSON.stringify(value)]));
      const made = { created_at_ms: createdAtMs, created_by: createdBy };
      await db
        .insertInto('model_versions')
        .values({ ...plain, ...texts, ...made, version: 1 })
        .execute();
      await db
        .insertInto('counters')
        .values({ series: JSON.stringify(['model', 'prod', 'digits']), value: 1 })
        .execute();
      const move = { environment: 'prod', name: 'digits', move: 1, alias: 'stable', from_version: null, to_version: 1 };
      await db
        .insertInto('alias_moves')
        .values({ ...move, reason: 'first', moved_by: 'ada', at_ms: 1 })
        .execute();
      await old.close();
      const store = await sqlStore(await backend());
      expect(await store.modelVersions('prod', 'digits')).toEqual([{ ...aModel(), version: 1 }]);
      expect(await store.aliases('prod', 'digits')).toEqual({ stable: 1 });
      const second = await store.transaction(await fenceOf(store), (tx) =>
        tx.addModelVersion({ ...aModel(), digest: `sha256:${'2'.repeat(64)}` }),
      );
      expect(second.version.version).toBe(2);
      expect(await store.check()).toEqual([]);
      await store.close();
      rmSync(folder, { recursive: true });
    },
  );

  it('a new database that eight open at once is migrated once', async () => {
    const name = await server.newDatabase();
    const stores = await Promise.all(Array.from({ length: 8 }, () => openPostgresStore({ url: server.url(name) })));
    const versions = await server.ask('select version from schema_migrations order by version', name);
    expect(versions.map(({ version }) => version)).toEqual(released.map(({ version }) => version));
    expect(await server.ask('select count(*)::int as ids from store_identity', name)).toEqual([{ ids: 1 }]);
    await Promise.all(stores.map((store) => store.close()));
  });

  it('writers that are killed lose no committed event, leave no half of one, and whoever follows misses none', async () => {
    const url = await newUrl();
    const store = await openPostgresStore({ url });
    const followed: number[] = [];
    const feed = new EventFeed(store, { service: 'digits', environment: 'prod' }, ({ seq }) => followed.push(seq));
    await feed.begin();
    const acknowledged: number[] = [];
    for (let kill = 0; kill < 8; kill += 1) {
      const child = run(url, 'append', `holder-${kill}`);
      const lines = linesOf(child);
      await untilLine(child, lines, /^\d+$/);
      for (let n = 0; n < 3; n += 1) {
        await delay(10 + ((kill * 37) % 60));
        await feed.read();
      }
      child.kill('SIGKILL');
      await once(child, 'close');
      acknowledged.push(...numbersOf(lines()));
    }
    await delay(100);
    await feed.read();
    await expectWholePairs(store, acknowledged);
    expect(followed).toEqual(Array.from({ length: followed.length }, (_, n) => n + 1));
    expect(followed).toHaveLength((await store.events({})).length);
    await store.close();
  });

  it('a server that crashes and comes back under load loses nothing that was acknowledged', async () => {
    // One of its own: after a crash PostgreSQL flushes every file of every database before it starts.
    const own = await PostgresServer.start(['fsync = on']);
    try {
      const url = own.url(await own.newDatabase());
      const child = run(url, 'append', 'steady');
      const lines = linesOf(child);
      for (let round = 0; round < 3; round += 1) {
        const before = numbersOf(lines()).length;
        await untilLine(
          child,
          () =>
            lines()
              .slice(-5)
              .filter(() => numbersOf(lines()).length > before + 20),
          /^\d+$/,
        );
        own.halt(round === 1 ? 'fast' : 'immediate');
        await delay(300);
        own.begin();
      }
      const before = numbersOf(lines()).length;
      await untilLine(child, () => lines().filter(() => numbersOf(lines()).length > before + 20), /^\d+$/);
      child.kill('SIGKILL');
      await once(child, 'close');
      const failures = new Set(lines().filter((line) => line.startsWith('failed ')));
      for (const failure of failures) expect(failure).toMatch(/^failed store-(unreachable|outcome-unknown)$/);
      expect(failures.size).toBeGreaterThan(0);
      const store = await openPostgresStore({ url });
      await expectWholePairs(store, numbersOf(lines()));
      await store.close();
    } finally {
      own.remove();
    }
  });

  it('of two control planes one acts; killed, the other takes over in the time of its lease; the old one cannot write', async () => {
    const url = await newUrl();
    const [a, b] = [run(url, 'control', 'a'), run(url, 'control', 'b')];
    const lines = { a: linesOf(a), b: linesOf(b) };
    const acted = (who: 'a' | 'b') => lines[who]().filter((line) => line.startsWith('acted'));
    while (acted('a').length + acted('b').length < 20) await delay(50);
    const first = acted('a').length > 0 ? 'a' : 'b';
    const second = first === 'a' ? 'b' : 'a';
    expect(acted(second)).toEqual([]);
    // Suspended first, so that it comes back and believes that it still holds the lease; killed only afterwards.
    const [old, next] = first === 'a' ? [a, b] : [b, a];
    old.kill('SIGSTOP');
    const stoppedMs = performance.now();
    while (acted(second).length === 0) await delay(20);
    const tookMs = performance.now() - stoppedMs;
    console.log(
      `postgresql: the second control plane acted ${Math.round(tookMs)} ms after the first was suspended (lease 2000 ms)`,
    );
    expect(tookMs).toBeLessThan(2_000 + 2_000);
    old.kill('SIGCONT');
    await untilLine(old, lines[first], /^refused lease-lost$/);
    next.kill('SIGKILL');
    const killedMs = performance.now();
    const count = acted(first).length;
    while (acted(first).length === count) await delay(20);
    expect(performance.now() - killedMs).toBeLessThan(2_000 + 2_000);
    old.kill('SIGKILL');
    const store = await openPostgresStore({ url });
    const tokens = (await store.events({ kindPrefix: 'acted' })).map(
      ({ data }) => [data['token'], data['holder']] as const,
    );
    expect(tokens.map(([token]) => token)).toEqual(
      tokens.map(([token]) => token).sort((x, y) => Number(x) - Number(y)),
    );
    expect(new Set(tokens.map(([token, holder]) => `${token} ${holder}`)).size).toBe(
      new Set(tokens.map(([t]) => t)).size,
    );
    expect(new Set(tokens.map(([token]) => token)).size).toBe(3);
    await store.close();
  });
});

/** A way to the server that breaks when COMMIT passes: the server commits, and the answer never arrives. */
class CommitCutter {
  cutAtCommit = false;
  readonly port: number;
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static start(to: number): Promise<CommitCutter> {
    let cutter: CommitCutter;
    const server = createServer((client: Socket) => {
      const upstream = connect(to, '127.0.0.1');
      let cut = false;
      client.on('data', (chunk) => {
        upstream.write(chunk);
        cut ||= cutter.cutAtCommit && chunk.toString('latin1').toLowerCase().includes('commit\0');
      });
      upstream.on('data', (chunk) => {
        if (cut) client.destroy();
        else client.write(chunk);
      });
      for (const [one, other] of [
        [client, upstream],
        [upstream, client],
      ] as const) {
        one.on('error', () => other.destroy());
        one.on('close', () => other.destroy());
      }
    });
    return new Promise((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        cutter = new CommitCutter(server, typeof address === 'object' && address !== null ? address.port : 0);
        resolve(cutter);
      });
    });
  }

  stop(): Promise<unknown> {
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

async function expectWholePairs(
  store: Awaited<ReturnType<typeof openPostgresStore>>,
  acknowledged: readonly number[],
): Promise<void> {
  const kinds = new Map<number, string>();
  for (let after = 0; ;) {
    const events = await store.events({ afterSeq: after });
    for (const { seq, kind } of events) kinds.set(seq, kind);
    if (events.length === 0) break;
    after = events.at(-1)?.seq ?? after;
  }
  expect([...kinds.keys()]).toEqual(Array.from({ length: kinds.size }, (_, n) => n + 1));
  for (const [seq, kind] of kinds) expect(kind).toBe(seq % 2 === 1 ? 'first.of-two' : 'second.of-two');
  expect(acknowledged.length).toBeGreaterThan(10);
  expect(acknowledged.filter((seq) => !kinds.has(seq))).toEqual([]);
  expect(await store.check()).toEqual([]);
}

/** Whole lines only: what was cut off by a kill was not acknowledged. */
function linesOf(child: ChildProcess): () => readonly string[] {
  let output = '';
  child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return () => output.split('\n').slice(0, -1);
}

const numbersOf = (lines: readonly string[]): readonly number[] =>
  lines.filter((line) => /^\d+$/.test(line)).map(Number);

async function untilLine(child: ChildProcess, lines: () => readonly string[], pattern: RegExp): Promise<void> {
  const giveUpMs = performance.now() + 60_000;
  while (!lines().some((line) => pattern.test(line))) {
    if (child.exitCode !== null || performance.now() > giveUpMs)
      throw new Error(`no line ${pattern}: ${lines().slice(-5).join(' | ')}`);
    await delay(10);
  }
}
