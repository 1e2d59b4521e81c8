import { sql, type Kysely } from 'kysely';
import type { DriftWindow } from '../../../core/monitoring/watch/windows/windows.ts';
import {
  driftWindowsAtMost,
  type DriftReader,
  type DriftRecord,
  type DriftWriter,
} from '../../../ports/records/drift-records.ts';
import { driftSamplesAtMost, type DriftSample } from '../../../core/monitoring/samples/drift-sample.ts';
import { driftMoved } from '../../../core/records/conflicts.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

/**
 * Windows of all rows are stored by their number. Those of the slice in slot s, from 1 to 16, have the numbers below 0 that begin
 * at -s x 120,000,000, so that the column stays one of 32 bits. A slice with a window in every second gets there in four years.
 */
const numbersOfSlot = 120_000_000;
const mostPlace = 2 ** 31 - 1;
const placeOf = (number: number, slot: number | undefined): number =>
  slot === undefined ? number : number - slot * numbersOfSlot;

export function driftReader(db: Kysely<Tables>): DriftReader {
  return {
    async driftRecord(service, environment) {
      const row = await db
        .selectFrom('drift_records')
        .select('record_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      return row === undefined ? null : parsed<DriftRecord>(row.record_json);
    },
    async driftWindows(service, environment, from, slot) {
      const [first, last] = [placeOf(from, slot), slot === undefined ? mostPlace : placeOf(numbersOfSlot - 1, slot)];
      const rows = await db
        .selectFrom('drift_windows')
        .select('window_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('window_number', '>=', first)
        .where('window_number', '<=', last)
        .orderBy('window_number')
        .execute();
      return rows.map(({ window_json }) => parsed<DriftWindow>(window_json));
    },
    async driftWindowsEvery(service, environment, { from, to, every }) {
      const rows = await db
        .selectFrom('drift_windows')
        .select('window_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('window_number', '>=', from)
        .where('window_number', '<=', to)
        .where(({ or, eb }) => or([eb(eb('window_number', '%', every), '=', 0), eb('window_number', '=', to)]))
        .orderBy('window_number')
        .execute();
      return rows.map(({ window_json }) => parsed<DriftWindow>(window_json));
    },
    async oldestDriftSample(service, environment) {
      const row = await db
        .selectFrom('drift_samples')
        .select(({ fn }) => fn.min('at_ms').as('oldest'))
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      return row?.oldest === undefined || row.oldest === null ? null : Number(row.oldest);
    },
    async driftSamples(service, environment, last) {
      const rows = await db
        .selectFrom('drift_samples')
        .select('sample_json')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .orderBy('sample', 'desc')
        .limit(last)
        .execute();
      return rows.reverse().map(({ sample_json }) => parsed<DriftSample>(sample_json));
    },
  };
}

export function driftWriter(tx: Kysely<Tables>): DriftWriter {
  const newestSample = async (service: string, environment: string): Promise<number> => {
    const row = await tx
      .selectFrom('drift_samples')
      .select(({ fn }) => fn.max('sample').as('newest'))
      .where('service', '=', service)
      .where('environment', '=', environment)
      .executeTakeFirst();
    return Number(row?.newest ?? 0);
  };
  return {
    async setDriftRecord(service, environment, record, expected) {
      const standing = await readRevision(tx, service, environment);
      if (standing !== expected) throw driftMoved(service, environment, expected, standing);
      const { state, cursors } = record;
      const next: DriftRecord = { state, cursors, revision: (standing ?? 0) + 1 };
      const row = { record_json: JSON.stringify(next) };
      await tx
        .insertInto('drift_records')
        .values({ service, environment, ...row })
        .onConflict((conflict) => conflict.columns(['service', 'environment']).doUpdateSet(row))
        .execute();
      return next;
    },
    async addDriftWindow(service, environment, window) {
      const row = { window_json: JSON.stringify(window) };
      const place = placeOf(window.number, window.slot);
      await tx
        .insertInto('drift_windows')
        .values({ service, environment, window_number: place, ...row })
        .onConflict((conflict) => conflict.columns(['service', 'environment', 'window_number']).doUpdateSet(row))
        .execute();
      await tx
        .deleteFrom('drift_windows')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where('window_number', '>=', placeOf(0, window.slot))
        .where('window_number', '<=', placeOf(window.number - driftWindowsAtMost, window.slot))
        .execute();
    },
    async addDriftSamples(service, environment, samples, keptFromMs) {
      const newest = await newestSample(service, environment);
      const kept = samples.slice(-driftSamplesAtMost);
      const rows = kept.map((sample, index) => ({
        service,
        environment,
        sample: newest + 1 + index,
        at_ms: sample.atMs,
        sample_json: JSON.stringify(sample),
      }));
      // A statement has room for a bounded number of values.
      for (let at = 0; at < rows.length; at += 100) {
        await tx
          .insertInto('drift_samples')
          .values(rows.slice(at, at + 100))
          .execute();
      }
      await tx
        .deleteFrom('drift_samples')
        .where('service', '=', service)
        .where('environment', '=', environment)
        .where(({ or, eb }) =>
          or([eb('sample', '<=', newest + rows.length - driftSamplesAtMost), eb('at_ms', '<', keptFromMs)]),
        )
        .execute();
    },
  };
}

/** Characters at the end of a record that hold its revision, which stands last. */
const tailCharacters = 60;

/** The revision of the record, without reading megabytes of it; null where there is none. */
async function readRevision(tx: Kysely<Tables>, service: string, environment: string): Promise<number | null> {
  const row = await tx
    .selectFrom('drift_records')
    .select(sql<string>`substr(record_json, length(record_json) - ${sql.lit(tailCharacters)})`.as('tail'))
    .where('service', '=', service)
    .where('environment', '=', environment)
    .executeTakeFirst();
  if (row === undefined) return null;
  const found = /"revision":(\d+)\}$/.exec(row.tail)?.[1];
  if (found !== undefined) return Number(found);
  return (await driftReader(tx).driftRecord(service, environment))?.revision ?? null;
}
