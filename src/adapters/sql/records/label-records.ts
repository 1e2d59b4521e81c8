import { sql, type Kysely } from 'kysely';
import type { LabelMemory } from '../../../core/monitoring/labels/label-memory.ts';
import type { LabelledPrediction } from '../../../core/monitoring/labels/label-state.ts';
import type { Truth } from '../../../core/monitoring/labels/row-loss.ts';
import type { LabelReader, LabelWriter, NewPrediction } from '../../../ports/records/label-records.ts';
import { parsed } from '../parsed.ts';
import { labelAskReader, labelAskWriter } from './label-ask-records.ts';
import { nextOf, seriesOf } from '../series.ts';
import type { Tables } from '../tables.ts';

/** Rows of one statement; databases bound how many values it may have. */
const rowsAtOnce = 500;

export function labelReader(db: Kysely<Tables>): LabelReader {
  return {
    ...labelAskReader(db),
    async predictions(service, environment, afterSeq, limit) {
      const rows = await labelledPredictions(db, service, environment)
        .where('predictions.seq', '>', afterSeq)
        .orderBy('predictions.seq')
        .limit(limit)
        .execute();
      return rows.map(predictionOf);
    },
    async predictionsOf(service, environment, requestIds) {
      const found = await inBatches(requestIds, (ids) =>
        labelledPredictions(db, service, environment).where('predictions.request_id', 'in', ids).execute(),
      );
      return found.map(predictionOf);
    },
    async labelsOf(service, environment, requestIds) {
      const found = await inBatches(requestIds, (ids) =>
        db
          .selectFrom('labels')
          .select(['request_id', 'truth_json'])
          .where('service', '=', service)
          .where('environment', '=', environment)
          .where('request_id', 'in', ids)
          .execute(),
      );
      return found.map(({ request_id, truth_json }) => ({ requestId: request_id, truth: parsed<Truth>(truth_json) }));
    },
    async predictionCount(service, environment) {
      // Places are given out without gaps and the oldest go first, so that two looks into an index are enough.
      const ends = await db
        .selectFrom('predictions')
        .select([sql<number | null>`min(seq)`.as('first'), sql<number | null>`max(seq)`.as('last')])
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirstOrThrow();
      return ends.first === null || ends.last === null ? 0 : Number(ends.last) - Number(ends.first) + 1;
    },
    async openPredictions(service, environment, afterSeq) {
      const row = await labelledPredictions(db, service, environment)
        .where('predictions.seq', '>', afterSeq)
        .clearSelect()
        .select([sql<number>`count(*)`.as('all'), sql<number>`count(labels.request_id)`.as('labelled')])
        .executeTakeFirstOrThrow();
      return { predictions: Number(row.all), labelled: Number(row.labelled) };
    },
    async waitingLabels(service, environment) {
      const row = await db
        .selectFrom('labels')
        .select(sql<number>`count(*)`.as('count'))
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('matched', '=', 0)
        .executeTakeFirstOrThrow();
      return Number(row.count);
    },
    async labelMemory(service, environment) {
      const row = await db
        .selectFrom('label_memories')
        .select('memory_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      return row === undefined ? null : parsed<LabelMemory>(row.memory_json);
    },
  };
}

export function labelWriter(tx: Kysely<Tables>): LabelWriter {
  const reader = labelReader(tx);
  const ofScope = (table: 'predictions' | 'labels', service: string, environment: string) =>
    tx.deleteFrom(table).where('service', '=', service).where('environment', '=', environment);
  return {
    ...labelAskWriter(tx),
    async addPredictions(service, environment, predictions, recordedAtMs) {
      const first = new Map(predictions.map((each) => [each.requestId, each] as const).reverse());
      const known = await reader.predictionsOf(service, environment, [...first.keys()]);
      for (const { requestId } of known) first.delete(requestId);
      const fresh = predictions.filter((each) => first.get(each.requestId) === each);
      if (fresh.length === 0) return 0;
      const last = await nextOf(tx, seriesOf('prediction', service, environment), fresh.length);
      const rows = fresh.map((prediction, index) => ({
        ...{ service, environment, request_id: prediction.requestId, recorded_at_ms: recordedAtMs },
        ...{ seq: last - fresh.length + 1 + index, at_ms: prediction.atMs, release: prediction.release },
        row_json: JSON.stringify(restOf(prediction)),
      }));
      await inBatches(rows, async (batch) => {
        await tx
          .insertInto('predictions')
          .values([...batch])
          .execute();
        return [];
      });
      await inBatches([...first.keys()], async (ids) => {
        await tx
          .updateTable('labels')
          .set({ matched: 1 })
          .where('service', '=', service)
          .where('environment', '=', environment)
          .where('request_id', 'in', ids)
          .execute();
        return [];
      });
      return fresh.length;
    },
    async addLabels(service, environment, labels, arrivedAtMs) {
      const ids = labels.map(({ requestId }) => requestId);
      const predicted = await reader.predictionsOf(service, environment, ids);
      const matched = new Set(predicted.map(({ requestId }) => requestId));
      await inBatches(labels, async (batch) => {
        const rows = batch.map(({ requestId, truth }) => ({
          ...{ service, environment, request_id: requestId, truth_json: JSON.stringify(truth) },
          ...{ arrived_at_ms: arrivedAtMs, matched: Number(matched.has(requestId)) },
        }));
        await tx
          .insertInto('labels')
          .values(rows)
          .onConflict((conflict) => conflict.columns(['service', 'environment', 'request_id']).doNothing())
          .execute();
        return [];
      });
    },
    async forgetLabels(service, environment, beforeMs, waitingBeforeMs) {
      await ofScope('predictions', service, environment).where('recorded_at_ms', '<', beforeMs).execute();
      const aged = ofScope('labels', service, environment);
      await aged.where('matched', '=', 1).where('arrived_at_ms', '<', beforeMs).execute();
      const gone = await aged
        .where('matched', '=', 0)
        .where('arrived_at_ms', '<', waitingBeforeMs)
        .executeTakeFirstOrThrow();
      return Number(gone.numDeletedRows);
    },
    async setLabelMemory(service, environment, memory) {
      const memory_json = JSON.stringify(memory);
      await tx
        .insertInto('label_memories')
        .values({ service, environment, memory_json })
        .onConflict((conflict) => conflict.columns(['service', 'environment']).doUpdateSet({ memory_json }))
        .execute();
    },
  };
}

type RestOfPrediction = Pick<NewPrediction, 'replicaId' | 'prediction' | 'confidence'>;

const restOf = ({ replicaId, prediction, confidence }: NewPrediction): RestOfPrediction => ({
  replicaId,
  prediction,
  confidence,
});

const labelledPredictions = (db: Kysely<Tables>, service: string, environment: string) =>
  db
    .selectFrom('predictions')
    .leftJoin('labels', (join) =>
      join
        .onRef('labels.service', '=', 'predictions.service')
        .onRef('labels.environment', '=', 'predictions.environment')
        .onRef('labels.request_id', '=', 'predictions.request_id'),
    )
    .select([
      'predictions.request_id',
      'predictions.seq',
      'predictions.at_ms',
      'predictions.release',
      'predictions.row_json',
      'labels.truth_json',
      'labels.arrived_at_ms',
    ])
    .where('predictions.service', '=', service)
    .where('predictions.environment', '=', environment);

interface LabelledRow {
  readonly request_id: string;
  readonly seq: number;
  readonly at_ms: number;
  readonly release: number;
  readonly row_json: string;
  readonly truth_json: string | null;
  readonly arrived_at_ms: number | null;
}

function predictionOf(row: LabelledRow): LabelledPrediction {
  return {
    ...parsed<RestOfPrediction>(row.row_json),
    seq: row.seq,
    requestId: row.request_id,
    atMs: row.at_ms,
    release: row.release,
    truth: row.truth_json === null ? null : parsed<Truth>(row.truth_json),
    labelledAtMs: row.arrived_at_ms,
  };
}

async function inBatches<T, Found>(
  all: readonly T[],
  work: (batch: readonly T[]) => Promise<readonly Found[]>,
): Promise<readonly Found[]> {
  const found: Found[] = [];
  for (let at = 0; at < all.length; at += rowsAtOnce) found.push(...(await work(all.slice(at, at + rowsAtOnce))));
  return found;
}
