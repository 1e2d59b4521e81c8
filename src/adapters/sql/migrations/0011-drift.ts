import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** What the watch of live answers remembers of a service: its state, its windows, and the newest captured requests. */
export const drift: Migration = {
  version: 11,
  name: 'drift',
  async up(db) {
    const scope = { service: 'text', environment: 'text' } as const;
    const key = ['service', 'environment'];
    await table(db, 'drift_records', { ...scope, record_json: 'text' }, key).execute();
    await table(db, 'drift_windows', { ...scope, window_number: 'integer', window_json: 'text' }, [
      ...key,
      'window_number',
    ]).execute();
    await table(db, 'drift_samples', { ...scope, sample: 'integer', at_ms: 'bigint', sample_json: 'text' }, [
      ...key,
      'sample',
    ]).execute();
  },
};
