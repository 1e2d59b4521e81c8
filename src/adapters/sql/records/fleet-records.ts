import type { Kysely } from 'kysely';
import type { HeldService } from '../../../core/fleet/held-services.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import type { Tables } from '../tables.ts';

export function fleetReader(db: Kysely<Tables>): Pick<StoreReader, 'heldServices'> {
  return {
    async heldServices() {
      const rows = await db.selectFrom('held_services').selectAll().execute();
      const held = rows.map(({ since_ms, origin, ...scope }) => ({
        ...scope,
        origin: origin as HeldService['origin'],
        sinceMs: since_ms,
      }));
      return held.sort((a, b) => (`${a.service}\n${a.environment}` < `${b.service}\n${b.environment}` ? -1 : 1));
    },
  };
}

export function fleetWriter(tx: Kysely<Tables>): Pick<StoreWriter, 'setHeldService'> {
  return {
    async setHeldService({ service, environment, origin, sinceMs }) {
      await tx
        .insertInto('held_services')
        .values({ service, environment, origin, since_ms: sinceMs })
        .onConflict((conflict) =>
          conflict.columns(['service', 'environment']).doUpdateSet({ origin, since_ms: sinceMs }),
        )
        .execute();
    },
  };
}
