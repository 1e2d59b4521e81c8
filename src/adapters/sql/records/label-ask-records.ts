import type { Kysely } from 'kysely';
import type { Ask } from '../../../core/monitoring/asked/ask.ts';
import type { LabelReader, LabelWriter } from '../../../ports/records/label-records.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

export function labelAskReader(db: Kysely<Tables>): Pick<LabelReader, 'labelAsk' | 'lastLabelAsk' | 'openLabelAsks'> {
  const asks = (service: string, environment: string) =>
    db
      .selectFrom('label_asks')
      .select('ask_json')
      .where('service', '=', service)
      .where('environment', '=', environment);
  const readOne = (row: { readonly ask_json: string } | undefined): Ask | null =>
    row === undefined ? null : parsed<Ask>(row.ask_json);
  return {
    labelAsk: async (service, environment, askId) =>
      readOne(await asks(service, environment).where('ask_id', '=', askId).executeTakeFirst()),
    lastLabelAsk: async (service, environment) =>
      readOne(await asks(service, environment).orderBy('asked_at_ms', 'desc').limit(1).executeTakeFirst()),
    async openLabelAsks(service, environment, limit) {
      const open = asks(service, environment).where('judged', '=', 0).orderBy('asked_at_ms').limit(limit);
      return (await open.execute()).map(({ ask_json }) => parsed<Ask>(ask_json));
    },
  };
}

export function labelAskWriter(
  tx: Kysely<Tables>,
): Pick<LabelWriter, 'addLabelAsk' | 'setLabelAskJudged' | 'forgetLabelAsks'> {
  return {
    async addLabelAsk(service, environment, ask) {
      const row = { ask_id: ask.askId, asked_at_ms: ask.askedAtMs, judged: 0, ask_json: JSON.stringify(ask) };
      await tx
        .insertInto('label_asks')
        .values({ service, environment, ...row })
        .onConflict((conflict) => conflict.columns(['service', 'environment', 'ask_id']).doNothing())
        .execute();
    },
    async setLabelAskJudged(service, environment, askId) {
      await tx
        .updateTable('label_asks')
        .set({ judged: 1 })
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('ask_id', '=', askId)
        .execute();
    },
    async forgetLabelAsks(service, environment, beforeMs) {
      await tx
        .deleteFrom('label_asks')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('judged', '=', 1)
        .where('asked_at_ms', '<', beforeMs)
        .execute();
    },
  };
}
