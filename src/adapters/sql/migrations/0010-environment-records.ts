import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** What holds for every service of an environment: one record each, as it was set last. Events tell what changed. */
export const environmentRecords: Migration = {
  version: 10,
  name: 'environment-records',
  async up(db) {
    await table(db, 'environment_records', { environment: 'text', version: 'integer', record_json: 'text' }, [
      'environment',
    ]).execute();
  },
};
