import { replicaMetrics, type BatchCounters } from '../../schemas/replica-metrics.ts';

/**
 * Reads the three metrics out of a Prometheus exposition, summed over their labels (the limit: the largest). Null when
 * one of them is missing: another server, or one that does not batch.
 */
export function parseBatchCounters(exposition: string): BatchCounters | null {
  const rows = valuesOf(exposition, replicaMetrics.batchRows);
  const batches = valuesOf(exposition, replicaMetrics.batches);
  const limits = valuesOf(exposition, replicaMetrics.batchLimit);
  if (rows.length === 0 || batches.length === 0 || limits.length === 0) return null;
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return { rows: sum(rows), batches: sum(batches), limitRows: Math.max(...limits) };
}

/** https://prometheus.io/docs/instrumenting/exposition_formats/: `name{labels} value [timestamp]`, one a line. */
function valuesOf(exposition: string, metric: string): readonly number[] {
  return exposition.split('\n').flatMap((line) => {
    if (!line.startsWith(metric)) return [];
    const rest = line.slice(metric.length);
    const tail = rest.startsWith('{') ? rest.slice(rest.lastIndexOf('}') + 1) : rest;
    if (!tail.startsWith(' ')) return [];
    const value = Number(tail.trim().split(/\s+/)[0]);
    return Number.isFinite(value) ? [value] : [];
  });
}
