import type { Kysely } from 'kysely';
import { historyLengths, type HistorySpan } from '../../../core/health/history.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

export function historyReader(db: Kysely<Tables>): Pick<StoreReader, 'history'> {
  return {
    async history(service, environment, length, sinceMs) {
      const rows = await db
        .selectFrom('history')
        .select('span_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('length_ms', '=', historyLengths[length].lengthMs)
        .where('from_ms', '>=', sinceMs)
        .orderBy('from_ms')
        .execute();
      return rows.map((row) => parsed<HistorySpan>(row.span_json));
    },
  };
}

export function historyWriter(tx: Kysely<Tables>): Pick<StoreWriter, 'addHistory'> {
  return {
    async addHistory(service, environment, length, span) {
      const { lengthMs, keptMs } = historyLengths[length];
      const span_json = JSON.stringify(span);
      await tx
        .insertInto('history')
        .values({ service, environment, length_ms: lengthMs, from_ms: span.fromMs, span_json })
        .onConflict((conflict) =>
          conflict.columns(['service', 'environment', 'length_ms', 'from_ms']).doUpdateSet({ span_json }),
        )
        .execute();
      await tx
        .deleteFrom('history')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('length_ms', '=', lengthMs)
        .where('from_ms', '<', span.toMs - keptMs)
        .execute();
    },
  };
}
