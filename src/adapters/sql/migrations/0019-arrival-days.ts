import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** Counts of the requests of each UTC day of a service: by the minute for the newest days, by ten minutes before. */
export const arrivalDays: Migration = {
  version: 19,
  name: 'arrival-days',
  readableFrom: 17,
  async up(db) {
    await table(
      db,
      'arrival_days',
      { service: 'text', environment: 'text', from_ms: 'bigint', length_ms: 'bigint', counts_json: 'text' },
      ['service', 'environment', 'from_ms'],
    ).execute();
  },
};
