import type { StatedLoad } from '../../../core/hardware/model/memory-range.ts';
import type { ModelHardwareFacts } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow } from '../case-row.ts';

const vllmDocs = 'vLLM, "Conserving Memory" and "Quantized KV Cache" (2026-11)';
const llamaCpp = 'llama.cpp, tools/server/README.md (2026-11)';
const gib = (count: number): number => count * 2 ** 30;

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const open: Answer = ['unknown', 'memory'];
const short: Answer = ['incompatible', 'memory'];

/** A device of 40 GiB, and 131,072 bytes a token: 8,192 tokens are 1 GiB. */
const perToken = 131_072;
const row = (
  name: string,
  engine: Readonly<Record<string, string>>,
  args: readonly string[],
  model: Partial<ModelHardwareFacts>,
  [compatibility, rule]: Answer,
  load?: StatedLoad,
): CaseRow => ({
  name,
  device: 'A100-40 550.54.14 12.4',
  image: { python: engine },
  model: { format: 'safetensors', precisions: ['fp16'], kvBytesPerToken: perToken, ...model },
  args,
  ...(load === undefined ? {} : { load }),
  compatibility,
  rule,
  source: vllmDocs,
});
const vllm = { vllm: '0.6.3' };
const sglang = { sglang: '0.4.9' };
const weightsBytes = gib(24.5);
/** Tokens of 8 GiB and of 16 GiB. */
const [fits, tooLong] = ['65536', '131072'];

/** A GGUF file, of which a program puts some layers on the device. */
const placed = (
  name: string,
  args: readonly string[],
  model: Partial<ModelHardwareFacts>,
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  ...row(name, {}, args, { format: 'gguf', kvBytesPerToken: 0, ...model }, answer),
  source: llamaCpp,
  ...rest,
});

const wholeIssue = 'vLLM pull request 2163 and issue 2418: the longest sequence of the model must fit (2024-01-11)';
const serve = ['vllm', 'serve', '/models/one'];
/** 24.5 GiB of weights, and a cache of 16 GiB for the longest sequence: more than the 40 GiB of the device. */
const whole = (
  name: string,
  version: string,
  args: readonly string[],
  answer: Answer,
  model: Partial<ModelHardwareFacts> = {},
  load?: StatedLoad,
): CaseRow => ({
  ...row(
    `the longest sequence of the model: ${name}`,
    { vllm: version },
    args,
    { weightsBytes, contextTokens: 131_072, ...model },
    answer,
    load,
  ),
  source: wholeIssue,
});

const onHost =
  'vLLM, "Conserving Memory"; stable-diffusion-webui, "Command Line Arguments"; InvokeAI issue 4264 (2026-11)';
/** Weights of 48 GiB, of which arguments leave parts to the host. */
const partly = (name: string, args: readonly string[], answer: Answer, hardware?: CaseRow['hardware']): CaseRow => ({
  ...row(`parts on the host: ${name}`, {}, args, { weightsBytes: gib(48), kvBytesPerToken: 0 }, answer),
  ...(hardware === undefined ? {} : { hardware }),
  source: onHost,
});
const hostCases: readonly CaseRow[] = [
  partly('no argument', ['launch.py'], short),
  partly('no argument, and memory that was stated', ['launch.py'], short, { memoryGib: 30 }),
  partly('--medvram', ['launch.py', '--medvram'], open),
  {
    ...partly('--medvram, and a model that fits', ['launch.py', '--medvram'], native),
    model: { format: 'safetensors', precisions: ['fp16'], kvBytesPerToken: 0, weightsBytes },
  },
  partly('--medvram, and memory that was stated', ['launch.py', '--medvram'], native, { memoryGib: 30 }),
  partly('--lowvram, and more memory than there is', ['main.py', '--lowvram'], short, { memoryGib: 50 }),
  partly('--cpu-offload-gb 20, and memory that was stated', ['serve', '--cpu-offload-gb', '20'], native, {
    memoryGib: 30,
  }),
  partly('--cpu-offload-gb 20', ['serve', '--cpu-offload-gb', '20'], open),
  {
    ...partly('--cpu-offload-gb 4, which is too little', ['serve', '--cpu-offload-gb=4'], short),
    says: 'beside what an argument keeps on the host the model takes 44 GiB, and up to 58.6 GiB in all',
  },
  partly('--cpu-offload-gb 0.0', ['serve', '--cpu-offload-gb', '0.0'], short, { memoryGib: 30 }),
  partly('--cpu-offload-gb that is no number', ['serve', '--cpu-offload-gb', 'all'], short),
  {
    ...partly('--cpu-offload-gb 1', ['serve', '--cpu-offload-gb', '1'], open),
    model: { format: 'safetensors', precisions: ['fp16'], kvBytesPerToken: 0, weightsBytes: gib(40.5) },
  },
  {
    ...partly('--cpu-offload-gb below zero', ['serve', '--cpu-offload-gb', '-4'], short),
    model: { format: 'safetensors', precisions: ['fp16'], kvBytesPerToken: 0, weightsBytes: gib(40.5) },
  },
  partly('--lowvram before another argument', ['main.py', '--lowvram', '--cpu-offload-gb', '0'], open),
  partly('--lowvram=false', ['main.py', '--lowvram=false'], short),
];

/** Without an argument for it vLLM takes the context of the model, and stops where one such sequence does not fit. */
const wholeContexts: readonly CaseRow[] = [
  {
    ...whole('it does not fit', '0.6.3', serve, short),
    says: 'weights and cache take 40.5 GiB with one sequence of 131072 tokens, which the engine does not start without',
  },
  whole('it fits', '0.6.3', serve, native, { contextTokens: 65_536 }),
  whole('as a module', '0.3.0', ['-m', 'vllm.entrypoints.openai.api_server', '--model', '/models/one'], short),
  whole('arguments of an image that is the server', '0.6.3', ['--model', '/models/one'], short),
  whole('arguments of an image that may be anything', '0.6.3', ['--port', '8000'], open),
  whole('a program that takes a model', '0.6.3', ['python', 'app.py', '--model', '/models/one'], open),
  whole('vLLM does something else', '0.6.3', ['vllm', 'bench'], open),
  whole('another program serves', '0.6.3', ['app', 'serve'], open),
  whole('no arguments are written', '0.6.3', [], open),
  whole('the first version', '0.2.7', serve, short),
  whole('the version before it, which did not look', '0.2.6', serve, open),
  whole('the last version', '0.9.0.1', serve, short),
  whole('the version after it, whose tokenizer nobody read', '0.9.1', serve, open),
  whole('a tokenizer that names no limit', '0.9.1', serve, short, { tokenizerTokens: null }),
  whole('a tokenizer that allows as much', '0.15.2', serve, short, { tokenizerTokens: 131_072 }),
  whole('a tokenizer that allows more', '0.15.2', serve, short, { tokenizerTokens: 1_000_000 }),
  whole('a tokenizer that allows half', '0.26.0', serve, native, { tokenizerTokens: 65_536 }),
  whole('a tokenizer that an older version does not ask', '0.9.0', serve, short, { tokenizerTokens: 65_536 }),
  whole('the half that a tokenizer allows, which does not fit either', '0.26.0', serve, short, {
    tokenizerTokens: 65_536,
    weightsBytes: gib(33),
  }),
  whole('a version that cannot be read', 'main', serve, open),
  {
    ...whole('its length is not known', '0.6.3', serve, open),
    model: { format: 'safetensors', precisions: ['fp16'], kvBytesPerToken: perToken, weightsBytes },
  },
  whole('the bytes of a token are not known', '0.6.3', serve, open, { kvBytesPerToken: null }),
  whole('weights in FP32, of which the cache takes half', '0.6.3', serve, open, { precisions: ['fp32'] }),
  {
    ...whole('weights of which nobody read the precision', '0.6.3', serve, open),
    model: { format: 'safetensors', kvBytesPerToken: perToken, weightsBytes, contextTokens: 131_072 },
  },
  whole('a file of arguments that was not read', '0.6.3', [...serve, '--config', 'vllm.yaml'], open),
  whole('an argument that stretches it', '0.6.3', [...serve, '--rope-scaling', '{}'], open),
  whole('weights on the CPU', '0.6.3', [...serve, '--cpu-offload-gb=20'], open),
  whole('weights that are quantized while they load', '0.6.3', [...serve, '-q', 'fp8'], open),
  whole('a cache in bits that are not known', '0.26.0', [...serve, '--kv-cache-dtype', 'nvfp4'], open, {
    tokenizerTokens: null,
  }),
  whole('a cache as the model computes', '0.6.3', [...serve, '--kv-cache-dtype', 'auto'], short),
  {
    ...whole('vLLM as a library of SGLang', '0.6.3', ['--model', '/models/one'], open),
    image: { python: { vllm: '0.6.3', sglang: '0.4.0' } },
  },
  {
    ...whole('its length is not known, and that of its tokenizer is', '0.26.0', serve, open),
    model: {
      format: 'safetensors',
      precisions: ['fp16'],
      kvBytesPerToken: perToken,
      weightsBytes,
      tokenizerTokens: 131_072,
    },
  },
  whole('half of it by the contract', '0.6.3', serve, native, {}, { contextTokens: 32_768, sequences: 2 }),
  whole('one sequence by the contract', '0.6.3', serve, short, {}, { contextTokens: null, sequences: 1 }),
  whole('several sequences by the contract', '0.6.3', serve, open, {}, { contextTokens: null, sequences: 4 }),
  whole('a cache in FP8, which does not fit either', '0.6.3', [...serve, '--kv-cache-dtype', 'fp8'], short, {
    weightsBytes: gib(35),
  }),
  whole('a cache in FP8, which fits', '0.6.3', [...serve, '--kv-cache-dtype', 'fp8'], native),
];

export const loadCases: readonly CaseRow[] = [
  ...hostCases,
  ...wholeContexts,
  row('a context that vLLM is given, and that fits', vllm, ['--max-model-len', fits], { weightsBytes }, native),
  {
    ...row(
      'a context that vLLM is given, and that cannot fit',
      vllm,
      ['--max-model-len', tooLong],
      { weightsBytes },
      short,
    ),
    says: 'weights and cache take 40.5 GiB, and up to',
  },
  row('no context is given to vLLM', vllm, [], { weightsBytes }, open),
  row('a context that vLLM chooses itself', vllm, ['--max-model-len', 'auto'], { weightsBytes }, open),
  row('a context of ten digits', vllm, ['--max-model-len', '1000000000'], { weightsBytes }, open),
  row('a context of nine digits', vllm, ['--max-model-len', '999999999'], { weightsBytes }, short),
  row('the argument of another engine', vllm, ['--context-length', tooLong], { weightsBytes }, open),
  row('an argument of an engine that is not there', {}, ['--max-model-len', tooLong], { weightsBytes }, open),
  row('a context that SGLang is given, and that fits', sglang, ['--context-length', fits], { weightsBytes }, native),
  row('a context that SGLang cannot hold', sglang, ['--context-length', tooLong], { weightsBytes }, short),
  row(
    'the context of the contract goes before that of the argument',
    vllm,
    ['--max-model-len', tooLong],
    { weightsBytes },
    native,
    { contextTokens: 8192, sequences: 8 },
  ),
  row(
    'one sequence of the context that the argument states',
    vllm,
    ['--max-model-len', tooLong],
    { weightsBytes },
    short,
    { contextTokens: null, sequences: 1 },
  ),
  row(
    'many sequences wait for one another, so that their sum refuses nothing',
    vllm,
    ['--max-model-len', fits],
    { weightsBytes },
    open,
    { contextTokens: null, sequences: 2 },
  ),
  row(
    'the argument goes before the configuration, for many sequences too',
    vllm,
    ['--max-model-len', '32768'],
    { weightsBytes, contextTokens: 131_072 },
    native,
    { contextTokens: null, sequences: 2 },
  ),
  row(
    'a cache in FP8 takes half',
    vllm,
    ['--max-model-len', tooLong, '--kv-cache-dtype', 'fp8_e5m2'],
    { weightsBytes },
    native,
  ),
  row(
    'a cache in FP8 of twice the length',
    vllm,
    ['--max-model-len', '262144', '--kv-cache-dtype', 'fp8_e5m2'],
    { weightsBytes },
    short,
  ),
  row(
    'a cache as the engine chooses',
    vllm,
    ['--max-model-len', tooLong, '--kv-cache-dtype', 'auto'],
    { weightsBytes },
    short,
  ),
  row(
    'a cache in FP8 in SGLang',
    sglang,
    ['--context-length', tooLong, '--kv-cache-dtype', 'fp8_e5m2'],
    { weightsBytes },
    native,
  ),
  row(
    'a cache in FP8, of an engine that is not there',
    {},
    ['--kv-cache-dtype', 'fp8_e5m2'],
    { weightsBytes, contextTokens: 131_072 },
    open,
  ),
  row('no model was looked at, and arguments are there', vllm, ['--max-model-len', fits], { weightsBytes: null }, open),
  placed('4 of 32 layers on the device', ['-ngl', '4'], { weightsBytes: gib(200), layers: 32 }, native),
  placed(
    '5 of 32 layers: 1.2 times their share and 1 GiB fit exactly',
    ['-ngl', '5'],
    { weightsBytes: gib(208) - 64, layers: 32 },
    native,
  ),
  placed('5 of 32 layers: a little more is open', ['-ngl', '5'], { weightsBytes: gib(208) + 64, layers: 32 }, open, {
    says: 'the layers that an argument puts on it take up to 40 GiB',
  }),
  placed('a share of the layers, on a device of 0 bytes', ['-ngl', '0'], { weightsBytes: gib(5), layers: 32 }, open, {
    deviceFacts: { memoryBytes: 0 },
  }),
  placed('every layer, and the last matrix', ['--n-gpu-layers', '33'], { weightsBytes: gib(45), layers: 32 }, short),
  placed('every layer without the last matrix', ['--gpu-layers', '32'], { weightsBytes: gib(45), layers: 32 }, open),
  placed('a number that stands for all layers', ['-ngl', '99'], { weightsBytes: gib(45), layers: 32 }, short),
  placed('as many as fit', ['-ngl', 'auto'], { weightsBytes: gib(45), layers: 32 }, short),
  placed('no layer on the device', ['-ngl', '0'], { weightsBytes: gib(450), layers: 32 }, native),
  placed('15 layers of a number that nobody read', ['-ngl', '15'], { weightsBytes: gib(45) }, open),
  placed('4 layers of a number that nobody read', ['-ngl', '4'], { weightsBytes: gib(45) }, native),
  placed('16 layers of a number that nobody read may be all', ['-ngl', '16'], { weightsBytes: gib(45) }, short),
  placed('the argument for another format', ['-ngl', '4'], { format: 'safetensors', weightsBytes: gib(45) }, short),
  placed('4 of 32 layers, and the memory was measured', ['-ngl', '4'], { weightsBytes: gib(500), layers: 32 }, native, {
    hardware: { memoryGib: 36 },
  }),
  placed('4 of 32 layers, and more memory was measured', ['-ngl', '4'], { weightsBytes: gib(5), layers: 32 }, short, {
    hardware: { memoryGib: 41 },
  }),
  placed(
    'a context that llama.cpp is given, and that fits',
    ['--ctx-size', fits],
    { weightsBytes, kvBytesPerToken: perToken },
    native,
  ),
  placed('a context that llama.cpp cannot hold', ['-c', tooLong], { weightsBytes, kvBytesPerToken: perToken }, short),
  placed('the same, by another name', ['--n-ctx', tooLong], { weightsBytes, kvBytesPerToken: perToken }, short),
  placed(
    'the context of the model, which llama.cpp takes for 0',
    ['-c', '0'],
    { weightsBytes, kvBytesPerToken: perToken },
    open,
  ),
];
