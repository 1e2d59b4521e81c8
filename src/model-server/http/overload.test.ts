/** Bounds under load, and the end of the server's life. */
import { afterEach, describe, expect, test } from 'vitest';
import { FakeInferenceEngine, fakeModelBytes } from '../../testing/fakes/fake-inference-engine.ts';
import { memoryModels, startModelServer, type ModelServerRig } from '../../testing/rigs/model-server-rig.ts';
import type { ModelServerSettings } from '../../schemas/replica/model-server-settings.ts';

let server: ModelServerRig | undefined;
let stopped: Promise<boolean> | undefined;
afterEach(async () => {
  await (stopped ?? server?.stop());
  [server, stopped] = [undefined, undefined];
});

async function start(settings: Partial<ModelServerSettings> = {}) {
  const engine = new FakeInferenceEngine();
  const rig = await startModelServer(engine, memoryModels('m', new Map([[1, () => fakeModelBytes()]])), settings);
  server = rig;
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const infer = (headers?: Record<string, string>) =>
    rig.post('/v2/models/m/infer', { inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 0] }] }, headers);
  return {
    rig,
    engine,
    open,
    infer,
    hold: () => void (engine.beforeRun = () => gate),
    runsStarted: async (count: number) => {
      while (engine.runs.length < count) await new Promise((resolve) => setTimeout(resolve, 2));
    },
    metric: async (name: string) => {
      const text = await (await fetch(`${rig.url}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    },
  };
}

const queueDepth = 'plimsoll_model_server_queue_depth_requests{model="m",version="1"}';

describe('a full queue', () => {
  test('answers 429 with Retry-After, and the accepted requests are answered', async () => {
    const { hold, open, infer, runsStarted, metric } = await start({ queueLimit: 2 });
    hold();
    const running = [infer()];
    await runsStarted(1);
    running.push(infer(), infer());
    while ((await metric(queueDepth.replace(/[{}"]/g, '\\$&'))) < 2);
    const refused = await infer();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '1']);
    expect(refused.error).toMatch(/2 requests wait already/);
    open();
    expect((await Promise.all(running)).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('a deadline that passes while waiting is 504, and not computed', async () => {
    const { hold, open, infer, runsStarted, engine } = await start();
    hold();
    const first = infer();
    await runsStarted(1);
    const late = await infer({ 'plimsoll-deadline-ms': '20' });
    expect([late.status, late.error]).toEqual([504, expect.stringMatching(/deadline passed/)]);
    open();
    expect((await first).status).toBe(200);
    expect(engine.runs).toHaveLength(1);
  });
});

describe('drain', () => {
  test('answers what was accepted, refuses new requests with 503 and Connection: close, then ends', async () => {
    const { rig, hold, open, infer, runsStarted } = await start();
    hold();
    const accepted = infer();
    await runsStarted(1);
    stopped = rig.stop();
    const refused = await infer();
    expect([refused.status, refused.headers.get('connection')]).toEqual([503, 'close']);
    expect(refused.headers.get('retry-after')).toBe('1');
    expect((await rig.get('/v2/health/ready')).status).toBe(503);
    expect((await rig.get('/v2/health/live')).status).toBe(200);
    expect((await rig.get('/v2/models/m/ready')).json).toEqual({ name: 'm', ready: false });
    expect((await rig.post('/v2/repository/models/m/load', '')).status).toBe(503);
    open();
    expect((await accepted).status).toBe(200);
    expect(await stopped).toBe(true);
    expect(rig.lines.at(-1)).toEqual({ plimsoll: 'draining', inFlight: 1 });
    await expect(infer()).rejects.toThrow();
  });

  test('ends at its bound when a run does not', async () => {
    const { rig, hold, open, infer, runsStarted } = await start({ drainTimeoutMs: 50 });
    hold();
    const lost = infer().catch((error: unknown) => error);
    await runsStarted(1);
    stopped = rig.stop();
    expect(await stopped).toBe(false);
    expect(await lost).toBeInstanceOf(Error);
    expect(rig.log.join('\n')).toMatch(/bound of 50 ms passed with 1 requests in flight/);
    open();
  });
});

describe('what it tells', () => {
  test('phases, then ready, as lines for the platform', async () => {
    const { rig } = await start();
    const phases = rig.lines.flatMap((line) => (line.plimsoll === 'phase' ? [line.phases] : []));
    expect(phases).toEqual([['process-start'], ['weights-fetch'], ['weights-load', 'engine-init'], ['warm-up']]);
    expect(rig.lines.map((line) => line.plimsoll)).toEqual(['phase', 'listening', 'phase', 'phase', 'phase', 'ready']);
    expect(rig.log.join('\n')).toMatch(/model m version 1: ready after \d+ ms: process-start/);
    // Of the phase that reads files; the bytes that a disk gave are told by the machine, which nothing here asks.
    const used = rig.lines.flatMap((line) => (line.plimsoll === 'phase' ? [line.used ?? null] : []));
    expect(used).toEqual([null, { fileBytes: fakeModelBytes().length }, null, null]);
  });

  test('what its container shows, on a path of its own, where somebody reads it', async () => {
    const { rig } = await start();
    expect((await fetch(`${rig.url}/metrics/container`)).status).toBe(404);
    await rig.stop();
    const inside = [{ name: 'a_total', type: 'counter', help: 'h', samples: [{ labels: [], value: 1 }] }] as const;
    const engine = new FakeInferenceEngine();
    const models = memoryModels('m', new Map([[1, () => fakeModelBytes()]]));
    server = await startModelServer(engine, models, { readContainer: async () => inside });
    const answer = await fetch(`${server.url}/metrics/container`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/plain/)]);
    expect(await answer.text()).toBe('# HELP a_total h\n# TYPE a_total counter\na_total 1\n');
  });

  test('metrics: what was asked, how full the batches were, how long things took', async () => {
    const { rig, infer } = await start({ maxBatchRows: 4 });
    await infer();
    await rig.post('/v2/models/m/infer', '');
    const text = await (await fetch(`${rig.url}/metrics`)).text();
    for (const line of [
      'plimsoll_model_server_requests_total{outcome="ok"} 1',
      'plimsoll_model_server_requests_total{outcome="bad-request"} 1',
      'plimsoll_model_server_in_flight_requests 0',
      'plimsoll_model_server_ready 1',
      `${queueDepth} 0`,
      'plimsoll_batches_total{model="m",version="1"} 1',
      'plimsoll_batch_rows_total{model="m",version="1"} 1',
      'plimsoll_batch_limit_rows{model="m",version="1"} 4',
      'plimsoll_model_server_batch_fill_last_share{model="m",version="1"} 0.25',
      'plimsoll_model_server_batch_fill_mean_share{model="m",version="1"} 0.25',
      'plimsoll_model_server_inference_compute_seconds_sum{model="m",version="1"} 0.00025',
      'plimsoll_model_server_queue_wait_seconds_count{model="m",version="1"} 1',
      'plimsoll_model_server_phase_duration_seconds{phases="weights-load + engine-init"} 0.005',
      'plimsoll_model_server_model_memory_bytes{model="m",version="1"} 1024',
    ]) {
      expect(text.split('\n')).toContain(line);
    }
    expect(text).toMatch(/plimsoll_model_server_resident_memory_bytes \d{8,}/);
  });

  test('a taken port is an error that names it', async () => {
    const { rig } = await start();
    const again = startModelServer(
      new FakeInferenceEngine(),
      memoryModels('m', new Map([[1, () => fakeModelBytes()]])),
      {
        port: rig.port,
      },
    );
    await expect(again).rejects.toMatchObject({
      code: 'port-taken',
      message: expect.stringContaining(`${rig.port}`) as string,
    });
  });

  test('a model that cannot be loaded ends the server with the reason', async () => {
    const broken = memoryModels('m', new Map([[1, () => new Uint8Array(3)]]));
    await expect(startModelServer(new FakeInferenceEngine(), broken)).rejects.toMatchObject({
      code: 'model-unloadable',
    });
  });
});
