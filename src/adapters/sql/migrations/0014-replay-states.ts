import type { Migration } from '../migration.ts';
import { table } from './table.ts';

/** What is remembered of the scheduled golden replays of a service. */
export const replayStates: Migration = {
  version: 14,
  name: 'replay-states',
  async up(db) {
    await table(db, 'replay_states', { service: 'text', environment: 'text', state_json: 'text' }, [
      'service',
      'environment',
    ]).execute();
  },
};
