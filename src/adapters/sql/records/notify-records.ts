import type { Kysely } from 'kysely';
import type { NotifyState } from '../../../core/monitoring/notify/notify-state.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

export function notifyReader(db: Kysely<Tables>): Pick<StoreReader, 'notifyState'> {
  return {
    async notifyState(service, environment) {
      const row = await db
        .selectFrom('notify_states')
        .select('state_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      const state = row === undefined ? null : parsed<Partial<NotifyState>>(row.state_json);
      return state?.stateVersion === 1 ? (state as NotifyState) : null;
    },
  };
}

export function notifyWriter(tx: Kysely<Tables>): Pick<StoreWriter, 'setNotifyState'> {
  return {
    async setNotifyState(service, environment, state) {
      const row = { state_json: JSON.stringify(state) };
      await tx
        .insertInto('notify_states')
        .values({ service, environment, ...row })
        .onConflict((conflict) => conflict.columns(['service', 'environment']).doUpdateSet(row))
        .execute();
    },
  };
}
