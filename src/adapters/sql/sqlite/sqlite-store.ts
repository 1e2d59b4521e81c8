import { chmodSync, closeSync, mkdirSync, openSync, statSync } from 'node:fs';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler, sql, type Dialect } from 'kysely';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import type { SqlBackend } from '../backend.ts';
import { sqlStore, type SqlStore } from '../store.ts';
import type { Tables } from '../tables.ts';
import { SqliteDriver, type SqliteConnectionOptions } from './sqlite-driver.ts';
import { isBusy, sqliteError } from './sqlite-errors.ts';

export interface SqliteStoreOptions {
  /** Absolute path of the database; made, with its folder, when it is missing. */
  readonly file: string;
  readonly clock: Clock;
  /** Default 5,000. */
  readonly lockWaitMs?: number;
}

/**
 * Opens the embedded store. WAL, so that readers and the one writer do not wait for each other; synchronous FULL, so that
 * what was committed survives a power cut.
 * @throws PlimsollError `store-locked`, `storage-full`, `store-unusable` (unavailable), `store-corrupt` (corrupt),
 *   `store-newer` (conflict).
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<SqlStore> {
  return sqlStore(await sqliteBackend(options));
}

export async function sqliteBackend({ file, clock, lockWaitMs = 5_000 }: SqliteStoreOptions): Promise<SqlBackend> {
  const connection: SqliteConnectionOptions = { file, clock, lockWaitMs };
  makeFolder(path.dirname(file));
  closeToOthers(file);
  const writing = await openDatabase(connection, (database) => {
    const mode = database.prepare('pragma journal_mode').get()?.['journal_mode'];
    if (mode !== 'wal') database.exec('pragma journal_mode = wal');
    database.exec('pragma synchronous = full');
  });
  const openReading = () => openDatabase(connection, (database) => database.exec('pragma query_only = on'));
  const reading = await openReading();
  const opened = fileIdentity(file);
  const write = new Kysely<Tables>({ dialect: sqliteDialect(writing, connection) });
  const read = new Kysely<Tables>({ dialect: sqliteDialect(reading, connection) });
  return {
    kind: 'sqlite',
    location: file,
    read,
    write,
    async snapshot(work) {
      const dialect = sqliteDialect(await openReading(), { ...connection, readsOnly: true });
      const db = new Kysely<Tables>({ dialect });
      return db
        .transaction()
        .execute(work)
        .finally(() => db.destroy());
    },
    async hasTable(db, table) {
      const { rows } = await sql`select 1 from sqlite_master where type = 'table' and name = ${table}`.execute(db);
      return rows.length > 0;
    },
    // A transaction here is IMMEDIATE, so that it is the only one already.
    lockForMigration: () => Promise.resolve(),
    async integrityProblems() {
      const { rows } = await sql<{ integrity_check: string }>`pragma integrity_check`.execute(read);
      return rows.map((row) => row.integrity_check).filter((line) => line !== 'ok');
    },
    astray() {
      const now = fileIdentity(file);
      if (now === opened) return Promise.resolve(null);
      const what = now === null ? 'is not there any more' : 'is another file than the one that was opened';
      return Promise.resolve(`the store ${file} ${what}: what is written now reaches nobody else`);
    },
    async close() {
      for (const database of [reading, writing]) if (database.isOpen) database.close();
      await Promise.resolve();
    },
  };
}

function sqliteDialect(database: DatabaseSync, options: SqliteConnectionOptions): Dialect {
  return {
    createAdapter: () => new SqliteAdapter(),
    createDriver: () => new SqliteDriver(database, options),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  };
}

/** Which file stands there, whatever its name; null when none does. */
function fileIdentity(file: string): string | null {
  const facts = statSync(file, { bigint: true, throwIfNoEntry: false });
  return facts === undefined ? null : `${facts.dev}:${facts.ino}`;
}

/** Two processes that open a new file at once may each find it locked for a moment, also while they only set it up. */
async function openDatabase(
  { file, clock, lockWaitMs }: SqliteConnectionOptions,
  setUp: (database: DatabaseSync) => void,
): Promise<DatabaseSync> {
  const startMs = clock.monotonicMs();
  for (;;) {
    let database: DatabaseSync | undefined;
    try {
      database = new DatabaseSync(file, { enableForeignKeyConstraints: true, timeout: 0 });
      setUp(database);
      return database;
    } catch (thrown) {
      if (database?.isOpen === true) database.close();
      const waitedMs = clock.monotonicMs() - startMs;
      if (!isBusy(thrown) || waitedMs >= lockWaitMs) throw sqliteError(thrown, file, waitedMs);
      await clock.sleep(10);
    }
  }
}

/** SQLite gives the files beside it the mode of the database. What cannot be changed here is said by whoever opens it. */
function closeToOthers(file: string): void {
  try {
    closeSync(openSync(file, 'a', 0o600));
    const { mode, uid } = statSync(file);
    if ((mode & 0o077) !== 0 && uid === process.getuid?.()) chmodSync(file, 0o600);
  } catch {
    // A folder that cannot be written, or a file of somebody else.
  }
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (thrown) {
    const code = thrown instanceof Error ? String((thrown as NodeJS.ErrnoException).code) : '';
    throw new PlimsollError({
      code: code === 'ENOSPC' || code === 'EDQUOT' ? 'storage-full' : 'store-unusable',
      category: 'unavailable',
      message: `cannot make the state folder ${folder} (${code})`,
      next: 'mend the folder above it, or name another state folder with --state',
      details: { path: folder },
      cause: thrown,
    });
  }
}
