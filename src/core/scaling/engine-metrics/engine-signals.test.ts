import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { engineExposition, readingOf, withValues } from '../../../testing/builders/files/engine-expositions.ts';
import { detectEngine } from './detect-engine.ts';
import { engineSignals, replicaSignalNames, type EngineSignalsOptions } from './engine-signals.ts';
import { engineNames, metricNamesOf } from './engine-table.ts';
import { splitReading, type MetricSample, type MetricsReading } from './reading.ts';

const beforeMs = 1_760_000_000_000;
const nowMs = beforeMs + 10_000;

/** Signals of a fixture after ten seconds in which its values became these. */
function after(
  name: string,
  values: Readonly<Record<string, number | string>>,
  options: Partial<EngineSignalsOptions> = {},
) {
  const text = engineExposition(name);
  return engineSignals(readingOf(text, beforeMs), readingOf(withValues(text, values), nowMs), { nowMs, ...options });
}

const vllmLater = {
  'vllm:request_success_total{engine="0",finished_reason="stop"': 130,
  'vllm:request_success_total{engine="1"': 90,
  'vllm:request_inference_time_seconds_sum{engine="0"': 75,
  'vllm:request_inference_time_seconds_count{engine="0"': 150,
  'vllm:request_inference_time_seconds_sum{engine="1"': 45,
  'vllm:request_inference_time_seconds_count{engine="1"': 90,
};

describe('what an engine exports becomes signals', () => {
  it('of vLLM: gauges of its engines added up, the mean of their caches, time without the queue', () => {
    const signals = after('vllm', { ...vllmLater, 'vllm:num_requests_waiting{engine="0"': 8 });
    expect(signals).toMatchObject({
      engine: 'vllm',
      queueDepth: 10,
      inFlight: 10,
      acceleratorMemoryShare: 0.5,
      completionsPerSecond: 4,
      // 40 left, and 5 more wait.
      arrivalsPerSecond: 4.5,
      // 20 s in 40 requests.
      serviceMs: 500,
      batchRows: 10,
      batchFillShare: null,
      unknown: { batchFillShare: 'limit-unknown' },
    });
    expect(after('vllm', vllmLater, { batchLimitRows: 40 }).batchFillShare).toBe(0.25);
  });

  it('of an older vLLM by its older names', () => {
    expect(after('vllm-older', {})).toMatchObject({ engine: 'vllm', queueDepth: 3, acceleratorMemoryShare: 0.5 });
  });

  it('of Triton: rows for each execution, microseconds, bytes', () => {
    const signals = after(
      'triton',
      {
        'nv_inference_count{model="densenet"': 4_400,
        'nv_inference_exec_count{model="densenet"': 550,
        'nv_inference_request_success{model="densenet"': 1_100,
        'nv_inference_request_duration_us{model="densenet"': 14_000_000,
        'nv_inference_queue_duration_us{model="densenet"': 3_000_000,
        'nv_inference_compute_infer_duration_us{model="densenet"': 14_000_000,
      },
      { batchLimitRows: 16 },
    );
    expect(signals).toMatchObject({
      engine: 'triton',
      queueDepth: 8,
      // 5 s of work in 10 s.
      inFlight: 0.5,
      batchRows: 8,
      batchFillShare: 0.5,
      serviceMs: 10,
      acceleratorMemoryShare: 0.25,
      completionsPerSecond: 10,
      arrivalsPerSecond: null,
    });
  });

  it('of TGI: no share of memory, because a limit is none', () => {
    const signals = after('tgi', {
      tgi_request_count: 170,
      tgi_request_success: 150,
      tgi_request_inference_duration_sum: 75,
      tgi_request_inference_duration_count: 150,
    });
    expect(signals).toMatchObject({
      queueDepth: 3,
      inFlight: 5,
      serviceMs: 500,
      arrivalsPerSecond: 2,
      completionsPerSecond: 1,
      acceleratorMemoryShare: null,
      unknown: { acceleratorMemoryShare: 'not-exported' },
    });
  });

  it('of SGLang: one rank of those that all export the same', () => {
    const signals = after('sglang', {
      'sglang:num_requests_total': 320,
      'sglang:e2e_request_latency_seconds_sum': 192,
      'sglang:e2e_request_latency_seconds_count': 320,
      'sglang:queue_time_seconds_sum': 34,
      'sglang:queue_time_seconds_count': 320,
    });
    expect(signals).toMatchObject({ queueDepth: 4, inFlight: 12, acceleratorMemoryShare: 0.28, arrivalsPerSecond: 2 });
    expect(signals.serviceMs).toBeCloseTo(400, 6);
  });

  it('of TorchServe: how many waited out of how long they did, and percent', () => {
    const signals = after('torchserve', {
      ts_inference_requests_total: 500,
      ts_inference_latency_microseconds: 13_000_000,
      ts_queue_latency_microseconds: 21_000_000,
    });
    expect(signals).toMatchObject({ queueDepth: 2, inFlight: 0.5, serviceMs: 50, arrivalsPerSecond: 10 });
    expect(signals.acceleratorMemoryShare).toBeCloseTo(0.3, 12);
  });

  it('of Ray Serve and MLServer: queues of handles and of workers added up', () => {
    expect(after('ray-serve', {})).toMatchObject({ queueDepth: 20, inFlight: 2, serviceMs: null });
    const signals = after('mlserver', {
      'parallel_request_queue_sum{workerpid="11"': 80,
      'parallel_request_queue_count{workerpid="11"': 40,
      'parallel_request_queue_sum{workerpid="12"': 60,
      'parallel_request_queue_count{workerpid="12"': 40,
      'rest_server_request_duration_seconds_sum{app_name="mlserver",method="POST"': 4,
      'rest_server_request_duration_seconds_count{app_name="mlserver",method="POST"': 80,
      model_infer_request_success_total: 80,
    });
    // 2 before one worker and 3 before the other, on the mean; the health checks are no inference.
    expect(signals).toMatchObject({ queueDepth: 5, inFlight: 4, serviceMs: 50, completionsPerSecond: 2 });
  });

  it('of a real MLServer without workers: what it has, and no queue', () => {
    const real = { 'model_infer_request_success_total{': 30, 'model_infer_request_duration_count{': 30 };
    const signals = after('mlserver-1.7.1', { ...real, 'model_infer_request_duration_sum{': 0.912045198999294 });
    expect(signals).toMatchObject({ engine: 'mlserver', queueDepth: null, inFlight: 0, completionsPerSecond: 1 });
    expect(signals.serviceMs).toBeCloseTo(50, 6);
    expect(signals.unknown.queueDepth).toBe('missing');
  });

  it('of the model server: rows over the largest batch, those that wait not among those in flight', () => {
    const text = (batches: number) =>
      [
        'plimsoll_model_server_ready 1',
        'plimsoll_model_server_queue_depth_requests{model="m"} 3',
        'plimsoll_model_server_in_flight_requests 7',
        `plimsoll_batch_rows_total{model="m"} ${batches * 8}`,
        `plimsoll_batches_total{model="m"} ${batches}`,
        'plimsoll_batch_limit_rows{model="m"} 32',
        '',
      ].join('\n');
    const signals = engineSignals(readingOf(text(10), beforeMs), readingOf(text(20), nowMs), { nowMs });
    expect(signals).toMatchObject({ engine: 'plimsoll', queueDepth: 3, inFlight: 4, batchFillShare: 0.25 });
    expect(signals.unknown.acceleratorMemoryShare).toBe('not-exported');
  });

  it.each([
    ['4.8, in MiB', engineExposition('dcgm-4.8'), 4_000 / 16_000],
    ['4.9, in bytes', 'DCGM_FI_DEV_FB_USED_BYTES{gpu="0"} 4e9\nDCGM_FI_DEV_FB_CAPACITY_BYTES{gpu="0"} 16e9\n', 0.25],
    // A name of each generation: neither unit is complete.
    ['of mixed units', 'DCGM_FI_DEV_FB_USED{gpu="0"} 4000\nDCGM_FI_DEV_FB_CAPACITY_BYTES{gpu="0"} 16e9\n', null],
  ])('of the DCGM exporter %s', (_name, text, share) => {
    expect(engineSignals(null, readingOf(text, nowMs), { nowMs })).toMatchObject({
      engine: 'dcgm',
      acceleratorMemoryShare: share,
      queueDepth: null,
    });
  });
});

describe('what cannot be told is unknown, with its reason, and never zero', () => {
  it('the first reading has gauges and no increases', () => {
    const signals = engineSignals(null, readingOf(engineExposition('vllm'), nowMs), { nowMs });
    expect(signals).toMatchObject({ queueDepth: 5, serviceMs: null, completionsPerSecond: null });
    expect(signals.unknown).toMatchObject({ serviceMs: 'first-reading', arrivalsPerSecond: 'first-reading' });
  });

  it('a counter that fell was reset: this interval is unknown, the gauges are not', () => {
    const signals = after('vllm', { 'vllm:request_success_total{engine="1"': 2 });
    expect(signals.unknown).toMatchObject({ completionsPerSecond: 'reset', arrivalsPerSecond: 'reset' });
    expect(signals).toMatchObject({ completionsPerSecond: null, queueDepth: 5 });
  });

  it('a process that started anew was reset, even where its counters have grown past the old ones', () => {
    const signals = after('vllm', { ...vllmLater, process_start_time_seconds: 1.76000006e9 });
    expect(signals.unknown).toMatchObject({ completionsPerSecond: 'reset', serviceMs: 'reset' });
  });

  it('a series that went was reset; one that is new beside others began at zero', () => {
    const text = engineExposition('vllm');
    const extra = 'vllm:request_success_total{engine="0",finished_reason="abort",model_name="qwen"} 10\n';
    const [without, withIt] = [readingOf(text, beforeMs), readingOf(text + extra, nowMs)];
    expect(engineSignals(without, withIt, { nowMs }).completionsPerSecond).toBe(1);
    const gone = engineSignals({ ...withIt, readAtMs: beforeMs }, { ...without, readAtMs: nowMs }, { nowMs });
    expect(gone.unknown.completionsPerSecond).toBe('reset');
  });

  it('no request in the interval gives no mean, and a rate that is known to be none', () => {
    const signals = after('vllm', {});
    expect(signals).toMatchObject({ completionsPerSecond: 0, serviceMs: null });
    expect(signals.unknown.serviceMs).toBe('idle');
  });

  it.each([
    ['NaN', 'not-a-number'],
    ['+Inf', 'not-a-number'],
    [-1, 'impossible'],
  ])('a queue of %s is unknown', (value, reason) => {
    const signals = after('vllm', { 'vllm:num_requests_waiting{engine="1"': value });
    expect(signals).toMatchObject({ queueDepth: null, unknown: { queueDepth: reason } });
  });

  it('a share far above one is another unit', () => {
    const signals = after('vllm', {
      'vllm:kv_cache_usage_perc{engine="0"': 75,
      'vllm:kv_cache_usage_perc{engine="1"': 25,
    });
    expect(signals).toMatchObject({ acceleratorMemoryShare: null, unknown: { acceleratorMemoryShare: 'impossible' } });
  });

  it('a reading, or a sample in it, that is too old is stale', () => {
    expect(after('vllm', {}, { nowMs: nowMs + 60_001 }).unknown.queueDepth).toBe('stale');
    expect(after('vllm', {}, { nowMs: nowMs + 60_000 }).queueDepth).toBe(5);
    const old = readingOf(`tgi_queue_size 3 ${nowMs - 61_000}\ntgi_batch_current_size 5\n`, nowMs);
    const signals = engineSignals(null, old, { nowMs });
    expect(signals).toMatchObject({ queueDepth: null, inFlight: 5, unknown: { queueDepth: 'stale' } });
  });

  it('the same sample twice is no interval without requests', () => {
    const text = `tgi_queue_size 3\ntgi_request_count 5 ${beforeMs}\n`;
    const signals = engineSignals(readingOf(text, beforeMs), readingOf(text, nowMs), { nowMs });
    expect(signals.unknown.arrivalsPerSecond).toBe('no-new-sample');
  });

  it('times of samples, where they are, say over which time an increase is', () => {
    const at = (count: number, atMs: number) => `tgi_queue_size 3\ntgi_request_count ${count} ${atMs}\n`;
    const [before, now] = [readingOf(at(5, beforeMs - 5_000), beforeMs), readingOf(at(35, nowMs), nowMs)];
    expect(engineSignals(before, now, { nowMs }).arrivalsPerSecond).toBe(2);
  });

  it('an engine that nobody knows tells nothing', () => {
    const signals = engineSignals(null, readingOf('up 1\n', nowMs), { nowMs });
    expect(signals).toMatchObject({ engine: null, queueDepth: null, unknown: { queueDepth: 'missing' } });
    expect(engineSignals(null, readingOf('up 1\n', nowMs), { nowMs, engine: 'tgi' }).unknown).toMatchObject({
      queueDepth: 'missing',
      batchFillShare: 'missing',
      acceleratorMemoryShare: 'not-exported',
    });
  });
});

describe('a replica that warms up', () => {
  it('is left out until then, and no interval begins before', () => {
    const warming = after('vllm', vllmLater, { warmUntilMs: nowMs + 1 });
    expect(warming).toMatchObject({ isWarmingUp: true, queueDepth: null, serviceMs: null, unknown: {} });
    const justWarm = after('vllm', vllmLater, { warmUntilMs: beforeMs + 1 });
    expect(justWarm).toMatchObject({ isWarmingUp: false, queueDepth: 5, unknown: { serviceMs: 'first-reading' } });
    expect(after('vllm', vllmLater, { warmUntilMs: beforeMs }).serviceMs).toBe(500);
  });
});

describe('whatever two readings say', () => {
  const anyName = fc.constantFrom(...metricNamesOf(null), 'up');
  const anySample: fc.Arbitrary<MetricSample> = fc.record({
    name: anyName,
    labels: fc.constantFrom([], [['tp_rank', '0']] as const, [['model', 'a']] as const),
    value: fc.oneof(fc.double(), fc.nat(100)),
    atMs: fc.option(fc.integer({ min: beforeMs - 100_000, max: nowMs + 1_000 })),
  });
  const anyReading = (readAtMs: number): fc.Arbitrary<MetricsReading> =>
    fc
      .uniqueArray(anySample, { selector: ({ name, labels }) => JSON.stringify([name, labels]), maxLength: 60 })
      .map((samples) => ({
        readAtMs,
        samples,
      }));
  const anyPair = fc.tuple(anyReading(beforeMs), anyReading(nowMs), fc.option(fc.constantFrom(...engineNames)));

  it('a signal is a finite number that is not negative, or unknown with a reason; shares are at most 1', () => {
    fc.assert(
      fc.property(anyPair, ([before, now, engine]) => {
        const signals = engineSignals(before, now, { nowMs, engine });
        for (const name of replicaSignalNames) {
          const value = signals[name];
          expect(value === null).toBe(signals.unknown[name] !== undefined);
          if (value !== null) expect(Number.isFinite(value) && value >= 0).toBe(true);
        }
        expect(Math.max(signals.batchFillShare ?? 0, signals.acceleratorMemoryShare ?? 0)).toBeLessThanOrEqual(1);
      }),
      { numRuns: 500 },
    );
  });

  it('samples that no rule reads change nothing', () => {
    fc.assert(
      fc.property(anyPair, ([before, now, engine]) => {
        const known = new Set(metricNamesOf(engine));
        const only = (reading: MetricsReading) => ({
          ...reading,
          samples: reading.samples.filter(({ name }) => known.has(name)),
        });
        expect(engineSignals(only(before), only(now), { nowMs, engine })).toEqual(
          engineSignals(before, now, { nowMs, engine }),
        );
      }),
    );
  });
});

describe('which engine it is', () => {
  it.each([
    ['vllm', 'vllm'],
    ['vllm-older', 'vllm'],
    ['triton', 'triton'],
    ['tgi', 'tgi'],
    ['sglang', 'sglang'],
    ['torchserve', 'torchserve'],
    ['ray-serve', 'ray-serve'],
    ['mlserver', 'mlserver'],
    ['dcgm-4.8', 'dcgm'],
  ])('%s is %s', (name, engine) => {
    expect(detectEngine(readingOf(engineExposition(name), nowMs))).toBe(engine);
  });

  it('is an engine rather than the device below it', () => {
    const both = engineExposition('dcgm-4.8') + engineExposition('tgi');
    expect(detectEngine(readingOf(both, nowMs))).toBe('tgi');
    expect(detectEngine(readingOf('', nowMs))).toBeNull();
  });

  it('a reading of many replicas is split by a label', () => {
    const parts = splitReading(
      readingOf('tgi_queue_size{instance="a"} 1\ntgi_queue_size{instance="b"} 2\nup 1\n', 5),
      'instance',
    );
    expect([...parts].map(([key, { readAtMs, samples }]) => [key, readAtMs, samples[0]?.value])).toEqual([
      ['a', 5, 1],
      ['b', 5, 2],
      ['', 5, 1],
    ]);
  });
});
