import type { MetricSample } from '../../core/scaling/engine-metrics/reading.ts';
import { replicaMetrics, type BatchCounters } from '../../schemas/replica/replica-metrics.ts';
import { parseExposition } from './parse-exposition.ts';

/**
 * The three metrics out of a Prometheus exposition, summed over their labels (the limit: the largest). Null when one of them
 * is missing or no number: another server, or one that does not batch. @throws PlimsollError `metrics-garbage`.
 */
export function parseBatchCounters(exposition: string): BatchCounters | null {
  return batchCountersIn(parseExposition(exposition).samples);
}

/** The same out of samples that were read already. */
export function batchCountersIn(samples: readonly MetricSample[]): BatchCounters | null {
  const valuesOf = (metric: string): readonly number[] =>
    samples.filter(({ name, value }) => name === metric && Number.isFinite(value)).map(({ value }) => value);
  const [rows, batches, limits] = [replicaMetrics.batchRows, replicaMetrics.batches, replicaMetrics.batchLimit].map(
    valuesOf,
  );
  if (!rows?.length || !batches?.length || !limits?.length) return null;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { rows: sum(rows), batches: sum(batches), limitRows: Math.max(...limits) };
}
