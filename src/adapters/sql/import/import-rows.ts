import { sql, type Kysely } from 'kysely';
import { leaseLost } from '../../../core/records/conflicts.ts';
import type { ImportedFrom, StoredRow, StoreSnapshot } from '../../../ports/records/backup.ts';
import type { Lease } from '../../../ports/records/store.ts';
import { recordTables, tableKeys, type AnyTables, type RecordTable } from '../backup/table-keys.ts';
import type { SqlBackend } from '../backend.ts';
import { holdsFence } from '../leases.ts';
import type { Tables } from '../tables.ts';
import { importConflict } from './import-conflict.ts';
import { importMark } from './import-mark.ts';
import { comparedColumns, importRules, otherKeys, tablesWithSeq } from './import-rules.ts';

/** The series that numbers the events of a store. */
const eventSeries = 'events';
/** Rows of one statement; databases bound how many values it may have. */
const rowsAtOnce = 100;

/** As `StoreRows.importAll`. */
export async function importRows(
  backend: SqlBackend,
  fence: Lease,
  source: StoreSnapshot,
  how: ImportedFrom,
): Promise<boolean> {
  const undone = Symbol('the trial is undone');
  try {
    return await backend.write.transaction().execute(async (tx) => {
      if (!(await holdsFence(tx, fence))) throw leaseLost(fence.lease, fence.token);
      const isNew = await setMark(tx, source.identity, how.nowMs);
      if (isNew) await addRows(tx, source, { from: how.from, here: backend.location });
      if (how.isTrial && isNew) throw undone;
      return isNew;
    });
  } catch (thrown) {
    if (thrown === undone) return true;
    throw thrown;
  }
}

async function setMark(tx: Kysely<Tables>, identity: string, nowMs: number): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('journaled')
    .values({ id: importMark(identity), at_ms: nowMs })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

interface Places {
  readonly from: string;
  readonly here: string;
}

async function addRows(tx: Kysely<Tables>, source: StoreSnapshot, places: Places): Promise<void> {
  const any = tx as unknown as Kysely<AnyTables>;
  const shift = await moveEventSeries(tx, await lastSeqOf(source));
  for (const table of recordTables) {
    const rule = importRules[table];
    if (rule === 'leave') continue;
    for await (const rows of source.rows(table)) {
      const moved = tablesWithSeq.has(table) ? rows.map((row) => moveSeq(row, shift)) : rows;
      if (rule === 'raise') await raiseCounters(tx, moved);
      else for (const batch of batchesOf(moved)) await addBatch(any, table, batch, places);
    }
  }
}

async function lastSeqOf(source: StoreSnapshot): Promise<number> {
  for await (const rows of source.rows('counters')) {
    const found = rows.find(({ series }) => series === eventSeries);
    if (found !== undefined) return Number(found['value']);
  }
  return 0;
}

/** Keeps room for events up to `lastSeq` of the other store. @returns what their numbers are raised by. */
async function moveEventSeries(tx: Kysely<Tables>, lastSeq: number): Promise<number> {
  if (lastSeq === 0) return 0;
  const { value } = await tx
    .insertInto('counters')
    .values({ series: eventSeries, value: lastSeq })
    .onConflict((conflict) =>
      conflict.column('series').doUpdateSet((counter) => ({ value: counter('counters.value', '+', lastSeq) })),
    )
    .returning('value')
    .executeTakeFirstOrThrow();
  return value - lastSeq;
}

function moveSeq(row: StoredRow, shift: number): StoredRow {
  const seq = Number(row['seq']);
  return seq === 0 ? row : { ...row, seq: seq + shift };
}

async function raiseCounters(tx: Kysely<Tables>, rows: readonly StoredRow[]): Promise<void> {
  for (const { series, value } of rows) {
    if (series === eventSeries) continue;
    await tx
      .insertInto('counters')
      .values({ series: String(series), value: Number(value) })
      .onConflict((conflict) =>
        conflict
          .column('series')
          .doUpdateSet({ value: Number(value) })
          .where('counters.value', '<', Number(value)),
      )
      .execute();
  }
}

/** The rows of a table that are here already are looked at one by one, and only where there are some. */
async function addBatch(
  tx: Kysely<AnyTables>,
  table: RecordTable,
  batch: readonly StoredRow[],
  places: Places,
): Promise<void> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto(table)
    .values(batch)
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === BigInt(batch.length) || importRules[table] === 'keep') return;
  for (const theirs of batch) {
    const ours = await findSame(tx, table, theirs);
    if (!isSame(table, theirs, ours)) throw importConflict({ table, theirs, ours, ...places });
  }
}

/** The row of this key, or else of what is unique beside it: one of both kept the other row out. */
async function findSame(tx: Kysely<AnyTables>, table: RecordTable, row: StoredRow): Promise<StoredRow> {
  for (const key of [tableKeys[table], otherKeys[table] ?? []] as readonly (readonly string[])[]) {
    if (key.length === 0) continue;
    const isOfKey = sql.join(
      key.map((column) => sql`${sql.ref(column)} = ${row[column]}`),
      sql` and `,
    );
    const found = await tx
      .selectFrom(table)
      .selectAll()
      .where(sql<boolean>`${isOfKey}`)
      .executeTakeFirst();
    if (found !== undefined) return found;
  }
  throw new Error(`a row of ${table} was not added, and none is in its way`);
}

function isSame(table: RecordTable, a: StoredRow, b: StoredRow): boolean {
  return (comparedColumns[table] ?? Object.keys(a)).every((column) => a[column] === b[column]);
}

function* batchesOf(rows: readonly StoredRow[]): Generator<readonly StoredRow[]> {
  for (let at = 0; at < rows.length; at += rowsAtOnce) yield rows.slice(at, at + rowsAtOnce);
}
