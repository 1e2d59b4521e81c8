import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PlimsollError } from '../../core/units/errors.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { inspectFile } from './inspect-file.ts';

const fixtures = path.join(import.meta.dirname, '../../formats/model-file/fixtures');
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'plimsoll-inspect-'));
  await cp(fixtures, folder, { recursive: true });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const inspect = (file: string, options: Record<string, unknown> = {}): Promise<CommandResult> =>
  inspectFile({ cwd: folder, signal: new AbortController().signal, terminal: { colour: false } } as CliContext, file, {
    path: [],
    args: [file],
    options,
    json: false,
  });
const failure = async (file: string, options: Record<string, unknown> = {}): Promise<PlimsollError> => {
  const thrown: unknown = await inspect(file, options).catch((error: unknown) => error);
  if (thrown instanceof PlimsollError) return thrown;
  throw new Error('it was read', { cause: thrown });
};

describe('inspect of a model file', () => {
  it('prints a folder of a model hub with the memory of a load', async () => {
    const { exit, text } = await inspect('tiny-llama', { context: '100', sequences: '3' });
    expect(exit).toBe(0);
    expect(text).toBe(`tiny-llama/model.safetensors.index.json: safetensors, 2 files
  model        LlamaForCausalLM (llama)
  attention    2 layers, 4 heads, 2 for keys and values, of 4
  context      up to 128 tokens
  weights      1,536 parameters in 7 tensors
               BF16: 3KiB in 7 tensors
  written for  pt
  files        model-00001-of-00002.safetensors  1.1KiB
               model-00002-of-00002.safetensors  2.6KiB

accelerator memory
  weights   3KiB (3,072 bytes)
  KV cache  64 bytes per token
            18.8KiB (19,200 bytes) of 3 sequences of 100 tokens
  at least  21.8KiB (22,272 bytes)

left out of it
  activations    intermediate results of a run: they grow with the batch and the length of the input
  cuda-context   the driver’s context and the loaded kernels, per process: hundreds of MiB, by driver and libraries
  workspace      scratch memory of the libraries and the engine: it depends on the algorithms that they choose
  fragmentation  what an allocator holds and cannot hand out
  conversion     a runtime that loads the weights in another precision than they are stored in`);
  });

  it('gives programs the same facts', async () => {
    const { json } = await inspect('quantised.gguf', { context: '1000' });
    expect(json).toMatchObject({
      file: 'quantised.gguf',
      facts: { format: 'gguf', weightsBytes: 7232, kvBytesPerToken: 1024 },
      memory: { load: { contextTokens: 1000, sequences: 1 }, kvBytes: 1_024_000, totalBytes: 1_031_232 },
      details: { format: 'gguf', model: { architecture: 'llama', version: 3 } },
    });
  });

  it('prints inputs and outputs of an ONNX model, and the file that its weights are in', async () => {
    const { exit, text } = await inspect('external');
    expect(exit).toBe(0);
    expect(text).toContain('  inputs    x            FP32 [batch, 64]\n');
    expect(text).toContain('  external  weights.bin  16KiB\n');
    expect(text).toContain('  KV cache  none\n');
  });

  it('exits 3 with the missing file first when external data is not there', async () => {
    await mkdir(path.join(folder, 'alone'));
    await cp(path.join(fixtures, 'external/model.onnx'), path.join(folder, 'alone/model.onnx'));
    const { exit, text } = await inspect('alone/model.onnx');
    expect(exit).toBe(3);
    expect(text).toContain('external  weights.bin  is missing (16384 bytes at least)');
    expect(text).toMatch(/\nnext: put the missing files into alone, then plimsoll inspect alone\/model.onnx$/);
  });

  it('exits 3 when a total was asked for that is not known', async () => {
    expect((await inspect('latent-attention.gguf')).exit).toBe(0);
    const { exit, text } = await inspect('latent-attention.gguf', { context: '100' });
    expect(exit).toBe(3);
    expect(text).toMatch(/at least\s+unknown/);
  });

  it('says what a pickle is, and reads none of it', async () => {
    await writeFile(path.join(folder, 'old.pt'), Uint8Array.from([0x80, 2, 0x8a, 10]));
    const { exit, text } = await inspect('old.pt');
    expect(exit).toBe(3);
    expect(text).toMatch(
      /^old.pt: not a model that is read\n  a Python pickle of protocol 2 .*: a pickle is a program/,
    );
  });

  it('follows the links of a hub’s cache, and takes one that leads nowhere as a missing file', async () => {
    const cache = path.join(folder, 'cache');
    await mkdir(cache);
    const names = ['config.json', 'model.safetensors.index.json', 'model-00001-of-00002.safetensors'];
    for (const name of names) await symlink(path.join(fixtures, 'tiny-llama', name), path.join(cache, name));
    await symlink('nowhere', path.join(cache, 'model-00002-of-00002.safetensors'));
    const { exit, text } = await inspect('cache');
    expect(exit).toBe(3);
    expect(text).toContain('model-00002-of-00002.safetensors  is missing');
    expect(text).toContain('KV cache  64 bytes per token');
  });

  it('names the file in what its parser says', async () => {
    await writeFile(path.join(folder, 'cut.gguf'), 'GGUF\u0003\0\0\0');
    const error = await failure('cut.gguf');
    expect(error).toMatchObject({ code: 'gguf-truncated', category: 'input' });
    expect(error.message).toMatch(/^cut.gguf: the GGUF file is cut off/);
  });

  it('does not choose between several models of a folder', async () => {
    const several = path.join(folder, 'several');
    await mkdir(several);
    for (const name of ['q4.gguf', 'q8.gguf'])
      await cp(path.join(fixtures, 'quantised.gguf'), path.join(several, name));
    expect(await failure('several')).toMatchObject({
      code: 'model-ambiguous',
      next: 'plimsoll inspect several/q4.gguf',
    });
    await mkdir(path.join(folder, 'empty'));
    expect(await failure('empty')).toMatchObject({ code: 'folder-without-model' });
  });

  it.each([
    [{ context: '0' }],
    [{ context: '1.5' }],
    [{ context: 'many' }],
    [{ context: '99999999999' }],
    [{ sequences: '4' }],
    [{ context: '10', sequences: '-1' }],
  ])('refuses the load %j', async (options) => {
    expect(await failure('quantised.gguf', options)).toMatchObject({ code: 'load-invalid', category: 'input' });
  });

  it('of nothing is an error with a next step', async () => {
    expect(await failure('nothing.gguf')).toMatchObject({ code: 'file-missing' });
  });
});
