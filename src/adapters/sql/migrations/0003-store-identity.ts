import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** Which store this is: a name in an address may mean another database tomorrow. */
export const storeIdentity: Migration = {
  version: 3,
  name: 'store identity',
  async up(db) {
    await table(db, 'store_identity', { id: 'text' }, ['id']).execute();
    await sql`insert into store_identity (id) values (${randomUUID()})`.execute(db);
  },
};
