import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** What decisions of scaling were made from, by the event of each; 0 is what was decided last, changed or not. */
export const scaling: Migration = {
  version: 4,
  name: 'scaling',
  async up(db) {
    await table(db, 'scaling_records', { service: 'text', environment: 'text', seq: 'bigint', record_json: 'text' }, [
      'service',
      'environment',
      'seq',
    ]).execute();
  },
};
