import { processStart } from './series-of-metric.ts';
import { dcgmFields, dcgmMemoryRules } from './dcgm-fields.ts';
import {
  engineSignalNames,
  namesOfRule,
  type EngineMetrics,
  type EngineName,
  type MetricRule,
  type SeriesFilter,
} from './metric-rule.ts';

const gauge = (...names: readonly string[]): MetricRule => ({ kind: 'gauge', names, over: 'sum' });
const increase = (...names: readonly string[]): MetricRule => ({ kind: 'increase', names });
/** Mean of a histogram or summary over what it took in between two readings. */
const meanOf = (scale: number, ...histograms: readonly string[]): MetricRule => ({
  kind: 'mean-increase',
  sum: histograms.map((name) => `${name}_sum`),
  count: histograms.map((name) => `${name}_count`),
  scale,
});
const secondsToMs = 1_000;
const microsecondsToMs = 0.001;

/** Each rank of a tensor-parallel SGLang may export the same numbers (`--enable-metrics-for-all-schedulers`): one speaks. */
const firstRank: SeriesFilter = { label: 'tp_rank', matches: 'equals', value: '0' };
const answered: SeriesFilter = { label: 'outcome', matches: 'equals', value: 'ok' };
const inference: SeriesFilter = { label: 'path', matches: 'contains', value: 'infer' };

/**
 * Which metric of which engine gives which signal. Queue time is left out of the service time wherever the engine tells it
 * apart, because requests that wait are counted in the queue depth. What an engine does not export has no rule, and is
 * unknown: TGI has no share of memory (`tgi_batch_current_max_tokens` is a limit), Triton and the LLM engines no limit of
 * their batch, MLServer's `batch_request_queue` is a queue and not a fill.
 */
export const engineTable: readonly EngineMetrics[] = [
  {
    engine: 'plimsoll',
    knownBy: ['plimsoll_batches_total', 'plimsoll_model_server_ready'],
    signals: {
      queueDepth: [gauge('plimsoll_model_server_queue_depth_requests')],
      // Its gauge counts those that wait as well.
      inFlight: [
        {
          kind: 'gauge',
          names: ['plimsoll_model_server_in_flight_requests'],
          over: 'sum',
          less: ['plimsoll_model_server_queue_depth_requests'],
        },
      ],
      serviceMs: [meanOf(secondsToMs, 'plimsoll_model_server_inference_compute_seconds')],
      batchRows: [{ kind: 'mean-increase', sum: ['plimsoll_batch_rows'], count: ['plimsoll_batches'] }],
      batchLimitRows: [{ kind: 'gauge', names: ['plimsoll_batch_limit_rows'], over: 'max' }],
      completions: [{ kind: 'increase', names: ['plimsoll_model_server_requests'], only: answered }],
    },
    usualPath: '/metrics at the port of inference',
    source: 'src/model-server/metric-names.ts',
    lookedUp: '2026-11',
  },
  {
    engine: 'vllm',
    knownBy: ['vllm:num_requests_running', 'ray_vllm_num_requests_running'],
    signals: {
      queueDepth: [gauge('vllm:num_requests_waiting', 'ray_vllm_num_requests_waiting')],
      inFlight: [gauge('vllm:num_requests_running', 'ray_vllm_num_requests_running')],
      acceleratorMemoryShare: [
        {
          kind: 'gauge',
          names: ['vllm:kv_cache_usage_perc', 'vllm:gpu_cache_usage_perc', 'ray_vllm_kv_cache_usage_perc'],
          over: 'mean',
        },
      ],
      serviceMs: [
        meanOf(secondsToMs, 'vllm:request_inference_time_seconds', 'ray_vllm_request_inference_time_seconds'),
      ],
      batchRows: [gauge('vllm:num_requests_running', 'ray_vllm_num_requests_running')],
      completions: [increase('vllm:request_success', 'ray_vllm_request_success')],
    },
    usualPath: '/metrics at the port of inference',
    source: 'https://docs.vllm.ai/en/stable/usage/metrics/',
    lookedUp: '2026-11',
  },
  {
    engine: 'triton',
    knownBy: ['nv_inference_request_success', 'nv_inference_request_success_total'],
    signals: {
      queueDepth: [
        gauge('nv_inference_pending_request_count'),
        { kind: 'in-state', names: ['nv_inference_queue_duration_us'], scale: microsecondsToMs },
      ],
      inFlight: [{ kind: 'in-state', names: ['nv_inference_compute_infer_duration_us'], scale: microsecondsToMs }],
      acceleratorMemoryShare: [
        { kind: 'share-of', part: ['nv_gpu_memory_used_bytes'], whole: [['nv_gpu_memory_total_bytes']] },
      ],
      serviceMs: [
        {
          kind: 'mean-increase',
          sum: ['nv_inference_request_duration_us'],
          less: ['nv_inference_queue_duration_us'],
          count: ['nv_inference_request_success'],
          scale: microsecondsToMs,
        },
      ],
      batchRows: [{ kind: 'mean-increase', sum: ['nv_inference_count'], count: ['nv_inference_exec_count'] }],
      completions: [increase('nv_inference_request_success')],
    },
    usualPath: ':8002/metrics',
    source: 'https://github.com/triton-inference-server/server/blob/r24.04/docs/user_guide/metrics.md',
    lookedUp: '2026-11',
  },
  {
    engine: 'tgi',
    knownBy: ['tgi_queue_size', 'tgi_batch_current_size'],
    signals: {
      queueDepth: [gauge('tgi_queue_size')],
      inFlight: [gauge('tgi_batch_current_size')],
      serviceMs: [meanOf(secondsToMs, 'tgi_request_inference_duration')],
      batchRows: [gauge('tgi_batch_current_size')],
      arrivals: [increase('tgi_request_count')],
      completions: [increase('tgi_request_success')],
    },
    usualPath: '/metrics at the port of inference',
    source: 'https://huggingface.co/docs/text-generation-inference/reference/metrics',
    lookedUp: '2026-11',
  },
  {
    engine: 'sglang',
    knownBy: ['sglang:num_running_reqs', 'sglang_num_running_reqs', 'sglang:num_queue_reqs', 'sglang_num_queue_reqs'],
    signals: {
      queueDepth: [
        { kind: 'gauge', names: ['sglang:num_queue_reqs', 'sglang_num_queue_reqs'], over: 'sum', only: firstRank },
      ],
      inFlight: [
        { kind: 'gauge', names: ['sglang:num_running_reqs', 'sglang_num_running_reqs'], over: 'sum', only: firstRank },
      ],
      acceleratorMemoryShare: [
        { kind: 'gauge', names: ['sglang:token_usage', 'sglang_token_usage'], over: 'mean', only: firstRank },
      ],
      serviceMs: [
        {
          kind: 'mean-increase',
          sum: ['sglang:e2e_request_latency_seconds_sum'],
          less: ['sglang:queue_time_seconds_sum'],
          count: ['sglang:e2e_request_latency_seconds_count'],
          scale: secondsToMs,
          only: firstRank,
        },
        meanOf(secondsToMs, 'sglang:e2e_request_latency_seconds', 'sglang_e2e_request_latency_seconds'),
      ],
      batchRows: [
        { kind: 'gauge', names: ['sglang:num_running_reqs', 'sglang_num_running_reqs'], over: 'sum', only: firstRank },
      ],
      completions: [increase('sglang:num_requests', 'sglang_num_requests')],
    },
    usualPath: '/metrics at the port of inference, with --enable-metrics',
    source: 'https://github.com/sgl-project/sglang/blob/00ae9c1590d2/python/sglang/srt/metrics/collector.py',
    lookedUp: '2026-11',
  },
  {
    engine: 'torchserve',
    knownBy: ['ts_inference_requests_total', 'ts_queue_latency_microseconds'],
    signals: {
      // `QueueTime` is the time of one request; the cumulative one gives how many waited.
      queueDepth: [{ kind: 'in-state', names: ['ts_queue_latency_microseconds'], scale: microsecondsToMs }],
      inFlight: [{ kind: 'in-state', names: ['ts_inference_latency_microseconds'], scale: microsecondsToMs }],
      acceleratorMemoryShare: [{ kind: 'gauge', names: ['GPUMemoryUtilization'], over: 'mean', scale: 0.01 }],
      serviceMs: [
        {
          kind: 'mean-increase',
          sum: ['ts_inference_latency_microseconds'],
          count: ['ts_inference_requests'],
          scale: microsecondsToMs,
        },
      ],
      arrivals: [increase('ts_inference_requests')],
    },
    usualPath: ':8082/metrics, with metrics_mode=prometheus',
    source: 'https://docs.pytorch.org/serve/metrics.html',
    lookedUp: '2026-11',
  },
  {
    engine: 'ray-serve',
    knownBy: ['ray_serve_deployment_queued_queries', 'ray_serve_replica_processing_queries'],
    signals: {
      queueDepth: [gauge('ray_serve_deployment_queued_queries')],
      inFlight: [gauge('ray_serve_replica_processing_queries')],
      serviceMs: [meanOf(1, 'ray_serve_deployment_processing_latency_ms')],
      completions: [increase('ray_serve_deployment_request_counter')],
    },
    usualPath: 'the metrics export port of each node; refreshed every 10 s',
    source: 'https://docs.ray.io/en/latest/serve/monitoring.html',
    lookedUp: '2026-11',
  },
  {
    engine: 'mlserver',
    knownBy: ['model_infer_request_success', 'model_infer_request_success_total', 'parallel_request_queue_count'],
    signals: {
      // A histogram of what each request found before it in the queue of its worker; a gauge in no release that was seen.
      queueDepth: [{ kind: 'mean-of-series', histogram: ['parallel_request_queue'] }],
      inFlight: [gauge('rest_server_requests_in_progress')],
      serviceMs: [
        meanOf(secondsToMs, 'model_infer_request_duration'),
        {
          kind: 'mean-increase',
          sum: ['rest_server_requests_duration_seconds_sum', 'rest_server_request_duration_seconds_sum'],
          count: ['rest_server_requests_duration_seconds_count', 'rest_server_request_duration_seconds_count'],
          scale: secondsToMs,
          only: inference,
        },
      ],
      completions: [increase('model_infer_request_success')],
    },
    usualPath: ':8082/metrics',
    source: 'https://docs.seldon.ai/mlserver/user-guide/metrics',
    lookedUp: '2026-11',
  },
  {
    // No engine, but the device below one: after all of them, so that it is found only where none is.
    engine: 'dcgm',
    knownBy: dcgmFields.filter(({ means }) => means === 'used').flatMap(({ names }) => names.map(({ name }) => name)),
    signals: { acceleratorMemoryShare: dcgmMemoryRules },
    usualPath: ':9400/metrics of each node',
    source: 'https://docs.nvidia.com/datacenter/dcgm/latest/reference/dcgm-exporter-metrics.html',
    lookedUp: '2026-11',
  },
];

export const engineNames: readonly EngineName[] = engineTable.map(({ engine }) => engine);

export function metricsOfEngine(engine: EngineName): EngineMetrics {
  const found = engineTable.find((row) => row.engine === engine);
  if (found === undefined) throw new RangeError(`no metrics are known of ${engine}`);
  return found;
}

/** All names that are of use, for asking a server for nothing else. */
export function metricNamesOf(engine: EngineName | null): readonly string[] {
  const rows = engine === null ? engineTable : [metricsOfEngine(engine)];
  const names = rows.flatMap(({ knownBy, signals }) => [
    ...knownBy,
    ...engineSignalNames.flatMap((signal) => (signals[signal] ?? []).flatMap(namesOfRule)),
  ]);
  return [...new Set([...names, processStart])].sort();
}
