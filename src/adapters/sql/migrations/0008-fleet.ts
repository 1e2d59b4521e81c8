import { sql } from 'kysely';
import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/**
 * The services that a control plane holds, under one lease of the whole store. Whoever holds one of the leases that each
 * service had before loses it here: it must not go on writing beside the holder of the new one.
 */
export const fleet: Migration = {
  version: 8,
  name: 'fleet',
  async up(db) {
    await table(db, 'held_services', { service: 'text', environment: 'text', origin: 'text', since_ms: 'bigint' }, [
      'service',
      'environment',
    ]).execute();
    await sql`UPDATE leases SET token = token + 1, holder = NULL WHERE lease LIKE 'control-plane/%'`.execute(db);
  },
};
