import type { Kysely } from 'kysely';
import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { leaseLost } from '../../../core/records/conflicts.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { RestoredRows, StoredRow } from '../../../ports/records/backup.ts';
import type { Lease } from '../../../ports/records/store.ts';
import type { SqlBackend } from '../backend.ts';
import { applyMigrations, makeMigrationsTable, released, storeNewer, versionOf } from '../migrate.ts';
import { schemaVersion as newest } from '../schema-version.ts';
import type { Tables } from '../tables.ts';
import { recordTables, type AnyTables } from './table-keys.ts';

type LeaseRow = Tables['leases'];

/** Rows of one statement; databases bound how many values it may have. */
const rowsAtOnce = 100;

/**
 * The tables are made anew at the schema of the rows, filled, and brought up to date from there, unless they are to
 * stay at that schema. DDL is part of a transaction
 * in both dialects, so that a kill leaves what was there before.
 */
export async function replaceRows(
  tx: Kysely<Tables>,
  backend: SqlBackend,
  held: readonly Lease[],
  { schemaVersion, tables, keepSchema }: RestoredRows,
): Promise<void> {
  await backend.lockForMigration(tx);
  // The tables of the newer version would stay, beside rows that know nothing of them.
  const present = await versionOf(backend, tx, newest);
  if (present > newest) throw storeNewer(backend.location, present, newest);
  const before = await tx.selectFrom('leases').selectAll().execute();
  refuseOtherHolders(before, held);
  for (const table of [...recordTables, 'schema_migrations']) await tx.schema.dropTable(table).ifExists().execute();
  await makeMigrationsTable(tx);
  const [older, newer] = [true, false].map((isOlder) =>
    released.filter(({ version }) => version <= schemaVersion === isOlder),
  );
  await applyMigrations(tx, older ?? []);
  const any = tx as unknown as Kysely<AnyTables>;
  for (const { name, rows } of tables) {
    if (!(await backend.hasTable(tx, name)) || !recordTables.some((known) => known === name)) throw tableUnknown(name);
    // A migration may have put rows into it: the identity of a new store.
    await any.deleteFrom(name).execute();
    for await (const batch of batchesOf(rows)) await any.insertInto(name).values(batch).execute();
  }
  if (!keepSchema) await applyMigrations(tx, newer ?? []);
  await freeLeases(tx, before);
}

/** Whoever holds a lease writes, and would go on with what it knows of the rows that go. */
function refuseOtherHolders(rows: readonly LeaseRow[], held: readonly Lease[]): void {
  const isOurs = (row: LeaseRow): boolean =>
    held.some(({ lease, holder, token }) => lease === row.lease && holder === row.holder && token === row.token);
  for (const row of rows) if (row.holder !== null && !isOurs(row)) throw leaseLost(row.lease, row.token);
  for (const { lease, token } of held) {
    if (!rows.some((row) => row.lease === lease && isOurs(row))) throw leaseLost(lease, token);
  }
}

/** Nobody holds one, and whoever held one, here or where the rows come from, is fenced out by its older token. */
async function freeLeases(tx: Kysely<Tables>, before: readonly LeaseRow[]): Promise<void> {
  const tokens = new Map<string, number>();
  for (const { lease, token } of [...before, ...(await tx.selectFrom('leases').selectAll().execute())]) {
    tokens.set(lease, Math.max(token, tokens.get(lease) ?? 0));
  }
  await tx.deleteFrom('leases').execute();
  for (const [lease, token] of tokens) {
    const row = { lease, holder: null, token: token + 1, expires_at_ms: 0, ttl_ms: 0 };
    await tx.insertInto('leases').values(row).execute();
  }
}

async function* batchesOf(rows: AsyncIterable<StoredRow>): AsyncGenerator<StoredRow[]> {
  let batch: StoredRow[] = [];
  for await (const row of rows) {
    batch.push(row);
    if (batch.length < rowsAtOnce) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function tableUnknown(name: string): PlimsollError {
  return new PlimsollError({
    code: 'backup-invalid',
    category: 'corrupt',
    message: `the backup has a table ${name}, and a store of its schema version has none: nothing was restored`,
    next: nextStep(adapterSteps, 'backup-invalid'),
  });
}
