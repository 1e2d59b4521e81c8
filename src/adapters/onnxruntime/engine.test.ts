import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MessageChannel, Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { EngineTensor } from '../../ports/serving/inference-engine.ts';
import { floatsOf, floatTensor, inferenceEngineContract } from '../../testing/contracts/inference-engine-contract.ts';
import { identityModel, matrixModel } from '../../testing/builders/files/onnx-models.ts';
import { onnxPieces, writeOnnx } from '../../testing/builders/files/onnx-writer.ts';
import type { OnnxDatatype } from '../../testing/builders/files/onnx-datatypes.ts';
import { onnxruntimeEngine, prepareOnnxruntime } from './engine.ts';
import { OnnxModel } from './onnx-model.ts';
import { counterBytes } from './worker-protocol.ts';

inferenceEngineContract('ONNX Runtime', onnxruntimeEngine, matrixModel);

const load = (modelBytes: Uint8Array) =>
  onnxruntimeEngine.load({ modelBytes, threads: 1, warmUp: false, signal: new AbortController().signal });

const bytesOf = (view: ArrayBufferView): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

describe('a runtime that is loaded before its model', () => {
  test('runs its first model, which its thread waited for, and further ones in threads of their own', async () => {
    const over = new AbortController();
    const engine = await prepareOnnxruntime(over.signal);
    for (let round = 0; round < 3; round += 1) {
      const { signal } = over;
      const model = await engine.load({ modelBytes: matrixModel(), threads: 1, warmUp: true, signal });
      const { outputs } = await model.run([floatTensor('x', [1, 2], [1, 1])], []);
      expect(floatsOf(outputs[0])).toEqual([4, 6]);
      await model.unload();
    }
  });

  test('says what is wrong with its first model, and loads the next', async () => {
    const { signal } = new AbortController();
    const engine = await prepareOnnxruntime(signal);
    const broken = engine.load({ modelBytes: new Uint8Array([1, 2, 3]), threads: 1, warmUp: false, signal });
    await expect(broken).rejects.toMatchObject({ code: 'model-unloadable' });
    const model = await engine.load({ modelBytes: matrixModel(), threads: 1, warmUp: false, signal });
    await model.unload();
  });

  test('ends its thread while that waits', async () => {
    const over = new AbortController();
    await prepareOnnxruntime(over.signal);
    over.abort();
    await expect(prepareOnnxruntime(over.signal)).rejects.toThrow();
  });
});

describe('a model whose weights lie in another file', () => {
  let folder: string;
  let modelFile: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'plimsoll-onnx-'));
    modelFile = path.join(folder, 'model', 'model.onnx');
    await mkdir(path.dirname(modelFile));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const weights = bytesOf(Float32Array.of(1, 2, 3, 4));
  const loadReferring = async (external: { readonly location: string; readonly offset: number }) => {
    const value = { datatype: 'FP32', shape: ['n', 2] } as const;
    const graph = {
      inputs: [{ name: 'x', ...value }],
      outputs: [{ name: 'y', ...value }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    };
    const large = { name: 'w', datatype: 'FP32', shape: [2, 2], byteLength: 16, pieces: null, external } as const;
    await writeFile(modelFile, Buffer.concat([...onnxPieces(graph, [large])]));
    return onnxruntimeEngine.load({ modelFile, threads: 1, warmUp: false, signal: new AbortController().signal });
  };

  test('is loaded with it, and not without', async () => {
    const external = { location: 'weights.bin', offset: 4096 };
    await expect(loadReferring(external)).rejects.toMatchObject({ code: 'model-unloadable' });
    await writeFile(path.join(folder, 'model', 'weights.bin'), Buffer.concat([Buffer.alloc(4096), weights]));
    const model = await loadReferring(external);
    const { outputs } = await model.run([floatTensor('x', [1, 2], [1, 1])], []);
    expect(floatsOf(outputs[0])).toEqual([4, 6]);
    await model.unload();
  });

  test('is the same as one whose weights were written inside, piece by piece', async () => {
    const value = { datatype: 'FP32', shape: ['n', 2] } as const;
    const graph = {
      inputs: [{ name: 'x', ...value }],
      outputs: [{ name: 'y', ...value }],
      nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    };
    const pieces = () => [weights.subarray(0, 5), weights.subarray(5)];
    const large = { name: 'w', datatype: 'FP32', shape: [2, 2], byteLength: 16, pieces } as const;
    const model = await load(Buffer.concat([...onnxPieces(graph, [large])]));
    const { outputs } = await model.run([floatTensor('x', [1, 2], [1, 1])], []);
    expect(floatsOf(outputs[0])).toEqual([4, 6]);
    await model.unload();
  });

  test('is not loaded where that is out of its folder', async () => {
    await writeFile(path.join(folder, 'weights.bin'), weights);
    for (const location of ['../weights.bin', path.join(folder, 'weights.bin')]) {
      await expect(loadReferring({ location, offset: 0 })).rejects.toMatchObject({ code: 'model-unloadable' });
    }
  });
});

describe('every datatype passes through unchanged', () => {
  const edge: Partial<Record<OnnxDatatype, ArrayBufferView>> = {
    BOOL: Uint8Array.of(0, 1),
    UINT8: Uint8Array.of(0, 255),
    UINT16: Uint16Array.of(0, 65535),
    UINT32: Uint32Array.of(0, 2 ** 32 - 1),
    UINT64: BigUint64Array.of(2n ** 53n + 1n, 2n ** 64n - 1n),
    INT8: Int8Array.of(-128, 127),
    INT16: Int16Array.of(-32768, 32767),
    INT32: Int32Array.of(-(2 ** 31), 2 ** 31 - 1),
    INT64: BigInt64Array.of(-(2n ** 63n), 2n ** 63n - 1n),
    // Smallest subnormal, and a NaN with a payload.
    FP16: Uint16Array.of(0x0001, 0x7e01),
    FP32: Float32Array.of(-0, NaN),
    FP64: Float64Array.of(5e-324, -Infinity),
  };

  test.each(Object.entries(edge))('%s', async (datatype, values) => {
    const model = await load(identityModel(datatype as OnnxDatatype));
    expect(model.inputs[0]?.datatype).toBe(datatype);
    const bytes = bytesOf(values);
    const { outputs } = await model.run([{ name: 'x', datatype, shape: [1, 2], bytes } as EngineTensor], []);
    expect(outputs[0]).toEqual({ name: 'y', datatype, shape: [1, 2], bytes });
    await model.unload();
  });

  test('BYTES as UTF-8 text, empty strings included', async () => {
    const model = await load(identityModel('BYTES'));
    const elements = [new TextEncoder().encode('schöne 🚢'), new Uint8Array()];
    const { outputs } = await model.run([{ name: 'x', datatype: 'BYTES', shape: [1, 2], elements }], []);
    expect(outputs[0]).toEqual({ name: 'y', datatype: 'BYTES', shape: [1, 2], elements });
    await model.unload();
  });

  test('no rows at all', async () => {
    const model = await load(identityModel('FP32'));
    const { outputs } = await model.run([{ name: 'x', datatype: 'FP32', shape: [0, 2], bytes: new Uint8Array() }], []);
    expect(outputs[0]).toMatchObject({ shape: [0, 2], bytes: new Uint8Array() });
    await model.unload();
  });
});

test('strings that the binding would cut off or garble are refused instead', async () => {
  const model = await load(identityModel('BYTES'));
  const run = (text: Uint8Array) =>
    model.run([{ name: 'x', datatype: 'BYTES', shape: [1, 2], elements: [text, text] }], []);
  await expect(run(Uint8Array.of(97, 0, 98))).rejects.toMatchObject({ category: 'input', message: /zero byte/ });
  await expect(run(Uint8Array.of(0xff))).rejects.toMatchObject({ category: 'input', message: /not UTF-8/ });
  expect((await run(Uint8Array.of(97))).outputs).toHaveLength(1);
  await model.unload();
});

test('a model with bfloat16 inputs is refused by name', async () => {
  await expect(load(identityModel('BF16'))).rejects.toMatchObject({ code: 'model-unloadable', message: /type/i });
});

test('a bad index in the data fails that run alone', async () => {
  const model = await load(
    writeOnnx({
      inputs: [
        { name: 'x', datatype: 'FP32', shape: ['n'] },
        { name: 'at', datatype: 'INT64', shape: ['m'] },
      ],
      outputs: [{ name: 'y', datatype: 'FP32', shape: ['m'] }],
      nodes: [{ op: 'Gather', inputs: ['x', 'at'], outputs: ['y'] }],
    }),
  );
  const run = (index: bigint) =>
    model.run(
      [
        { name: 'x', datatype: 'FP32', shape: [2], bytes: bytesOf(Float32Array.of(7, 8)) },
        { name: 'at', datatype: 'INT64', shape: [1], bytes: bytesOf(BigInt64Array.of(index)) },
      ],
      [],
    );
  await expect(run(99n)).rejects.toMatchObject({ code: 'inference-failed', category: 'input' });
  expect((await run(1n)).outputs[0]).toMatchObject({ bytes: bytesOf(Float32Array.of(8)) });
  await model.unload();
});

test('when the thread dies, runs under way are rejected and the end is told', async () => {
  const { port1: port } = new MessageChannel();
  const model = new OnnxModel({
    worker: new Worker('setTimeout(() => process.exit(3), 50)', { eval: true }),
    port,
    counters: new SharedArrayBuffer(counterBytes),
    inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, 2] }],
    outputs: [],
    phases: [],
    memoryBytes: null,
  });
  const run = () => model.run([{ name: 'x', datatype: 'FP32', shape: [1, 2], bytes: new Uint8Array(8) }], []);
  const died = { code: 'inference-failed', category: 'bug', message: expect.stringContaining('status 3') as string };
  await expect(Promise.allSettled([run(), run(), run()])).resolves.toMatchObject([
    { reason: died },
    { reason: died },
    { reason: died },
  ]);
  await model.ended;
  await expect(run()).rejects.toMatchObject(died);
  await model.unload();
});
