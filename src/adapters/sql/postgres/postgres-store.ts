import { Kysely, PostgresAdapter, PostgresIntrospector, PostgresQueryCompiler, sql, type Dialect } from 'kysely';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { SqlBackend } from '../backend.ts';
import { sqlStore, type SqlStore } from '../store.ts';
import type { Tables } from '../tables.ts';
import { parseDatabaseUrl, type DatabaseAddress } from './database-url.ts';
import { defaultBounds, type PostgresBounds } from './postgres-bounds.ts';
import { PostgresDriver } from './postgres-driver.ts';

export interface PostgresStoreOptions {
  /** As `parseDatabaseUrl` takes it. */
  readonly url: string;
  readonly bounds?: Partial<PostgresBounds>;
}

/** One process writes through one connection, and reads through these beside it. */
const readersAtMost = 4;

/** A snapshot locks nobody out, and who reads it may wait for a disk. */
const snapshotIdleMs = 300_000;

/**
 * Opens the store in a PostgreSQL database, its schema brought up to date.
 * @throws PlimsollError `database-url-invalid` (input); `store-unreachable`, `store-login-refused`,
 *   `store-database-missing`, `store-read-only`, `store-forbidden`, `store-encoding`, `store-locked`, `store-slow`,
 *   `storage-full` (unavailable); `store-connections-exhausted` (overloaded); `store-newer` (conflict).
 */
export async function openPostgresStore(options: PostgresStoreOptions): Promise<SqlStore> {
  const { backend, remember } = postgresBackend(options);
  const store = await sqlStore(backend);
  try {
    await remember();
    return store;
  } catch (thrown) {
    await store.close();
    throw thrown;
  }
}

export function postgresBackend({ url, bounds }: PostgresStoreOptions): {
  readonly backend: SqlBackend;
  /** Reads which store this is, so that `astray` can tell another one. To be called once, after migrating. */
  remember(): Promise<void>;
} {
  const address = parseDatabaseUrl(url);
  const within = { ...defaultBounds, ...bounds };
  const write = new Kysely<Tables>({ dialect: dialect(new PostgresDriver(address, within, 1)) });
  const read = new Kysely<Tables>({ dialect: dialect(new PostgresDriver(address, within, readersAtMost)) });
  let opened: string | null = null;
  const backend: SqlBackend = {
    kind: 'postgresql',
    location: address.shown,
    read,
    write,
    async snapshot(work) {
      const patient = { ...within, idleInTransactionTimeoutMs: snapshotIdleMs };
      const db = new Kysely<Tables>({ dialect: dialect(new PostgresDriver(address, patient, 1, true)) });
      return db
        .transaction()
        .execute(work)
        .finally(() => db.destroy());
    },
    async hasTable(db, table) {
      const { rows } =
        await sql`select 1 from information_schema.tables where table_schema = current_schema() and table_name = ${table}`.execute(
          db,
        );
      return rows.length > 0;
    },
    // Every transaction takes the store's advisory lock as it begins, so that it is the only one already.
    lockForMigration: () => Promise.resolve(),
    integrityProblems: () => integrityProblems(read),
    async astray() {
      const now = await idOf(read, backend);
      if (opened === null || now === opened) return null;
      const what = now === null ? 'holds no store any more' : 'holds another store than the one that was opened';
      return `the database ${address.shown} ${what}: what was written before is not in it`;
    },
    async close() {
      await Promise.all([write.destroy(), read.destroy()]);
    },
  };
  return {
    backend,
    async remember() {
      opened = await idOf(read, backend);
      if (opened === null) throw withoutIdentity(address);
    },
  };
}

function dialect(driver: PostgresDriver): Dialect {
  return {
    createAdapter: () => new PostgresAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

async function idOf(db: Kysely<Tables>, backend: SqlBackend): Promise<string | null> {
  if (!(await backend.hasTable(db, 'store_identity'))) return null;
  return (await db.selectFrom('store_identity').select('id').executeTakeFirst())?.id ?? null;
}

/** PostgreSQL checks pages as it reads them; what can be told here is whether every table and counter can be read. */
async function integrityProblems(db: Kysely<Tables>): Promise<readonly string[]> {
  const tables = ['events', 'releases', 'release_outcomes', 'model_versions', 'data_versions', 'alias_moves'] as const;
  const problems: string[] = [];
  for (const table of tables) {
    try {
      await sql`select md5(string_agg(t::text, '')) from ${sql.table(table)} t`.execute(db);
    } catch (thrown) {
      problems.push(`${table}: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    }
  }
  const { rows } = await sql<{ last: number | null; counted: number | null }>`
    select (select max(seq) from events) as last, (select value from counters where series = 'events') as counted
  `.execute(db);
  const [row] = rows;
  if ((row?.last ?? 0) > (row?.counted ?? 0)) {
    problems.push(`events: the newest is ${row?.last}, and the counter stands at ${row?.counted ?? 0}`);
  }
  return problems;
}

function withoutIdentity({ shown }: DatabaseAddress): PlimsollError {
  return new PlimsollError({
    code: 'store-corrupt',
    category: 'corrupt',
    message: `the database ${shown} has the tables of a store, and no identity`,
    next: 'bring back a backup of the database',
    details: { location: shown },
  });
}
