import { expect, test } from 'vitest';
import { onnxruntimeEngine } from '../adapters/onnxruntime/engine.ts';
import { valueOrNull } from '../core/diagnosis/readings/reading.ts';
import { readServerCounters } from '../core/diagnosis/waterfall/phase-metrics.ts';
import { parseExposition } from '../protocols/prometheus-text/parse-exposition.ts';
import { identityModel } from '../testing/builders/files/onnx-models.ts';
import { memoryModels, startModelServer } from '../testing/rigs/model-server-rig.ts';
import { RequestTimes } from './request-times.ts';

test('the marks of a request divide its time without a rest', () => {
  const times = new RequestTimes();
  const marks = { beganMs: 10, receivedMs: 12, parsedMs: 15, batchedMs: 19, ranMs: 24, endedMs: 30 };
  times.add(marks);
  times.add(marks);
  expect(times.requests).toBe(2);
  expect(times.phasesMs).toEqual({ receive: 4, preprocess: 6, 'batch-wait': 8, run: 10, encode: 12 });
});

test('a server tells the phases of the requests that it answered, and not of those that it refused', async () => {
  const server = await startModelServer(
    onnxruntimeEngine,
    memoryModels('m', new Map([[1, () => identityModel('FP32')]])),
  );
  const tensor = { name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 2] };
  for (let count = 0; count < 3; count += 1) await server.post('/v2/models/m/infer', { inputs: [tensor] });
  await server.post('/v2/models/m/infer', { inputs: [{ ...tensor, name: 'other' }] });
  const counters = readServerCounters(
    'r',
    parseExposition(await (await fetch(`${server.url}/metrics`)).text()).samples,
  );
  expect(counters.requests).toEqual({ value: 3 });
  for (const phase of ['receive', 'preprocess', 'batch-wait', 'run', 'encode'] as const) {
    expect(valueOrNull(counters.phasesMs[phase])).toBeGreaterThanOrEqual(0);
  }
  expect(valueOrNull(counters.phasesMs.run)).toBeGreaterThan(0);
  // Three batches of one request: what the engine computed is inside of what they waited for.
  expect(valueOrNull(counters.engineMs)).toBeLessThanOrEqual(valueOrNull(counters.phasesMs.run) ?? 0);
  expect(counters.phasesMs.upstream).toEqual({ unknown: 'this server does not tell it' });
  await server.stop();
});
