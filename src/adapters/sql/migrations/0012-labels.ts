import type { Migration } from '../migration.ts';
import { table } from './table.ts';

const scope = { service: 'text', environment: 'text' } as const;
const key = ['service', 'environment', 'request_id'];

/** Predictions and their labels, by request id, until both are judged. */
export const labels: Migration = {
  version: 12,
  name: 'labels',
  async up(db) {
    const times = { seq: 'bigint', at_ms: 'bigint', recorded_at_ms: 'bigint' } as const;
    const prediction = { ...scope, request_id: 'text', ...times, release: 'integer', row_json: 'text' } as const;
    await table(db, 'predictions', prediction, key).execute();
    const label = { truth_json: 'text', arrived_at_ms: 'bigint', matched: 'integer' } as const;
    await table(db, 'labels', { ...scope, request_id: 'text', ...label }, key).execute();
    await table(db, 'label_memories', { ...scope, memory_json: 'text' }, ['service', 'environment']).execute();
    const index = (name: string, on: string, ...columns: readonly string[]) =>
      db.schema
        .createIndex(name)
        .on(on)
        .columns(['service', 'environment', ...columns])
        .execute();
    await index('predictions_in_order', 'predictions', 'seq');
    await index('predictions_by_age', 'predictions', 'recorded_at_ms');
    await index('labels_by_age', 'labels', 'matched', 'arrived_at_ms');
  },
};
