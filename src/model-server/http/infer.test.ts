import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { onnxruntimeEngine } from '../../adapters/onnxruntime/engine.ts';
import { encodeInferRequest } from '../../protocols/open-inference/infer-request.ts';
import { parseInferResponse } from '../../protocols/open-inference/infer-response.ts';
import type { WireTensor } from '../../protocols/open-inference/tensor.ts';
import { memoryModels, startModelServer, type ModelServerRig } from '../../testing/rigs/model-server-rig.ts';
import type { OnnxDatatype } from '../../testing/builders/files/onnx-datatypes.ts';
import { identityModel, matrixModel } from '../../testing/builders/files/onnx-models.ts';
import { writeOnnx } from '../../testing/builders/files/onnx-writer.ts';
import { wireBytes } from '../../testing/builders/wire-tensors.ts';

const datatypes: readonly OnnxDatatype[] = [
  'BOOL',
  'UINT8',
  'UINT16',
  'UINT32',
  'UINT64',
  'INT8',
  'INT16',
  'INT32',
  'INT64',
  'FP16',
  'FP32',
  'FP64',
  'BYTES',
];
/** Two inputs and two outputs, which names and forms are chosen among. */
const twoOutputs = writeOnnx({
  inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', 2] }],
  outputs: [
    { name: 'same', datatype: 'FP32', shape: ['n', 2] },
    { name: 'positive', datatype: 'FP32', shape: ['n', 2] },
  ],
  nodes: [
    { op: 'Identity', inputs: ['x'], outputs: ['same'] },
    { op: 'Relu', inputs: ['x'], outputs: ['positive'] },
  ],
});

/** Version N of the model is the identity of the N-th datatype; then the two others. */
let server: ModelServerRig;
beforeAll(async () => {
  const versions = new Map(datatypes.map((datatype, at) => [at + 1, () => identityModel(datatype)]));
  versions.set(50, () => twoOutputs.slice());
  versions.set(60, matrixModel);
  server = await startModelServer(onnxruntimeEngine, memoryModels('m', versions));
  for (const version of versions.keys()) {
    if (version === 60) continue;
    await server.post('/v2/repository/models/m/load', { parameters: { version: `${version}` } });
  }
}, 60_000);
afterAll(() => server.stop());

const infer = (version: number, body: unknown, headers?: Record<string, string>) =>
  server.post(`/v2/models/m/versions/${version}/infer`, body, headers);

describe('JSON in and out, to the last digit', () => {
  test.each([
    ['BOOL', [true, false]],
    ['UINT8', [0, 255]],
    ['UINT16', [0, 65535]],
    ['UINT32', [0, 4294967295]],
    ['INT8', [-128, 127]],
    ['INT16', [-32768, 32767]],
    ['INT32', [-2147483648, 2147483647]],
    ['FP16', [0.0999755859375, 65504]],
    ['FP16', ['NaN', '-Infinity']],
    ['FP32', [0.10000000149011612, 3.4028234663852886e38]],
    ['FP32', ['Infinity', 'NaN']],
    ['FP64', [0.1, 5e-324]],
    ['BYTES', ['schöne 🚢', '']],
  ] as [OnnxDatatype, unknown[]][])('%s %j', async (datatype, data) => {
    const { status, json } = await infer(datatypes.indexOf(datatype) + 1, {
      inputs: [{ name: 'x', shape: [1, 2], datatype, data }],
    });
    expect(status).toBe(200);
    expect(json['outputs']).toEqual([{ name: 'y', datatype, shape: [1, 2], data }]);
  });

  test.each([
    ['INT64', '-9223372036854775808,9223372036854775807'],
    ['INT64', '9007199254740993,1'],
    ['UINT64', '9007199254740993,18446744073709551615'],
  ] as [OnnxDatatype, string][])('%s [%s], as numbers and as text', async (datatype, numbers) => {
    const path = `${server.url}/v2/models/m/versions/${datatypes.indexOf(datatype) + 1}/infer`;
    for (const data of [numbers, numbers.replace(/-?\d+/g, '"$&"')]) {
      const body = `{"inputs":[{"name":"x","shape":[1,2],"datatype":"${datatype}","data":[${data}]}]}`;
      const text = await (await fetch(path, { method: 'POST', body })).text();
      expect(text).toContain(`"data":[${numbers}]`);
    }
  });

  test('nested data is the same as flat', async () => {
    const nested = await infer(60, {
      inputs: [
        {
          name: 'x',
          shape: [2, 2],
          datatype: 'FP32',
          data: [
            [1, 0],
            [0, 1],
          ],
        },
      ],
    });
    const flat = await infer(60, { inputs: [{ name: 'x', shape: [2, 2], datatype: 'FP32', data: [1, 0, 0, 1] }] });
    expect(nested.json).toEqual(flat.json);
    expect(nested.json['outputs']).toEqual([{ name: 'y', datatype: 'FP32', shape: [2, 2], data: [1, 2, 3, 4] }]);
  });
});

describe('binary tensors', () => {
  const x = (values: readonly number[]): WireTensor => ({
    name: 'x',
    datatype: 'FP32',
    shape: [values.length / 2, 2],
    bytes: new Uint8Array(Float32Array.from(values).buffer),
  });
  const send = async (
    outputs: readonly { name: string; binary: boolean | null }[],
    binaryOutput: boolean,
    form: 'json' | 'binary',
  ) => {
    const { bytes, headerLength } = wireBytes(
      encodeInferRequest({ id: 'b', inputs: [x([1, -2])], outputs, binaryOutput }, form),
    );
    const response = await fetch(`${server.url}/v2/models/m/versions/50/infer`, {
      method: 'POST',
      body: bytes as Uint8Array<ArrayBuffer>,
      ...(headerLength === null ? {} : { headers: { 'inference-header-content-length': `${headerLength}` } }),
    });
    const header = response.headers.get('inference-header-content-length');
    const body = new Uint8Array(await response.arrayBuffer());
    return {
      type: response.headers.get('content-type'),
      jsonLength: header === null ? null : Number(header),
      length: body.length,
      answer: parseInferResponse(body, header === null ? null : Number(header)),
    };
  };
  const [same, positive] = [x([1, -2]), x([1, 0])].map((tensor, at) => ({ ...tensor, name: ['same', 'positive'][at] }));

  test('in, and out for every output by binary_data_output', async () => {
    const { type, jsonLength, length, answer } = await send([], true, 'binary');
    expect(type).toBe('application/octet-stream');
    expect(length - (jsonLength ?? 0)).toBe(16);
    expect(answer).toEqual({ modelName: 'm', modelVersion: '50', id: 'b', outputs: [same, positive] });
  });

  test('an output’s own binary_data overrides the request’s, both ways, and the order is the request’s', async () => {
    const mixed = await send(
      [
        { name: 'same', binary: false },
        { name: 'positive', binary: null },
      ],
      true,
      'json',
    );
    expect(mixed.length - (mixed.jsonLength ?? 0)).toBe(8);
    expect(mixed.answer.outputs).toEqual([same, positive]);
    const one = await send([{ name: 'positive', binary: true }], false, 'binary');
    expect(one.answer.outputs).toEqual([positive]);
  });

  test('JSON out by default, with no header', async () => {
    const { type, jsonLength, answer } = await send([{ name: 'same', binary: null }], false, 'binary');
    expect([type, jsonLength]).toEqual(['application/json', null]);
    expect(answer.outputs).toEqual([same]);
  });

  test('FP16 and 64-bit integers keep every bit', async () => {
    const bits = new Uint8Array(Uint16Array.of(0x7e01, 0x0001).buffer);
    const tensor: WireTensor = { name: 'x', datatype: 'FP16', shape: [1, 2], bytes: bits };
    const { bytes, headerLength } = wireBytes(
      encodeInferRequest({ id: null, inputs: [tensor], outputs: [], binaryOutput: true }, 'binary'),
    );
    const response = await fetch(`${server.url}/v2/models/m/versions/${datatypes.indexOf('FP16') + 1}/infer`, {
      method: 'POST',
      body: bytes as Uint8Array<ArrayBuffer>,
      headers: { 'inference-header-content-length': `${headerLength}` },
    });
    const header = Number(response.headers.get('inference-header-content-length'));
    const { outputs } = parseInferResponse(new Uint8Array(await response.arrayBuffer()), header);
    expect(outputs).toEqual([{ ...tensor, name: 'y' }]);
  });
});

describe('versions side by side', () => {
  test('unversioned means the highest loaded', async () => {
    const { json } = await server.post('/v2/models/m/infer', {
      inputs: [{ name: 'x', shape: [1, 2], datatype: 'FP32', data: [1, 1] }],
    });
    expect(json).toMatchObject({ model_version: '60', outputs: [{ data: [4, 6] }] });
  });

  test('metadata lists the loaded versions', async () => {
    const { json } = await server.get('/v2/models/m/versions/5');
    expect(json).toEqual({
      name: 'm',
      versions: [...datatypes.map((_, at) => `${at + 1}`), '50', '60'],
      platform: 'onnxruntime_onnx',
      inputs: [{ name: 'x', datatype: 'UINT64', shape: [-1, 2] }],
      outputs: [{ name: 'y', datatype: 'UINT64', shape: [-1, 2] }],
    });
  });
});
