import { mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { backup, DatabaseSync } from 'node:sqlite';
import { digestOf } from '../../../core/units/digest.ts';
import type { StoreRows } from '../../../ports/records/backup.ts';
import type { Clock } from '../../../ports/process/clock.ts';
import { storeNewer } from '../migrate.ts';
import { storeIdentity } from '../migrations/0003-store-identity.ts';
import { schemaVersion } from '../schema-version.ts';
import { sqliteError } from './sqlite-errors.ts';
import { openSqliteStore } from './sqlite-store.ts';

/** A store as it was when it was copied, at the schema of this version. */
export interface CopiedStore {
  readonly rows: StoreRows;
  /** Whether somebody wrote to the store that was copied. */
  hasChanged(): boolean;
  /** Removes the copy. */
  close(): Promise<void>;
}

/** Pages that are copied between two looks at the event loop. */
const pagesAtOnce = 2_000;

/**
 * Copies a store that only may be read, and brings the copy up to date. A copy that was left behind is made again.
 * @param folder of the copy alone.
 * @throws PlimsollError `store-newer` (conflict), `store-corrupt` (corrupt), and as a store.
 */
export async function copySqliteStore(file: string, folder: string, clock: Clock): Promise<CopiedStore> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const source = reading(file, () => new DatabaseSync(file, { readOnly: true }));
  try {
    const before = versionOfData(source);
    const version = reading(file, () => versionOfSchema(source));
    if (version > schemaVersion) throw storeNewer(file, version, schemaVersion);
    const copy = path.join(folder, 'store.sqlite');
    await backup(source, copy, { rate: pagesAtOnce }).catch((thrown: unknown) => {
      throw sqliteError(thrown, file);
    });
    const store = await openSqliteStore({ file: copy, clock });
    if (version < storeIdentity.version) nameCopy(copy, file);
    return {
      rows: store.rows,
      hasChanged: () => versionOfData(source) !== before,
      async close() {
        source.close();
        await store.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  } catch (thrown) {
    source.close();
    throw thrown;
  }
}

/** A store from before stores had an identity gets another one in each copy; where it is must do. */
function nameCopy(copy: string, file: string): void {
  const database = new DatabaseSync(copy);
  database.prepare('update store_identity set id = ?').run(digestOf(file));
  database.close();
}

/** Moves on when another connection commits. */
function versionOfData(database: DatabaseSync): unknown {
  return database.prepare('pragma data_version').get()?.['data_version'];
}

function versionOfSchema(database: DatabaseSync): number {
  const table = database.prepare("select 1 from sqlite_master where name = 'schema_migrations'").get();
  if (table === undefined) return 0;
  return Number(database.prepare('select max(version) as version from schema_migrations').get()?.['version'] ?? 0);
}

function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    throw sqliteError(thrown, file);
  }
}
