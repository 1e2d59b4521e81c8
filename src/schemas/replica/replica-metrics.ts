/**
 * Names of the metrics by which a replica tells how full its batches are, as Prometheus counters and a gauge. The model
 * server exports them and the control plane reads them; another server may export the same names.
 *
 * batch fill = increase(rows) / (increase(batches) * limit)
 */
export const replicaMetrics = {
  batchRows: 'plimsoll_batch_rows_total',
  batches: 'plimsoll_batches_total',
  /** Largest batch that the server forms, in rows. */
  batchLimit: 'plimsoll_batch_limit_rows',
} as const;

/** What a replica says about its batches by them, cumulative since its start. */
export interface BatchCounters {
  readonly rows: number;
  readonly batches: number;
  readonly limitRows: number;
}
