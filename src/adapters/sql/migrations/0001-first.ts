import type { Migration } from '../migration.ts';
import { table } from './table.ts';

const scope = { service: 'text', environment: 'text' } as const;
const versioned = { environment: 'text', name: 'text', version: 'integer', digest: 'text' } as const;
const created = { created_at_ms: 'bigint', created_by: 'text' } as const;

export const first: Migration = {
  version: 1,
  name: 'first',
  async up(db) {
    await table(db, 'counters', { series: 'text', value: 'bigint' }, ['series']).execute();
    await table(
      db,
      'leases',
      { lease: 'text', holder: 'text?', token: 'bigint', expires_at_ms: 'bigint', ttl_ms: 'bigint' },
      ['lease'],
    ).execute();
    await table(
      db,
      'model_versions',
      {
        ...versioned,
        format: 'text',
        files_json: 'text',
        signature_json: 'text',
        facts_json: 'text',
        lineage_json: 'text',
        ...created,
      },
      ['environment', 'name', 'version'],
    )
      .addUniqueConstraint('model_versions_digest', ['environment', 'name', 'digest'])
      .execute();
    await table(
      db,
      'alias_moves',
      {
        environment: 'text',
        name: 'text',
        move: 'integer',
        alias: 'text',
        from_version: 'integer?',
        to_version: 'integer?',
        reason: 'text',
        moved_by: 'text',
        at_ms: 'bigint',
      },
      ['environment', 'name', 'move'],
    ).execute();
    await table(
      db,
      'data_versions',
      { ...versioned, files_json: 'text', row_count: 'bigint', columns_json: 'text', source: 'text?', ...created },
      ['environment', 'name', 'version'],
    )
      .addUniqueConstraint('data_versions_digest', ['environment', 'name', 'digest'])
      .execute();
    await table(db, 'releases', { ...scope, number: 'integer', release_json: 'text' }, [
      'service',
      'environment',
      'number',
    ]).execute();
    await table(db, 'deployments', { ...scope, revision: 'integer', deployment_json: 'text' }, [
      'service',
      'environment',
    ]).execute();
    await table(
      db,
      'bars',
      { ...scope, bar: 'integer', axis: 'text', digest: 'text', lifted: 'integer', bar_json: 'text' },
      ['service', 'environment', 'bar'],
    ).execute();
    await table(db, 'waivers', { ...scope, waiver: 'integer', waiver_json: 'text' }, [
      'service',
      'environment',
      'waiver',
    ]).execute();
    await table(db, 'invalidations', { ...scope, invalidation: 'integer', invalidation_json: 'text' }, [
      'service',
      'environment',
      'invalidation',
    ]).execute();
    await table(db, 'routing', { ...scope, generation: 'bigint', table_json: 'text' }, [
      'service',
      'environment',
    ]).execute();
    await table(db, 'admissions', { replica_id: 'text', ...scope, golden: 'text?', at_ms: 'bigint' }, [
      'replica_id',
    ]).execute();
    await table(
      db,
      'events',
      { seq: 'bigint', ...scope, kind: 'text', summary: 'text', event_by: 'text', at_ms: 'bigint', data_json: 'text' },
      ['seq'],
    ).execute();
    await db.schema.createIndex('events_of_service').on('events').columns(['service', 'environment', 'seq']).execute();
  },
};
