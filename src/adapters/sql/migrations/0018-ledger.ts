import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** Facts of accelerator time, and the hours that were derived from them. */
export const ledger: Migration = {
  version: 18,
  name: 'ledger',
  readableFrom: 17,
  async up(db) {
    const fact = { recorder: 'text', sequence: 'bigint', at_ms: 'bigint', kind: 'text', fact_json: 'text' } as const;
    await table(db, 'ledger_facts', fact, ['recorder', 'sequence']).execute();
    await db.schema.createIndex('ledger_facts_by_time').on('ledger_facts').columns(['at_ms']).execute();
    await db.schema.createIndex('ledger_facts_by_kind').on('ledger_facts').columns(['kind', 'at_ms']).execute();
    const rows = { hour_ms: 'bigint', entry: 'integer', part: 'integer', derived_at_ms: 'bigint' } as const;
    await table(db, 'ledger_rows', { ...rows, rows_json: 'text' }, ['hour_ms', 'entry', 'part']).execute();
  },
};
