import type { CaseRow } from '../case-row.ts';

const stated = 'vLLM pull request 2374; issues 946 and 1157 (2023-09-23)';
const cache = 'vLLM issue 26431 (2025-10-08)';
const oldCache = 'vLLM pull requests 43914 (2026-05-28) and 49077 (2026-07-19)';
const sglang = 'SGLang issues 9140 (2025-08-13) and 14814; attention_registry.py (2026-09)';
const context = 'vLLM issue 3676 (2024-03-29); pull request 1096 (2023-09-20)';
const longer = 'SGLang, deepseek_ocr2_server.py (2026-09)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'argument-floor'];
const precision: Answer = ['incompatible', 'precision'];
const tooLong: Answer = ['incompatible', 'context-argument'];

const row = (
  name: string,
  device: string,
  python: Readonly<Record<string, string>>,
  args: readonly string[] | undefined,
  [compatibility, rule]: Answer,
  source: string,
  { image, ...rest }: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: `${device} 580.95.05 13.0`,
  image: image === null ? null : { python, compilers: ['usr/bin/gcc', 'usr/local/cuda-13.0/bin/nvcc'], ...image },
  model: { format: 'safetensors', precisions: ['fp16'], headSize: 128, modelType: 'llama', experts: false },
  ...(args === undefined ? {} : { args }),
  compatibility,
  rule,
  source,
  ...rest,
});
const inVllm = (
  name: string,
  device: string,
  vllm: string,
  args: readonly string[] | undefined,
  answer: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => row(name, device, { vllm }, args, answer, source, rest);
const inSglang = (
  name: string,
  device: string,
  args: readonly string[],
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow => row(name, device, { sglang: '0.5.3' }, args, answer, sglang, rest);
const bf16: CaseRow['model'] = { format: 'safetensors', precisions: ['bf16'], headSize: 128, experts: false };

const types: readonly CaseRow[] = [
  inVllm('bfloat16 that is asked for, on Turing', 'T4', '0.11.0', ['--dtype', 'bfloat16'], refused, stated, {
    says: 'vllm 0.11.0 has kernels for --dtype bfloat16 from capability 8.0 on; the device is 7.5',
  }),
  inVllm('bfloat16 that is asked for, on Volta', 'V100', '0.4.3', ['--dtype=bfloat16'], refused, stated),
  inVllm('bfloat16 that is asked for, on Ampere', 'A30', '0.11.0', ['--dtype', 'bfloat16'], native, stated),
  inVllm(
    'bfloat16 that is asked for, on a device of an unknown capability',
    'T4',
    '0.11.0',
    ['--dtype', 'bfloat16'],
    ['unknown', 'argument-floor'],
    'what is not known is never a pass',
    {
      deviceFacts: { computeCapability: null },
    },
  ),
  inVllm('half that is asked for, on Turing', 'T4', '0.11.0', ['--dtype', 'half'], native, stated),
  inVllm('an argument without its value', 'T4', '0.11.0', ['--dtype'], native, stated),
  inVllm('no argument, on Turing', 'T4', '0.11.0', undefined, native, stated),
  row(
    'bfloat16 that is asked for, in another engine',
    'T4',
    { lmdeploy: '0.6.2' },
    ['--dtype', 'bfloat16'],
    native,
    stated,
  ),
  row(
    'bfloat16 that is asked for, in no image',
    'T4',
    {},
    ['--dtype', 'bfloat16'],
    ['unknown', 'image-accelerator'],
    stated,
    { image: null },
  ),
  inVllm('weights in bfloat16 on Turing', 'T4', '0.8.5', undefined, precision, stated, { model: bf16 }),
  ...['half', 'float16', 'float', 'float32'].map((value) =>
    inVllm(`weights in bfloat16 on Turing, computed in ${value}`, 'T4', '0.8.5', ['--dtype', value], native, stated, {
      model: bf16,
    }),
  ),
  inVllm('weights in bfloat16 on Turing, computed as they are', 'T4', '0.8.5', ['--dtype', 'auto'], precision, stated, {
    model: bf16,
  }),
  inVllm(
    'weights that nobody read on Turing, computed in half',
    'T4',
    '0.8.5',
    ['--dtype', 'half'],
    ['unknown', 'precision'],
    'what is not known is never a pass',
    {
      model: { format: 'safetensors', headSize: 128, experts: false },
    },
  ),
  inVllm(
    'weights that the engine quantizes to FP8, on Turing',
    'T4',
    '0.11.0',
    ['--quantization', 'fp8'],
    precision,
    'vLLM issue 4327 (2024-04-24); pull request 5975',
  ),
  inVllm(
    'weights that the engine quantizes to FP8, by its short name, on Turing',
    'T4',
    '0.11.0',
    ['-q', 'fp8'],
    precision,
    'vLLM issue 4327 (2024-04-24)',
  ),
  inVllm(
    'weights that the engine quantizes to FP8, on Ampere',
    'A30',
    '0.11.0',
    ['--quantization', 'fp8'],
    native,
    'vLLM pull request 5975',
  ),
  inVllm(
    'weights that the engine quantizes otherwise, on Turing',
    'T4',
    '0.11.0',
    ['--quantization', 'bitsandbytes'],
    native,
    'vLLM issue 14154 (2025-03)',
  ),
];

const fp8 = ['--kv-cache-dtype', 'fp8'];
const caches: readonly CaseRow[] = [
  inVllm('a cache in FP8 on Ampere', 'A10', '0.11.0', fp8, refused, cache),
  inVllm(
    'a cache in FP8 on Ampere, written with a sign and lines',
    'A10',
    '0.11.0',
    ['--kv_cache_dtype=fp8'],
    refused,
    cache,
  ),
  inVllm('a cache in FP8 E4M3 on Ampere', 'A10', '0.10.2', ['--kv-cache-dtype', 'fp8_e4m3'], refused, cache),
  inVllm('a cache in FP8 E5M2 on Ampere', 'A10', '0.11.0', ['--kv-cache-dtype', 'fp8_e5m2'], native, cache),
  inVllm('a cache in FP8 on Ada', 'L4', '0.11.0', fp8, native, cache),
  inVllm('a cache in FP8 on Hopper', 'H100', '0.11.0', fp8, native, cache),
  inVllm('a cache in FP8 on Ampere before the Triton backend kept it', 'A10', '0.10.1', fp8, native, cache),
  inVllm('a cache in FP8 on Ampere, by a variable for FlashInfer', 'A10', '0.11.0', fp8, native, cache, {
    image: { env: { VLLM_ATTENTION_BACKEND: 'FLASHINFER' } },
  }),
  inVllm('a cache in FP8 on Ampere, by a variable for another backend', 'A10', '0.11.0', fp8, refused, cache, {
    image: { env: { VLLM_ATTENTION_BACKEND: 'TRITON_ATTN_VLLM_V1' } },
  }),
  inVllm(
    'a cache in FP8 on Ampere, by an argument for FlashInfer',
    'A10',
    '0.11.0',
    [...fp8, '--attention-backend', 'FLASHINFER'],
    native,
    cache,
  ),
  inVllm('a cache in FP8 on Ampere, in a version that may choose FlashInfer', 'A10', '0.12.0', fp8, native, oldCache),
  inVllm(
    'a cache in FP8 on Ampere, in the first version that may choose FlashInfer',
    'A10',
    '0.11.1',
    fp8,
    native,
    oldCache,
  ),
  inVllm('a cache in FP8 on Turing', 'T4', '0.12.0', fp8, refused, oldCache),
  inVllm('a cache in FP8 E4M3 on Volta', 'V100', '0.17.1', ['--kv-cache-dtype', 'fp8_e4m3'], refused, oldCache),
  inVllm(
    'a cache in FP8 that a later argument replaces',
    'A10',
    '0.10.2',
    [...fp8, '--kv_cache_dtype=auto'],
    native,
    cache,
  ),
  inVllm('a later argument that asks for FP8', 'A10', '0.10.2', ['--kv-cache-dtype=auto', ...fp8], refused, cache),
  inVllm('a cache as the model is, on Turing', 'T4', '0.12.0', ['--kv-cache-dtype', 'auto'], native, oldCache),
];

const attention = (value: string): readonly string[] => ['--attention-backend', value];
const backends: readonly CaseRow[] = [
  inSglang('trtllm_mha on GeForce Blackwell', 'RTX-5090', attention('trtllm_mha'), refused, {
    says: 'trtllm_mha from capability 10.0 to 10.9; the device is 12.0',
  }),
  inSglang('trtllm_mha on a GB10', 'GB10', attention('trtllm_mha'), refused),
  inSglang('trtllm_mha on Hopper', 'H100', attention('trtllm_mha'), refused),
  inSglang('trtllm_mha on B200', 'B200', attention('trtllm_mha'), native),
  inSglang('trtllm_mha on B300', 'B300', attention('trtllm_mha'), native),
  inSglang(
    'trtllm_mha for prompts on GeForce Blackwell',
    'RTX-5090',
    ['--prefill-attention-backend', 'trtllm_mha'],
    refused,
  ),
  inSglang(
    'trtllm_mha for answers on GeForce Blackwell',
    'RTX-5090',
    ['--decode-attention-backend=trtllm_mha'],
    refused,
  ),
  inSglang('trtllm_mla on Hopper', 'H100', attention('trtllm_mla'), refused),
  inSglang('trtllm_mla on B200', 'B200', attention('trtllm_mla'), native),
  inSglang('trtllm_mla on GeForce Blackwell', 'RTX-5090', attention('trtllm_mla'), native),
  inSglang('fa3 on B200', 'B200', attention('fa3'), refused),
  inSglang('fa3 on GeForce Blackwell', 'RTX-5090', attention('fa3'), refused),
  inSglang('fa3 on Hopper', 'H100', attention('fa3'), native),
  inSglang('fa3 on Ampere', 'A30', attention('fa3'), native),
  inSglang(
    'two backends, of which the second does not run',
    'B200',
    ['--decode-attention-backend', 'trtllm_mha', '--prefill-attention-backend', 'fa3'],
    refused,
  ),
  inSglang('flashinfer on GeForce Blackwell', 'RTX-5090', attention('flashinfer'), native),
  row('trtllm_mha in vLLM', 'RTX-5090', { vllm: '0.11.0' }, attention('trtllm_mha'), native, sglang),
  row(
    'an SGLang whose version cannot be read',
    'RTX-5090',
    { sglang: 'main' },
    attention('trtllm_mha'),
    native,
    sglang,
  ),
];

const positions = { ...bf16, contextTokens: 8192, contextScaled: false };
const lengthOf = (tokens: string): readonly string[] => ['--max-model-len', tokens];
const lengths: readonly CaseRow[] = [
  inVllm('a longer context than the model has', 'H100', '0.6.3', lengthOf('131072'), tooLong, context, {
    model: positions,
    says: 'vllm 0.6.3 refuses --max-model-len 131072: the model has 8192 positions',
  }),
  inVllm('one token more than the model has', 'H100', '0.2.0', lengthOf('8193'), tooLong, context, {
    model: positions,
  }),
  inVllm('the context that the model has', 'H100', '0.6.3', lengthOf('8192'), native, context, { model: positions }),
  inVllm('a longer context before vLLM compared it', 'H100', '0.1.7', lengthOf('16384'), native, context, {
    model: { ...positions, precisions: ['fp16'] },
  }),
  inVllm(
    'a longer context of a model that stretches its positions',
    'H100',
    '0.6.3',
    lengthOf('131072'),
    native,
    context,
    {
      model: { ...positions, contextScaled: true },
    },
  ),
  inVllm(
    'a longer context of a model whose stretching nobody read',
    'H100',
    '0.6.3',
    lengthOf('131072'),
    native,
    context,
    {
      model: { ...bf16, contextTokens: 8192 },
    },
  ),
  inVllm('a context of a model whose positions nobody read', 'H100', '0.6.3', lengthOf('131072'), native, context, {
    model: { ...bf16, contextScaled: false },
  }),
  inVllm('a longer context that a variable allows', 'H100', '0.6.3', lengthOf('131072'), native, context, {
    model: positions,
    image: { env: { VLLM_ALLOW_LONG_MAX_MODEL_LEN: '1' } },
  }),
  inVllm('a longer context that a variable does not allow', 'H100', '0.6.3', lengthOf('131072'), tooLong, context, {
    model: positions,
    image: { env: { VLLM_ALLOW_LONG_MAX_MODEL_LEN: '0' } },
  }),
  ...['--rope-scaling', '--hf-overrides', '--hf-config-path', '--config-format'].map((name) =>
    inVllm(`a longer context with ${name}`, 'H100', '0.6.3', [...lengthOf('131072'), name, '{}'], native, context, {
      model: positions,
    }),
  ),
  inVllm('a context in words', 'H100', '0.6.3', lengthOf('128k'), native, context, { model: positions }),
  inVllm('a context without a number', 'H100', '0.6.3', ['--max-model-len'], native, context, { model: positions }),
  inVllm('no context that is asked for', 'H100', '0.6.3', undefined, native, context, { model: positions }),
  row('a longer context in SGLang', 'H100', { sglang: '0.5.3' }, ['--context-length', '16384'], tooLong, longer, {
    model: positions,
  }),
  row('the context of the model in SGLang', 'H100', { sglang: '0.5.3' }, ['--context-length', '8192'], native, longer, {
    model: positions,
  }),
  row(
    'a longer context in SGLang that a variable allows',
    'H100',
    { sglang: '0.5.3' },
    ['--context-length', '16384'],
    native,
    longer,
    {
      model: positions,
      image: { env: { SGLANG_ALLOW_OVERWRITE_LONGER_CONTEXT_LEN: '1' } },
    },
  ),
  row(
    'a longer context in SGLang, with another configuration',
    'H100',
    { sglang: '0.5.3' },
    ['--context-length', '16384', '--json-model-override-args', '{}'],
    native,
    longer,
    { model: positions },
  ),
  row(
    'a longer context in SGLang before 0.4',
    'H100',
    { sglang: '0.3.6' },
    ['--context-length', '16384'],
    native,
    longer,
    { model: positions },
  ),
  row('a longer context in another engine', 'H100', { lmdeploy: '0.6.2' }, lengthOf('16384'), native, context, {
    model: positions,
  }),
];

export const argumentCases: readonly CaseRow[] = [...types, ...caches, ...backends, ...lengths];
