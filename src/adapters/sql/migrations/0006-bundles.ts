import type { Migration } from '../migration.ts';
import { table } from './table.ts';

const scope = { service: 'text', environment: 'text' } as const;

/** What releases were asked by bundles, and what their evidence is read from. */
export const bundles: Migration = {
  version: 6,
  name: 'bundles',
  async up(db) {
    await table(db, 'release_requests', { id: 'text', ...scope, ask: 'integer', state: 'text', ask_json: 'text' }, [
      'id',
    ])
      .addUniqueConstraint('release_requests_of_service', ['service', 'environment', 'ask'])
      .execute();
    await table(
      db,
      'evidence_sightings',
      { ...scope, kind: 'text', digest: 'text', seen_by: 'text', first_seen_at_ms: 'bigint' },
      ['service', 'environment', 'kind', 'digest'],
    ).execute();
    await table(db, 'release_evidence', { ...scope, release: 'integer', bundle: 'text' }, [
      'service',
      'environment',
      'release',
    ]).execute();
  },
};
