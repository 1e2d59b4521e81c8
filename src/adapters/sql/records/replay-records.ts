import type { Kysely } from 'kysely';
import type { ReplayState } from '../../../core/monitoring/replay/replay-state.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

export function replayReader(db: Kysely<Tables>): Pick<StoreReader, 'replayState'> {
  return {
    async replayState(service, environment) {
      const row = await db
        .selectFrom('replay_states')
        .select('state_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      const state = row === undefined ? null : parsed<Partial<ReplayState>>(row.state_json);
      return state?.stateVersion === 1 ? (state as ReplayState) : null;
    },
  };
}

export function replayWriter(tx: Kysely<Tables>): Pick<StoreWriter, 'setReplayState'> {
  return {
    async setReplayState(service, environment, state) {
      const row = { state_json: JSON.stringify(state) };
      await tx
        .insertInto('replay_states')
        .values({ service, environment, ...row })
        .onConflict((conflict) => conflict.columns(['service', 'environment']).doUpdateSet(row))
        .execute();
    },
  };
}
