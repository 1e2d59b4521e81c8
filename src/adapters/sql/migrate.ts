import type { Kysely } from 'kysely';
import { PlimsollError } from '../../core/units/errors.ts';
import type { Migration } from './migration.ts';
import type { SqlBackend } from './backend.ts';
import { first } from './migrations/0001-first.ts';
import { canaries } from './migrations/0002-canaries.ts';
import { storeIdentity } from './migrations/0003-store-identity.ts';
import { scaling } from './migrations/0004-scaling.ts';
import { releaseOutcomes } from './migrations/0005-release-outcomes.ts';
import { bundles } from './migrations/0006-bundles.ts';
import { history } from './migrations/0007-history.ts';
import { fleet } from './migrations/0008-fleet.ts';
import { claims } from './migrations/0009-claims.ts';
import { environmentRecords } from './migrations/0010-environment-records.ts';
import { drift } from './migrations/0011-drift.ts';
import { labels } from './migrations/0012-labels.ts';
import { notifyStates } from './migrations/0013-notify-states.ts';
import { replayStates } from './migrations/0014-replay-states.ts';
import { isolations } from './migrations/0015-isolations.ts';
import { labelAsks } from './migrations/0016-label-asks.ts';
import { readableFrom } from './migrations/0017-readable-from.ts';
import { ledger } from './migrations/0018-ledger.ts';
import { arrivalDays } from './migrations/0019-arrival-days.ts';
import { eventChain } from './migrations/0020-event-chain.ts';
import type { Tables } from './tables.ts';

/** The newest is `schemaVersion`; a test holds the two together. */
export const released: readonly Migration[] = [
  first,
  canaries,
  storeIdentity,
  scaling,
  releaseOutcomes,
  bundles,
  history,
  fleet,
  claims,
  environmentRecords,
  drift,
  labels,
  notifyStates,
  replayStates,
  isolations,
  labelAsks,
  readableFrom,
  ledger,
  arrivalDays,
  eventChain,
];

/**
 * Brings the schema to this program's version, and leaves a newer one as it is where that can be read from here. A store that is there already costs one read; of several processes that
 * open a new one at once, one migrates in a transaction and the others find it done.
 * @throws PlimsollError `store-newer` (conflict) when a newer Plimsoll wrote the store in a form that this one cannot read.
 */
export async function migrate(backend: SqlBackend, migrations: readonly Migration[] = released): Promise<void> {
  const newest = migrations.at(-1)?.version ?? 0;
  if ((await versionOf(backend, backend.write, newest)) >= newest) return;
  await backend.write.transaction().execute(async (tx) => {
    await backend.lockForMigration(tx);
    await makeMigrationsTable(tx);
    const present = await versionOf(backend, tx, newest);
    await applyMigrations(
      tx,
      migrations.filter(({ version }) => version > present),
    );
  });
}

export async function makeMigrationsTable(tx: Kysely<Tables>): Promise<void> {
  await tx.schema
    .createTable('schema_migrations')
    .ifNotExists()
    .addColumn('version', 'integer', (column) => column.notNull().primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .execute();
}

/** These follow those that were applied already. */
export async function applyMigrations(tx: Kysely<Tables>, migrations: readonly Migration[]): Promise<void> {
  for (const { up, version, name, readableFrom: from } of migrations) {
    await up(tx as unknown as Kysely<unknown>);
    await tx
      .insertInto('schema_migrations')
      .values({ version, name, ...(from === undefined ? {} : { readable_from: from }) })
      .execute();
  }
}

/** @throws PlimsollError `store-newer` (conflict). */
export async function versionOf(backend: SqlBackend, db: Kysely<Tables>, newest: number): Promise<number> {
  if (!(await backend.hasTable(db, 'schema_migrations'))) return 0;
  const row = await db
    .selectFrom('schema_migrations')
    .select((select) => select.fn.max('version').as('version'))
    .executeTakeFirst();
  const version = row?.version ?? 0;
  if (version > newest && !(await isReadable(db, newest))) throw storeNewer(backend.location, version, newest);
  return version;
}

/** Whether every newer step says that programs of this version may go on. Stores have no such column before version 17. */
async function isReadable(db: Kysely<Tables>, newest: number): Promise<boolean> {
  const newer = await db.selectFrom('schema_migrations').selectAll().where('version', '>', newest).execute();
  return newer.every(({ readable_from: from = null }) => from !== null && from <= newest);
}

export function storeNewer(location: string, storeVersion: number, programVersion: number): PlimsollError {
  return new PlimsollError({
    code: 'store-newer',
    category: 'conflict',
    message: `the store ${location} is at schema version ${storeVersion}, and this Plimsoll knows ${programVersion} at most: a newer Plimsoll wrote it`,
    next: 'use that newer Plimsoll, or name another store (--state, DATABASE_URL); docs/stores.md has the way back',
    details: { location, storeVersion, programVersion },
  });
}
