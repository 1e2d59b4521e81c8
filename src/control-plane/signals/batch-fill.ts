import { parseExposition } from '../../protocols/prometheus-text/parse-exposition.ts';
import { replicaMetrics } from '../../schemas/replica-metrics.ts';

/** What a replica says about its batches, cumulative since its start. */
export interface BatchCounters {
  readonly rows: number;
  readonly batches: number;
  readonly limitRows: number;
}

/**
 * The three metrics out of a Prometheus exposition, summed over their labels (the limit: the largest). Null when one of them
 * is missing or no number: another server, or one that does not batch. @throws PlimsollError `metrics-garbage`.
 */
export function parseBatchCounters(exposition: string): BatchCounters | null {
  const { samples } = parseExposition(exposition);
  const valuesOf = (metric: string): readonly number[] =>
    samples.filter(({ name, value }) => name === metric && Number.isFinite(value)).map(({ value }) => value);
  const [rows, batches, limits] = [replicaMetrics.batchRows, replicaMetrics.batches, replicaMetrics.batchLimit].map(
    valuesOf,
  );
  if (!rows?.length || !batches?.length || !limits?.length) return null;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { rows: sum(rows), batches: sum(batches), limitRows: Math.max(...limits) };
}

/** Mean rows per batch over the largest batch, of the batches between two readings; null when there were none. */
export function batchFillBetween(
  pairs: readonly { readonly before: BatchCounters; readonly now: BatchCounters }[],
): number | null {
  let rows = 0;
  let room = 0;
  for (const { before, now } of pairs) {
    if (now.batches < before.batches) continue;
    rows += now.rows - before.rows;
    room += (now.batches - before.batches) * now.limitRows;
  }
  return room > 0 ? Math.min(1, rows / room) : null;
}
