import { afterEach, describe, expect, test } from 'vitest';
import { settled } from '../testing/fakes/fake-clock.ts';
import { FakeInferenceEngine, fakeMatrix, fakeModelBytes } from '../testing/fakes/fake-inference-engine.ts';
import { memoryModels, startModelServer, type ModelServerRig } from '../testing/rigs/model-server-rig.ts';

let server: ModelServerRig;
afterEach(() => server.stop());

const start = async (engine = new FakeInferenceEngine()) => {
  const broken = { ...fakeMatrix, inputs: [{ name: 'renamed', datatype: 'FP32', shape: [-1, 2] }] };
  const versions = new Map([
    [1, () => fakeModelBytes()],
    [2, () => fakeModelBytes(broken)],
    [3, () => new TextEncoder().encode('no model')],
  ]);
  server = await startModelServer(engine, memoryModels('m', versions), {
    model: { name: 'm', path: '', version: 1 },
  });
};
const load = (parameters?: object) =>
  server.post('/v2/repository/models/m/load', parameters === undefined ? '' : { parameters });
const unload = (parameters?: object) =>
  server.post('/v2/repository/models/m/unload', parameters === undefined ? '' : { parameters });
const index = async (body: unknown = '') => (await server.post('/v2/repository/index', body)).json;
const infer = (version: number | null, name = 'x') =>
  server.post(`/v2/models/m${version === null ? '' : `/versions/${version}`}/infer`, {
    inputs: [{ name, shape: [1, 2], datatype: 'FP32', data: [1, 0] }],
  });

describe('index', () => {
  test('lists what is loaded and what could be', async () => {
    await start();
    const unavailable = { name: 'm', state: 'UNAVAILABLE', reason: 'not loaded' };
    expect(await index({})).toEqual([
      { name: 'm', version: '1', state: 'READY', reason: '' },
      { ...unavailable, version: '2' },
      { ...unavailable, version: '3' },
    ]);
    expect(await index({ ready: true })).toHaveLength(1);
    expect((await server.post('/v2/repository/index', { ready: 'yes' })).status).toBe(400);
  });
});

describe('load', () => {
  test('two versions are two replicas of one process', async () => {
    await start();
    expect((await load({ version: '2' })).status).toBe(200);
    expect((await infer(1)).json).toMatchObject({ model_version: '1' });
    expect((await infer(2, 'renamed')).json).toMatchObject({ model_version: '2' });
    expect((await infer(null, 'renamed')).json).toMatchObject({ model_version: '2' });
  });

  test('a version that cannot be loaded says why, and the others serve on', async () => {
    await start();
    const { status, error } = await load({ version: 3 });
    expect([status, error]).toEqual([400, expect.stringMatching(/not a fake model/)]);
    expect(await index({})).toContainEqual({
      name: 'm',
      version: '3',
      state: 'UNAVAILABLE',
      reason: 'not a fake model',
    });
    expect((await infer(3)).status).toBe(503);
    expect((await infer(null)).status).toBe(200);
    expect((await server.get('/v2/health/ready')).status).toBe(200);
  });

  test('loading again replaces, and requests are answered throughout', async () => {
    await start();
    const answers = Array.from({ length: 20 }, () => infer(1));
    expect((await load({ version: '1' })).status).toBe(200);
    const statuses = (await Promise.all([...answers, infer(1)])).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test.each([
    ['an unknown model', '/v2/repository/models/other/load', '', 404],
    ['an unknown version', '/v2/repository/models/m/load', { parameters: { version: '9' } }, 404],
    ['a version that is no number', '/v2/repository/models/m/load', { parameters: { version: '../2' } }, 400],
    ['a configuration of its own', '/v2/repository/models/m/load', { parameters: { config: '{}' } }, 400],
    ['broken JSON', '/v2/repository/models/m/load', '{', 400],
    ['a list', '/v2/repository/models/m/load', [], 400],
    ['unloading what is unknown', '/v2/repository/models/other/unload', '', 404],
  ])('%s is refused', async (_, path, body, status) => {
    await start();
    expect((await server.post(path, body)).status).toBe(status);
    expect((await infer(null)).status).toBe(200);
  });
});

describe('unload', () => {
  test('answers what was accepted, refuses the rest, and another load brings it back', async () => {
    const engine = new FakeInferenceEngine();
    await start(engine);
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    engine.beforeRun = () => gate;
    const accepted = infer(1);
    while (engine.runs.length === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    const unloading = unload({ version: '1', unload_dependents: true });
    while ((await server.get('/v2/models/m/ready')).status === 200);
    expect((await infer(1)).status).toBe(503);
    open();
    expect((await accepted).status).toBe(200);
    expect((await unloading).status).toBe(200);
    expect((await server.get('/v2/health/ready')).status).toBe(503);
    expect((await load({ version: '1' })).status).toBe(200);
    expect((await infer(1)).status).toBe(200);
  });
});

test('a model whose inference thread died is unavailable, and the server is not ready', async () => {
  const engine = new FakeInferenceEngine();
  await start(engine);
  engine.die();
  await settled();
  expect((await server.get('/v2/health/ready')).status).toBe(503);
  expect((await server.get('/v2/models/m/ready')).json).toEqual({ name: 'm', ready: false });
  const { status, error } = await infer(1);
  expect([status, error]).toEqual([503, expect.stringMatching(/inference thread ended/)]);
  expect((await load({ version: '1' })).status).toBe(200);
  expect((await infer(1)).status).toBe(200);
});

test('while its version is being found out a model is not ready, rather than unknown', async () => {
  const engine = new FakeInferenceEngine();
  const source = memoryModels('m', new Map([[1, () => fakeModelBytes()]]));
  let found: () => void = () => undefined;
  let early: unknown;
  const looking = new Promise<void>((resolve) => (found = resolve));
  const starting = startModelServer(
    engine,
    {
      ...source,
      resolve: async (name, version, signal) => {
        await looking;
        return source.resolve(name, version, signal);
      },
    },
    {},
    async (port) => {
      const response = await fetch(`http://127.0.0.1:${port}/v2/models/m/ready`);
      early = [response.status, await response.json()];
      found();
    },
  );
  server = await starting;
  expect(early).toEqual([503, { name: 'm', ready: false }]);
});
