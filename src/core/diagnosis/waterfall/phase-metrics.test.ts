import { describe, expect, it } from 'vitest';
import type { MetricSample } from '../../scaling/engine-metrics/reading.ts';
import { phaseMetricNames, readGatewayCounters, readServerCounters } from './phase-metrics.ts';

const sample = (name: string, value: number, labels: MetricSample['labels'] = []): MetricSample => ({
  ...{ name, value, labels, atMs: null },
});
const scope = { service: 'digits', environment: 'prod' };

describe('readServerCounters', () => {
  it('reads the names of the model server, and leaves unknown what it does not have', () => {
    const phase = (name: string, seconds: number) =>
      sample('plimsoll_request_phase_seconds_total', seconds, [['phase', name]]);
    const counters = readServerCounters('r1', [
      sample('plimsoll_phased_requests_total', 40),
      phase('preprocess', 0.5),
      phase('run', 2),
      sample('plimsoll_engine_seconds_total', 1.25),
      sample('plimsoll_batch_rows_total', 30, [['model', 'a']]),
      sample('plimsoll_batch_rows_total', 20, [['model', 'b']]),
    ]);
    expect(counters).toMatchObject({
      requests: { value: 40 },
      phasesMs: {
        preprocess: { value: 500 },
        run: { value: 2_000 },
        upstream: { unknown: 'this server does not tell it' },
      },
      engineMs: { value: 1_250 },
      rows: { value: 50 },
      batches: { unknown: 'this server does not tell it' },
    });
  });

  it('reads Triton, whose times are microseconds', () => {
    const counters = readServerCounters('r1', [
      sample('nv_inference_request_success', 10, [['model', 'a']]),
      sample('nv_inference_queue_duration_us', 30_000, [['model', 'a']]),
      sample('nv_inference_exec_count', 4, [['model', 'a']]),
    ]);
    expect(counters.phasesMs['batch-wait']).toEqual({ value: 30 });
    expect(counters.batches).toEqual({ value: 4 });
    expect(counters.engineMs).toEqual({ unknown: 'this server does not tell it' });
  });

  it('says why nothing could be read', () => {
    expect(readServerCounters('r1', { unknown: 'no connection' }).requests).toEqual({ unknown: 'no connection' });
  });
});

describe('readGatewayCounters', () => {
  it('reads the series of one service of many', () => {
    const of = (service: string, value: number): MetricSample =>
      sample('plimsoll_gateway_request_phase_seconds_total', value, [
        ['environment', 'prod'],
        ['phase', 'queue'],
        ['service', service],
      ]);
    const home = sample('plimsoll_gateway_request_phase_seconds_total', 3, [['phase', 'queue']]);
    const { phasesMs } = readGatewayCounters('g1', [home, of('digits', 0.2), of('words', 7)], scope);
    expect(readGatewayCounters('g1', [home, of('words', 7)], scope).phasesMs.queue).toEqual({ value: 3_000 });
    expect(phasesMs.queue).toEqual({ value: 200 });
    expect(phasesMs.connect).toEqual({ unknown: 'this gateway does not tell it' });
  });
});

it('looks for each name once', () => {
  expect(new Set(phaseMetricNames).size).toBe(phaseMetricNames.length);
});
