import type { ModelHardwareFacts } from '../../core/hardware/model/model-facts.ts';
import type { StatedLoad } from '../../core/hardware/model/memory-range.ts';
import type { CaseRow, HardwareRow } from './case-row.ts';

const range = 'core/hardware/model/memory-range.ts; EleutherAI, "Transformer Math 101" (2023-04-18)';
const gib = (count: number): number => count * 2 ** 30;

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const open: Answer = ['unknown', 'memory'];
const short: Answer = ['incompatible', 'memory'];

const row = (
  name: string,
  model: Partial<ModelHardwareFacts>,
  load: StatedLoad | undefined,
  [compatibility, rule]: Answer,
  hardware: HardwareRow = {},
  more: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: 'A100-40 550.54.14 12.4',
  model,
  ...(load === undefined ? {} : { load }),
  hardware,
  compatibility,
  rule,
  source: range,
  ...more,
});

/** A program that computes on the CPU what does not fit; `warned` where it does so. */
const placed = (
  name: string,
  model: Partial<ModelHardwareFacts>,
  answer: Answer,
  warned = false,
  more: Partial<CaseRow> = {},
): CaseRow => ({
  ...row(name, { format: 'gguf', ...model }, undefined, answer),
  image: { libraries: { 'usr/lib/ollama/cuda_v12/libggml-cuda.so': 'sm_80' } },
  source: 'Ollama, FAQ; ollama-benchmark pull request 9 (2024-06-10)',
  ...(answer === native ? { warnings: warned ? ['memory'] : [] } : {}),
  ...more,
});

/** A device of 40 GiB. Llama 3.1 8B takes 131,072 bytes a token; 8,192 tokens are 1 GiB. */
const perToken = 131_072;
const load = (contextTokens: number | null, sequences: number): StatedLoad => ({ contextTokens, sequences });

export const memoryCases: readonly CaseRow[] = [
  row(
    'a device of 0 bytes, and nothing tells what is needed',
    {},
    undefined,
    open,
    {},
    {
      model: null,
      deviceFacts: { memoryBytes: 0 },
    },
  ),
  row(
    'one byte a token, and the context of the configuration: the weights are the least',
    { weightsBytes: gib(40) - 100, kvBytesPerToken: 1, contextTokens: 200 },
    undefined,
    open,
  ),
  row(
    'one byte a token, and the context stated: the cache is part of the least',
    { weightsBytes: gib(40) - 100, kvBytesPerToken: 1 },
    load(200, 1),
    short,
  ),
  row('nothing is known of the cache: 2 W + 1 GiB fits exactly', { weightsBytes: gib(19.5) }, undefined, native),
  row('nothing is known of the cache: one byte more is open', { weightsBytes: gib(19.5) + 1 }, undefined, open),
  row(
    'nothing is known of the cache, and a load is stated all the same',
    { weightsBytes: gib(20) },
    load(8192, 1),
    open,
  ),
  row(
    'no cache is kept: 1.2 W + 1 GiB fits exactly',
    { weightsBytes: gib(32.5), kvBytesPerToken: 0 },
    undefined,
    native,
  ),
  row('no cache is kept: a little more is open', { weightsBytes: gib(32.5) + 8, kvBytesPerToken: 0 }, undefined, open),
  row(
    'no cache is kept, whatever is stated',
    { weightsBytes: gib(32.5), kvBytesPerToken: 0 },
    load(1_000_000, 9),
    native,
  ),
  row(
    'weights and 8 GiB of cache, 1.2 times and 1 GiB, fit exactly',
    { weightsBytes: gib(24.5), kvBytesPerToken: perToken },
    load(8192, 8),
    native,
  ),
  row('one sequence more is open', { weightsBytes: gib(24.5), kvBytesPerToken: perToken }, load(8192, 9), open),
  row('a cache that cannot fit', { weightsBytes: gib(24.5), kvBytesPerToken: perToken }, load(8192, 16), short),
  row(
    'a cache that fits alone to the byte',
    { weightsBytes: gib(24), kvBytesPerToken: perToken },
    load(8192, 16),
    open,
  ),
  row(
    'the context of the configuration, which nobody states, is no reason to refuse',
    { weightsBytes: gib(24.5), kvBytesPerToken: perToken, contextTokens: 131_072 },
    undefined,
    open,
  ),
  row(
    'the context of the configuration fits',
    { weightsBytes: gib(16), kvBytesPerToken: perToken, contextTokens: 131_072 },
    undefined,
    native,
  ),
  row(
    'the context of the configuration for several sequences',
    { weightsBytes: gib(16), kvBytesPerToken: perToken, contextTokens: 131_072 },
    load(null, 2),
    open,
  ),
  row(
    'a stated context stands before that of the configuration',
    { weightsBytes: gib(16), kvBytesPerToken: perToken, contextTokens: 1_310_720 },
    load(8192, 1),
    native,
  ),
  row(
    'bytes of a token are known, and no context is',
    { weightsBytes: gib(30), kvBytesPerToken: perToken },
    undefined,
    open,
  ),
  row(
    'bytes of a token and sequences are known, and no context is',
    { weightsBytes: gib(19.5), kvBytesPerToken: perToken },
    load(null, 64),
    native,
  ),
  row(
    'weights and cache over two devices',
    { weightsBytes: gib(49), kvBytesPerToken: perToken },
    load(8192, 16),
    native,
    { devices: 2 },
  ),
  row(
    'weights and cache over two devices, and one sequence more',
    { weightsBytes: gib(49), kvBytesPerToken: perToken },
    load(8192, 17),
    open,
    { devices: 2 },
  ),
  row('what the contract writes is taken as measured', { weightsBytes: gib(30) }, undefined, native, { memoryGib: 40 }),
  row(
    'what the contract writes does not stand before what cannot fit',
    { weightsBytes: gib(24.5), kvBytesPerToken: perToken },
    load(8192, 16),
    short,
    { memoryGib: 10 },
  ),
  placed('Ollama, and a model that fits', { weightsBytes: gib(10) }, native),
  placed('Ollama, and a model that does not fit', { weightsBytes: gib(60) }, native, true, {
    says: 'the device has 40 GiB, the model takes 60 GiB to 121 GiB: Ollama computes on the CPU the layers that do not fit',
  }),
  placed('Ollama, and a layer of sixteen that fits exactly', { weightsBytes: gib(624) }, native, true),
  placed('Ollama, and a layer that may not fit', { weightsBytes: gib(624) + 16 }, open, false, {
    says: 'on the CPU the layers that do not fit; whether a layer fits beside its buffers is not known',
  }),
  placed('Ollama, and a layer that fits exactly, in words', { weightsBytes: gib(624) }, native, true, {
    says: 'to 1249 GiB: Ollama computes on the CPU the layers that do not fit',
  }),
  placed('Ollama, on a device of no memory', { weightsBytes: gib(10) }, open, false, {
    deviceFacts: { memoryBytes: 0 },
  }),
  placed('a cache that does not fit, in Ollama', { weightsBytes: gib(30), kvBytesPerToken: perToken }, native, true, {
    load: load(8192, 16),
  }),
  placed('Ollama, and what the contract writes', { weightsBytes: gib(60) }, native, false, {
    hardware: { memoryGib: 40 },
  }),
  placed('Ollama, and more than the device has is written', { weightsBytes: gib(10) }, short, false, {
    hardware: { memoryGib: 41 },
  }),
  placed('llama.cpp without Ollama, and a model that does not fit', { weightsBytes: gib(60) }, short, false, {
    image: { libraries: { 'app/libggml-cuda.so': 'sm_80' } },
  }),
];
