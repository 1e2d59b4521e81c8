import type { Migration } from '../migration.ts';

/** From here on a store says which older programs may go on with it. */
export const readableFrom: Migration = {
  version: 17,
  name: 'readable-from',
  async up(db) {
    await db.schema.alterTable('schema_migrations').addColumn('readable_from', 'integer').execute();
  },
};
