import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** The hash of each event in the chain. Events that an older program records are sealed by the next one of a newer. */
export const eventChain: Migration = {
  version: 20,
  name: 'event-chain',
  readableFrom: 17,
  async up(db) {
    await table(db, 'event_chain', { seq: 'integer', hash: 'text', late: 'integer' }, ['seq']).execute();
  },
};
