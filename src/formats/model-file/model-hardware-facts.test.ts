import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { ggufFile } from '../../testing/builders/files/gguf-encoder.ts';
import { linearModel, valueInfo } from '../../testing/builders/files/onnx-encoder.ts';
import { safetensorsFile, tensorEntry } from '../../testing/builders/files/safetensors-encoder.ts';
import { sourceOf } from '../byte-source.ts';
import { modelHardwareFacts, readModelFile, type SiblingFile } from './model-hardware-facts.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const read = (name: string): Uint8Array => readFileSync(path.join(fixtures, name));
const beside = (folder: string, except: readonly string[] = []): readonly SiblingFile[] =>
  readdirSync(path.join(fixtures, folder))
    .filter((name) => !except.includes(name))
    .map((name) => ({ path: name, source: sourceOf(read(`${folder}/${name}`)) }));
const facts = (bytes: Uint8Array, name: string, siblings: readonly SiblingFile[] = []) =>
  modelHardwareFacts(sourceOf(bytes), name, siblings);
const text = (words: string): Uint8Array => new TextEncoder().encode(words);

describe('a sharded safetensors model', () => {
  const index = 'model.safetensors.index.json';
  const [one, two] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  const whole = { format: 'safetensors', weightsBytes: 3072, kvBytesPerToken: 64, unknown: {} };

  it.each([index, one, two])('is read whole from %s', async (name) => {
    expect(await facts(read(`tiny-llama/${name}`), name, beside('tiny-llama', [name]))).toMatchObject(whole);
  });

  it('without its index is read by the names of its files', async () => {
    expect(await facts(read(`tiny-llama/${one}`), one, beside('tiny-llama', [one, index]))).toMatchObject(whole);
  });

  it('in a folder of a version is read with the files of that folder', async () => {
    const elsewhere = beside('tiny-llama').map(({ path: name, source }) => ({ path: `unet/${name}`, source }));
    expect(await facts(read(`tiny-llama/${one}`), `unet/${one}`, elsewhere)).toMatchObject(whole);
    const others = beside('tiny-llama').map(({ path: name, source }) => ({ path: `vae/${name}`, source }));
    expect((await facts(read(`tiny-llama/${one}`), `unet/${one}`, others)).weightsBytes).toBeNull();
  });

  it.each([
    ['{"model_max_length": 512}', 512],
    ['{}', null],
    ['{"model_max_length":', undefined],
  ])('beside a tokenizer whose configuration is %s', async (json, tokens) => {
    const tokenizer = { path: 'tokenizer_config.json', source: sourceOf(text(json)) };
    const found = await facts(read(`tiny-llama/${one}`), one, [...beside('tiny-llama', [one]), tokenizer]);
    expect(found.tokenizerTokens).toBe(tokens);
  });

  it('beside a tokenizer whose configuration is too large to be read', async () => {
    const { read: readPart } = sourceOf(text('{}'));
    const tokenizer = { path: 'tokenizer_config.json', source: { bytes: 64 * 2 ** 20, read: readPart } };
    const found = await facts(read(`tiny-llama/${one}`), one, [...beside('tiny-llama', [one]), tokenizer]);
    expect('tokenizerTokens' in found).toBe(false);
  });

  it('that lacks a file has no weights, says which, and what the index claims', async () => {
    const found = await facts(read(`tiny-llama/${index}`), index, beside('tiny-llama', [index, two]));
    expect(found.weightsBytes).toBeNull();
    expect(found.unknown).toEqual({
      files: `${two} is missing`,
      weightsBytes: 'files are missing; the index claims 3072 bytes in all',
    });
  });

  it('whose index and files disagree says so', async () => {
    const other = {
      path: one,
      source: sourceOf(safetensorsFile({ a: tensorEntry('U8', [1], 0, 1), b: tensorEntry('U8', [1], 1, 2) }, 2)),
    };
    const found = await facts(read(`tiny-llama/${index}`), index, [...beside('tiny-llama', [index, one]), other]);
    expect(found.unknown['files']).toBe(`${one} holds 2 tensors where the index says 1`);
  });

  it('with a damaged file names it', async () => {
    const broken = { path: one, source: sourceOf(read(`tiny-llama/${one}`).subarray(0, 500)) };
    await expect(
      facts(read(`tiny-llama/${index}`), index, [...beside('tiny-llama', [index, one]), broken]),
    ).rejects.toMatchObject({ code: 'safetensors-truncated', message: expect.stringMatching(/^model-00001-of-00002/) });
  });

  it('has an index that cannot reach out of its folder, nor be something else', async () => {
    for (const json of [
      '{"weight_map":{"a":"../secret.safetensors"}}',
      '{"weight_map":{"a":"/etc/passwd"}}',
      '{"weight_map":{}}',
      '[]',
      '',
    ]) {
      await expect(facts(text(json), index)).rejects.toMatchObject({ code: 'safetensors-invalid' });
    }
  });

  it('alone, without config.json, has a cache that is not known', async () => {
    const found = await facts(read('dtypes.safetensors'), 'dtypes.safetensors');
    expect(found).toMatchObject({ weightsBytes: 98, kvBytesPerToken: null });
    expect(found.unknown['kvBytesPerToken']).toMatch(/config.json/);
    expect(found.leftOut['kv-cache']).toMatch(/does not tell/);
  });
});

describe('an ONNX model', () => {
  it('with its weights beside it is whole, and keeps no cache', async () => {
    expect(await facts(read('external/model.onnx'), 'model.onnx', beside('external', ['model.onnx']))).toMatchObject({
      format: 'onnx',
      onnxIrVersion: 8,
      onnxOpset: 17,
      weightsBytes: 16_384,
      kvBytesPerToken: 0,
      unknown: {},
    });
  });

  it('says what of its external data is missing or short', async () => {
    const alone = await facts(read('external/model.onnx'), 'model.onnx');
    expect(alone.unknown).toEqual({ externalData: 'weights.bin is missing (16384 bytes at least)' });
    const short = [{ path: 'weights.bin', source: sourceOf(new Uint8Array(100)) }];
    expect((await facts(read('external/model.onnx'), 'model.onnx', short)).unknown['externalData']).toBe(
      'weights.bin has 100 bytes of 16384',
    );
  });

  it('does not follow external data out of its folder', async () => {
    const bytes = Uint8Array.from(read('external/model.onnx'));
    const at = Buffer.from(bytes).indexOf('weights.bin');
    bytes.set(text('../../x.bin'), at);
    const outside = [{ path: 'x.bin', source: sourceOf(new Uint8Array(20_000)) }];
    const found = await facts(bytes, 'model.onnx', outside);
    expect(found.unknown['externalData']).toMatch(/outside the folder/);
  });

  it.each([
    ['fixed but for its batch', [2, 'batch', 128], 0],
    ['of one sequence', [1, 1, 128], 0],
    ['that may grow with the tokens', ['batch', 'length', 128], null],
    ['of a size that has no name', [2, null, 128], null],
  ] as const)('that is handed a state %s keeps what is known of it', async (_what, shape, bytes) => {
    const found = await facts(linearModel({ graph: [valueInfo(11, 'state', 1, shape)] }), 'model.onnx');
    expect(found.kvBytesPerToken).toBe(bytes);
    expect('kvBytesPerToken' in found.unknown).toBe(bytes === null);
  });

  it('that is handed its cache tells its bytes per token', async () => {
    expect((await facts(read('decoder.onnx'), 'decoder.onnx')).kvBytesPerToken).toBe(3 * 2 * 2 * 8 * 2);
  });
});

describe('a split GGUF model', () => {
  const part = (number: number, count = 2): Uint8Array =>
    ggufFile({
      metadata: { 'split.no': [4, number], 'split.count': [4, count] },
      tensors: [{ name: `t${number}`, shape: [8], type: 0, offset: 0 }],
      dataBytes: 32,
    });

  it('is the sum of its files', async () => {
    const other = [{ path: 'm-00002-of-00002.gguf', source: sourceOf(part(1)) }];
    const details = await readModelFile(sourceOf(part(0)), 'm-00001-of-00002.gguf', other);
    expect(details).toMatchObject({
      format: 'gguf',
      model: { tensors: 2, weightsBytes: 64 },
      facts: { weightsBytes: 64 },
    });
  });

  it('that lacks a file has no weights', async () => {
    const found = await facts(part(0), 'm-00001-of-00002.gguf');
    expect(found.weightsBytes).toBeNull();
    expect(found.unknown['files']).toBe('m-00002-of-00002.gguf is missing');
    expect((await facts(part(0, 3), 'renamed.gguf')).unknown['files']).toMatch(/the other files of 3/);
  });
});

describe('an engine', () => {
  it('is one, and nothing that was not confirmed on a real file is a fact', async () => {
    const bytes = new Uint8Array(64);
    bytes.set([0x66, 0x74, 0x72, 0x74]);
    bytes.set([10, 3, 0, 26], 24);
    const found = await facts(bytes, 'model.plan');
    expect(found.format).toBe('tensorrt');
    expect(found.weightsBytes).toBeNull();
    expect(Object.values(found.engine ?? {})).toEqual([null, null, null, null, null]);
    expect(found.unknown['engine.version']).toMatch(/reads 10.3.0.26, which was not confirmed/);
    expect(found.unknown['engine.computeCapability']).toMatch(/same version/);
  });
});

describe('what is not read', () => {
  const zip = (first: string): Uint8Array => {
    const bytes = new Uint8Array(100);
    bytes.set([0x50, 0x4b, 3, 4]);
    bytes[26] = first.length;
    bytes.set(text(first), 30);
    return bytes;
  };

  it.each([
    ['a pickle', Uint8Array.from([0x80, 2, 0x8a, 10]), 'model.pt', /pickle of protocol 2.*run code/],
    ['a torch archive', zip('archive/data.pkl'), 'model.pt', /torch archive.*run code/],
    ['TorchScript', zip('model/data/0'), 'model.jit', /torch archive/],
    ['NumPy arrays', zip('arr_0.npy'), 'model.npz', /NumPy/],
    ['a Keras archive', zip('metadata.json'), 'model.keras', /Keras/],
    ['another zip', zip('readme.txt'), 'model.zip', /zip archive/],
    ['HDF5', Uint8Array.from([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10]), 'model.h5', /HDF5/],
    ['TensorFlow Lite', text('\u001c\0\0\0TFL3'), 'model.tflite', /TensorFlow Lite/],
    ['GGML', text('tjgg\u0001\0\0\0'), 'model.bin', /before GGUF/],
    ['a Git LFS pointer', text('version https://git-lfs.github.com/spec/v1\noid'), 'model.safetensors', /git lfs pull/],
    ['an engine without its tag', text('something else'), 'model.engine', /tag of one/],
    ['text', text('hello'), 'notes.txt', /no format that is known/],
  ])('%s is told to be one', async (_what, bytes, name, why) => {
    const found = await facts(bytes, name);
    expect(found).toMatchObject({ format: 'unknown', weightsBytes: null, kvBytesPerToken: null });
    expect(found.unknown['format']).toMatch(why);
  });

  it('is decided by the bytes, and by the name where they have no mark', async () => {
    expect((await facts(read('quantised.gguf'), 'model.onnx')).format).toBe('gguf');
    expect((await facts(read('decoder.onnx'), 'model')).format).toBe('onnx');
    expect((await facts(read('dtypes.safetensors'), 'blob')).format).toBe('safetensors');
    await expect(facts(text('hello'), 'model.onnx')).rejects.toMatchObject({ code: 'onnx-invalid' });
    await expect(facts(text('hello'), 'model.gguf')).rejects.toMatchObject({ code: 'gguf-invalid' });
    await expect(facts(text('hello'), 'model.safetensors')).rejects.toMatchObject({ code: 'safetensors-truncated' });
  });

  it('are facts that JSON can hold', async () => {
    for (const name of ['quantised.gguf', 'decoder.onnx', 'dtypes.safetensors']) {
      const found = await facts(read(name), name);
      expect(JSON.parse(JSON.stringify(found))).toEqual(found);
    }
  });
});

describe('a file without any tensors', () => {
  it.each([
    ['safetensors', safetensorsFile({ __metadata__: { format: 'pt' } }, 0)],
    ['gguf', ggufFile({ metadata: { 'general.architecture': [8, 'llama'] } })],
  ])('has weights that are not known: %s', async (ending, bytes) => {
    const found = await facts(bytes, `empty.${ending}`);
    expect(found).toMatchObject({ weightsBytes: null, unknown: { weightsBytes: 'the file holds no tensors' } });
  });
});
