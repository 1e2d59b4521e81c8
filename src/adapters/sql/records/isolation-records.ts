import type { Kysely } from 'kysely';
import type { Isolation } from '../../../core/rollout/isolation/isolation.ts';
import type { IsolationReader, IsolationWriter } from '../../../ports/records/isolation-records.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

export function isolationReader(db: Kysely<Tables>): IsolationReader {
  return {
    async isolations(service, environment) {
      const row = await db
        .selectFrom('isolations')
        .select('isolations_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      return row === undefined ? [] : parsed<readonly Isolation[]>(row.isolations_json);
    },
  };
}

export function isolationWriter(tx: Kysely<Tables>): IsolationWriter {
  return {
    async setIsolations(service, environment, isolations) {
      const row = { isolations_json: JSON.stringify(isolations) };
      await tx
        .insertInto('isolations')
        .values({ service, environment, ...row })
        .onConflict((conflict) => conflict.columns(['service', 'environment']).doUpdateSet(row))
        .execute();
    },
  };
}
