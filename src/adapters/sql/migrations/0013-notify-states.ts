import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** What is remembered of the alerts of a service: which events were looked at, what stands, and what is on its way. */
export const notifyStates: Migration = {
  version: 13,
  name: 'notify-states',
  async up(db) {
    await table(db, 'notify_states', { service: 'text', environment: 'text', state_json: 'text' }, [
      'service',
      'environment',
    ]).execute();
  },
};
