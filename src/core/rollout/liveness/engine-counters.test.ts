import { expect, it } from 'vitest';
import { tellWorkCounters } from './engine-counters.ts';

const reading = (samples: Readonly<Record<string, number>>) => ({
  readAtMs: 0,
  samples: Object.entries(samples).map(([name, value]) => ({ name, labels: [], value, atMs: null })),
});

it('is another text when tokens, batches or steps moved', () => {
  for (const name of ['vllm:generation_tokens_total', 'plimsoll_batches_total', 'nv_inference_request_success']) {
    expect(tellWorkCounters(reading({ [name]: 1 }))).not.toBe(tellWorkCounters(reading({ [name]: 2 })));
  }
});

it('takes processor time, requests of HTTP and gauges for no progress', () => {
  const samples = {
    process_cpu_seconds_total: 9,
    http_requests_total: 4,
    batch_size: 3,
    engine_step_cpu_seconds_total: 1,
  };
  expect(tellWorkCounters(reading(samples))).toBeNull();
});
