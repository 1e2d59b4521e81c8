import { sql, type Kysely } from 'kysely';
import type { StoredRow, StoreRows } from '../../../ports/records/backup.ts';
import type { SqlBackend } from '../backend.ts';
import { importMark } from '../import/import-mark.ts';
import { importRows } from '../import/import-rows.ts';
import { sqlReader } from '../reader.ts';
import { schemaVersion } from '../schema-version.ts';
import { replaceRows } from './replace-rows.ts';
import { recordTables, tableKeys, type AnyTables, type RecordTable } from './table-keys.ts';

/** Bounds the memory: rows of a table that are held at once. */
const rowsAtOnce = 200;

/** The rows of a store whose schema is up to date. */
export function sqlRows(backend: SqlBackend): StoreRows {
  return {
    kind: backend.kind,
    schemaVersion,
    snapshot: (work) =>
      backend.snapshot(async (db) => {
        const { id } = await db.selectFrom('store_identity').select('id').executeTakeFirstOrThrow();
        return work({
          reader: sqlReader(db),
          identity: id,
          tables: recordTables,
          rows: (table) => readRows(db as unknown as Kysely<AnyTables>, table as RecordTable),
        });
      }),
    replaceAll: (held, rows) => backend.write.transaction().execute((tx) => replaceRows(tx, backend, held, rows)),
    async importedAtMs(identity) {
      const mark = backend.read.selectFrom('journaled').select('at_ms').where('id', '=', importMark(identity));
      return (await mark.executeTakeFirst())?.at_ms ?? null;
    },
    importAll: (fence, source, how) => importRows(backend, fence, source, how),
  };
}

/** Each read goes on after the key of the last row of the one before it. */
async function* readRows(db: Kysely<AnyTables>, table: RecordTable): AsyncGenerator<readonly StoredRow[]> {
  const key: readonly string[] = tableKeys[table];
  const columns = sql.join(key.map((column) => sql.ref(column)));
  for (let last: StoredRow | undefined; ;) {
    let query = db.selectFrom(table).selectAll().orderBy(columns).limit(rowsAtOnce);
    if (last !== undefined) {
      const values = sql.join(key.map((column) => last?.[column]));
      query = query.where(sql<boolean>`(${columns}) > (${values})`);
    }
    const rows: readonly StoredRow[] = await query.execute();
    if (rows.length > 0) yield rows;
    if (rows.length < rowsAtOnce) return;
    last = rows.at(-1);
  }
}
