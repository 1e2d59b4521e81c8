import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** Requests that somebody was asked to label, one row for each ask. */
export const labelAsks: Migration = {
  version: 16,
  name: 'label-asks',
  async up(db) {
    const columns = {
      service: 'text',
      environment: 'text',
      ask_id: 'text',
      asked_at_ms: 'bigint',
      judged: 'integer',
    } as const;
    await table(db, 'label_asks', { ...columns, ask_json: 'text' }, ['service', 'environment', 'ask_id']).execute();
  },
};
