import type { Kysely } from 'kysely';
import { arrivalsKept, type ArrivalDay } from '../../../core/scaling/seasons/arrival-day.ts';
import type { ArrivalReader, ArrivalWriter } from '../../../ports/records/arrival-records.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

export function arrivalReader(db: Kysely<Tables>): ArrivalReader {
  return {
    async arrivalDays(service, environment, sinceMs) {
      const rows = await db
        .selectFrom('arrival_days')
        .select(['from_ms', 'length_ms', 'counts_json'])
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('from_ms', '>=', sinceMs)
        .orderBy('from_ms')
        .execute();
      return rows.map(({ from_ms, length_ms, counts_json }) => ({
        fromMs: from_ms,
        lengthMs: length_ms,
        counts: parsed<ArrivalDay['counts']>(counts_json),
      }));
    },
  };
}

export function arrivalWriter(tx: Kysely<Tables>): ArrivalWriter {
  return {
    async setArrivalDay(service, environment, { fromMs, lengthMs, counts }) {
      const row = { length_ms: lengthMs, counts_json: JSON.stringify(counts) };
      await tx
        .insertInto('arrival_days')
        .values({ service, environment, from_ms: fromMs, ...row })
        .onConflict((conflict) => conflict.columns(['service', 'environment', 'from_ms']).doUpdateSet(row))
        .execute();
      await tx
        .deleteFrom('arrival_days')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('from_ms', '<', fromMs - arrivalsKept.allMs)
        .execute();
    },
  };
}
