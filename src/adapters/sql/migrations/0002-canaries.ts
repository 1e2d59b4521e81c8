import type { Migration } from '../migration.ts';
import { table } from './table.ts';

const scope = { service: 'text', environment: 'text' } as const;

export const canaries: Migration = {
  version: 2,
  name: 'canaries',
  async up(db) {
    await table(db, 'canaries', { ...scope, revision: 'integer', canary_json: 'text' }, [
      'service',
      'environment',
    ]).execute();
    await table(db, 'canary_samples', { ...scope, release: 'integer', sample: 'bigint', sample_json: 'text' }, [
      'service',
      'environment',
      'release',
      'sample',
    ]).execute();
    await table(db, 'journaled', { id: 'text', at_ms: 'bigint' }, ['id']).execute();
    await db.schema.alterTable('alias_moves').addColumn('evidence_json', 'text').execute();
    await db.schema.alterTable('data_versions').addColumn('profile', 'text').execute();
  },
};
