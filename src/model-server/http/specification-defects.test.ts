/**
 * Where the specification of the Open Inference Protocol (kserve/open-inference-protocol, read 2026-11) contradicts
 * itself, what this server does. One test for each; docs/decisions/0010-open-inference-defects.md gives the reasons.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FakeInferenceEngine, fakeModelBytes, type FakeModel } from '../../testing/fakes/fake-inference-engine.ts';
import { memoryModels, startModelServer, type ModelServerRig } from '../../testing/rigs/model-server-rig.ts';

/** The model of the specification's example: UINT32 [2, 2] and BOOL [3] in; what comes out is not the point here. */
const exampleModel: FakeModel = {
  inputs: [
    { name: 'input0', datatype: 'UINT32', shape: [2, 2] },
    { name: 'input1', datatype: 'BOOL', shape: [3] },
  ],
  outputs: [{ name: 'output0', datatype: 'UINT32', shape: [2, 2] }],
  compute: 'identity',
};

let server: ModelServerRig;
beforeAll(async () => {
  const models = memoryModels('mymodel', new Map([[1, () => fakeModelBytes(exampleModel)]]));
  server = await startModelServer(new FakeInferenceEngine(), models, {
    model: { name: 'mymodel', path: '', version: 1 },
  });
});
afterAll(() => server.stop());

const input0 = { name: 'input0', shape: [2, 2], datatype: 'UINT32', data: [1, 2, 3, 4] };
const input1 = { name: 'input1', shape: [3], datatype: 'BOOL', data: [true, false, true] };
const infer = (body: unknown, headers?: Record<string, string>) =>
  server.post('/v2/models/mymodel/infer', body, headers);

describe('health', () => {
  test('the text answers server-ready with {"live": ...}, the OpenAPI document with nothing: both members are sent', async () => {
    const { status, json } = await server.get('/v2/health/ready');
    expect([status, json]).toEqual([200, { live: true, ready: true }]);
  });

  test('server-live has the same body', async () => {
    const { status, json } = await server.get('/v2/health/live');
    expect([status, json]).toEqual([200, { live: true, ready: true }]);
  });
});

describe('paths', () => {
  test('the OpenAPI document omits unversioned paths; the text has them: both are served', async () => {
    for (const version of ['', '/versions/1']) {
      const base = `/v2/models/mymodel${version}`;
      expect((await server.get(base)).status).toBe(200);
      expect((await server.get(`${base}/ready`)).json).toEqual({ name: 'mymodel', ready: true });
      expect((await server.post(`${base}/infer`, { inputs: [input0, input1] })).status).toBe(200);
    }
  });

  test('the OpenAPI document writes /v2/ where the text writes /v2: both are served', async () => {
    const [plain, slashed] = [await server.get('/v2'), await server.get('/v2/')];
    expect(plain.json).toMatchObject({
      name: 'plimsoll',
      extensions: expect.arrayContaining(['binary_tensor_data']) as string[],
    });
    expect(slashed.json).toEqual(plain.json);
  });
});

describe('requests', () => {
  test('the example gives one element for a BOOL tensor of shape [3]: refused, naming both counts', async () => {
    const { status, error } = await infer({ id: '42', inputs: [input0, { ...input1, data: [true] }] });
    expect(status).toBe(400);
    expect(error).toMatch(/"input1": shape \[3\] needs 3 elements, data has 1/);
  });

  test('the example response lacks a comma after "id": such JSON is refused with a reason', async () => {
    const { status, error } = await infer('{ "id" : "42" "inputs" : [] }');
    expect([status, error]).toEqual([400, expect.stringMatching(/not valid JSON/)]);
  });

  test('the OpenAPI document requires data, the binary extension forbids it beside binary_data_size', async () => {
    const both = await infer(
      { inputs: [{ ...input0, parameters: { binary_data_size: 16 } }, input1] },
      {
        'inference-header-content-length': '1',
      },
    );
    expect(both.status).toBe(400);
    const neither = await infer({ inputs: [{ name: 'input0', shape: [2, 2], datatype: 'UINT32' }, input1] });
    expect([neither.status, neither.error]).toEqual([400, expect.stringMatching(/neither data nor/)]);
  });

  test('the binary example sends model_name, which no schema has: unknown members are ignored', async () => {
    expect((await infer({ model_name: 'mymodel', inputs: [input0, input1] })).status).toBe(200);
  });

  test('Inference-Header-Content-Length is mandatory with binary tensors, and refused when it lies', async () => {
    const json = JSON.stringify({
      inputs: [
        { name: 'input0', shape: [2, 2], datatype: 'UINT32', parameters: { binary_data_size: 16 } },
        { name: 'input1', shape: [3], datatype: 'BOOL', parameters: { binary_data_size: 3 } },
      ],
    });
    const body = new Uint8Array(Buffer.concat([Buffer.from(json), Buffer.alloc(16), Buffer.from([1, 0, 1])]));
    expect((await infer(body, { 'inference-header-content-length': `${json.length}` })).status).toBe(200);
    expect((await infer(body)).error).toMatch(/not valid/);
    expect((await infer(json)).error).toMatch(/no Inference-Header-Content-Length header/);
    expect((await infer(body, { 'inference-header-content-length': `${body.length + 1}` })).error).toMatch(
      /the body has/,
    );
    expect((await infer(body, { 'inference-header-content-length': 'x' })).error).toMatch(/must be a whole number/);
  });
});

describe('responses', () => {
  test('the text requires id and then says "if any": it is given back when it was given, and left out otherwise', async () => {
    expect((await infer({ id: '42', inputs: [input0, input1] })).json['id']).toBe('42');
    expect((await infer({ inputs: [input0, input1] })).json).not.toHaveProperty('id');
  });

  test('the example response lacks model_name, which both documents require: it is always sent', async () => {
    expect((await infer({ inputs: [input0, input1] })).json).toMatchObject({
      model_name: 'mymodel',
      model_version: '1',
    });
  });

  test('every error is {"error": text}, with a status from 400 up', async () => {
    for (const path of ['/v2/models/other', '/v2/models/mymodel/versions/9', '/nothing', '/v2/models/%ff']) {
      const { status, json } = await server.get(path);
      expect(status).toBeGreaterThanOrEqual(400);
      expect(json).toEqual({ error: expect.any(String) as string });
    }
  });
});
