import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** Replicas of a service that are kept from traffic for diagnosis. */
export const isolations: Migration = {
  version: 15,
  name: 'isolations',
  async up(db) {
    await table(db, 'isolations', { service: 'text', environment: 'text', isolations_json: 'text' }, [
      'service',
      'environment',
    ]).execute();
  },
};
