import { requestPhaseMetrics } from '../core/diagnosis/waterfall/phase-metrics.ts';
import { replicaMetrics } from '../schemas/replica/replica-metrics.ts';

/** Every metric that the model server exports; units last. */
export const metricNames = {
  /** Batch fill, under the names that any replica may export. */
  ...replicaMetrics,
  /** Where the time of a request goes. */
  ...requestPhaseMetrics,
  queueDepth: 'plimsoll_model_server_queue_depth_requests',
  inFlight: 'plimsoll_model_server_in_flight_requests',
  requests: 'plimsoll_model_server_requests_total',
  /** Distribution of rows over batches. */
  batchSize: 'plimsoll_model_server_batch_size_rows',
  /** Rows of the last batch as a share of the largest allowed. */
  batchFillLast: 'plimsoll_model_server_batch_fill_last_share',
  /** Rows of all batches since the start as a share of what they could have held. */
  batchFillMean: 'plimsoll_model_server_batch_fill_mean_share',
  compute: 'plimsoll_model_server_inference_compute_seconds',
  queueWait: 'plimsoll_model_server_queue_wait_seconds',
  phaseDuration: 'plimsoll_model_server_phase_duration_seconds',
  residentMemory: 'plimsoll_model_server_resident_memory_bytes',
  modelMemory: 'plimsoll_model_server_model_memory_bytes',
  ready: 'plimsoll_model_server_ready',
} as const;
