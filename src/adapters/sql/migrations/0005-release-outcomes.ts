import type { Kysely } from 'kysely';
import type { Migration } from '../migration.ts';
import { replayOutcomes } from '../release-outcomes.ts';
import type { Tables } from '../tables.ts';
import { table } from './table.ts';

/** What became of each release, and by which event; filled from the events that are there already. */
export const releaseOutcomes: Migration = {
  version: 5,
  name: 'release outcomes',
  async up(db) {
    await table(
      db,
      'release_outcomes',
      { service: 'text', environment: 'text', release: 'integer', outcome: 'text', seq: 'bigint' },
      ['service', 'environment', 'release'],
    ).execute();
    const tx = db as unknown as Kysely<Tables>;
    for (const row of await replayOutcomes(tx)) await tx.insertInto('release_outcomes').values(row).execute();
  },
};
