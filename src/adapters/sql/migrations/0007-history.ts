import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** What each minute, and each ten minutes, showed of the requests of a service. */
export const history: Migration = {
  version: 7,
  name: 'history',
  async up(db) {
    await table(
      db,
      'history',
      { service: 'text', environment: 'text', length_ms: 'bigint', from_ms: 'bigint', span_json: 'text' },
      ['service', 'environment', 'length_ms', 'from_ms'],
    ).execute();
  },
};
