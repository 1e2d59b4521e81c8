import type { CaseRow, ImageRow } from '../case-row.ts';
import { broken, native, row, type Answer, type Python } from './version-cases.ts';

const kernels =
  'SGLang, entrypoints/engine.py of its wheels (2026-11); pull request 11242 (2025-10-06); verl pull request 1872 (2025-06-06)';
const gguf = 'vLLM issues 15277 (2025-03-21), 28691 (2025-11-13) and 33229 (2026-01-28)';
const methods = 'vLLM issues 1919 (2023-12-04) and 5480 (2024-06-13); unsloth issue 482';
const unread: Answer = ['incompatible', 'gguf-reader'];
const unknownMethod: Answer = ['incompatible', 'quantization-method'];

const ofKernels = (
  sglang: string,
  version: string,
  answer: Answer,
  name = 'sgl-kernel',
  env: ImageRow['env'] = {},
): CaseRow =>
  row(
    `SGLang ${sglang} beside ${name} ${version} ${Object.entries(env).join(' ')}`,
    { sglang, [name]: version },
    answer,
    kernels,
    { env },
  );
const skip = 'SGLANG_SKIP_SGL_KERNEL_VERSION_CHECK';
const kernelPairs: readonly CaseRow[] = [
  {
    ...ofKernels('0.5.3', '0.3.12', broken),
    says: 'sglang 0.5.3 is built for sgl-kernel 0.3.14 or newer; the image brings 0.3.12',
  },
  ofKernels('0.5.3', '0.3.14', native),
  ofKernels('0.5.3', '0.3.14.post1', native),
  ofKernels('0.5.3.post1', '0.3.9.post2', broken),
  ofKernels('0.5.3', '0.3.12', native, 'sgl-kernel', { [skip]: '1' }),
  ofKernels('0.5.3', '0.3.12', native, 'sgl-kernel', { [skip]: 'true' }),
  ofKernels('0.5.3', '0.3.12', broken, 'sgl-kernel', { [skip]: '0' }),
  ofKernels('0.5.3', '0.3.12', broken, 'sgl-kernel', { [skip]: 'False' }),
  ofKernels('0.4.6', '0.0.9', native),
  ofKernels('0.4.7', '0.1.4', broken),
  ofKernels('0.4.7', '0.1.7', native),
  ofKernels('0.4.8', '0.1.7', broken),
  ofKernels('0.4.8', '0.1.9', native),
  ofKernels('0.4.9', '0.1.9', broken),
  ofKernels('0.4.9', '0.2.4', native),
  ofKernels('0.4.10', '0.2.7', broken),
  ofKernels('0.4.10', '0.2.8', native),
  ofKernels('0.5.1', '0.3.4', broken),
  ofKernels('0.5.1', '0.3.5', native),
  ofKernels('0.5.2', '0.3.8', broken),
  ofKernels('0.5.2', '0.3.9', native),
  ofKernels('0.5.4', '0.3.15', broken),
  ofKernels('0.5.5', '0.3.16.post5', native),
  ofKernels('0.5.5', '0.3.15', broken),
  ofKernels('0.5.6', '0.3.17', broken),
  ofKernels('0.5.6', '0.3.18.post2', native),
  ofKernels('0.5.7', '0.3.19', broken),
  ofKernels('0.5.7', '0.3.20', native),
  ofKernels('0.5.8', '0.3.20', broken),
  ofKernels('0.5.9', '0.3.20', broken),
  ofKernels('0.5.9', '0.3.21', native),
  ofKernels('0.5.10', '0.3.21', native),
  ofKernels('0.5.10', '0.4.0', broken, 'sglang-kernel'),
  ofKernels('0.5.11', '0.4.0', broken, 'sglang-kernel'),
  ofKernels('0.5.11', '0.4.1', native, 'sglang-kernel'),
  ofKernels('0.5.12', '0.4.1', broken, 'sglang-kernel'),
  ofKernels('0.5.14', '0.4.1', broken, 'sglang-kernel'),
  ofKernels('0.5.12', '0.4.2.post2', native, 'sglang-kernel'),
  ofKernels('0.5.15', '0.4.3', broken, 'sglang-kernel'),
  ofKernels('0.5.19', '0.4.3', broken, 'sglang-kernel'),
  ofKernels('0.5.15', '0.4.4', native, 'sglang-kernel'),
  ofKernels('0.5.20', '0.4.6', broken, 'sglang-kernel'),
  ofKernels('0.5.22', '0.4.6', broken, 'sglang-kernel'),
  ofKernels('0.5.20', '0.4.7', native, 'sglang-kernel'),
  ofKernels('0.5.23', '0.4.8', broken, 'sglang-kernel'),
  ofKernels('0.5.23', '0.4.10', native, 'sglang-kernel'),
  ofKernels('0.5.24', '0.4.8', native, 'sglang-kernel'),
];

const file = (
  architecture: string | undefined,
  transformers: string,
  answer: Answer,
  more: Python = {},
  rest: Partial<CaseRow> = {},
): CaseRow =>
  row(
    `${architecture ?? 'no architecture'} as GGUF in vLLM by Transformers ${transformers} ${[...Object.entries(more).flat(), ...(rest.args ?? []), rest.name ?? ''].join(' ')}`,
    { vllm: '0.9.2', transformers, ...more },
    answer,
    gguf,
    {},
    {
      model: { format: 'gguf', ...(architecture === undefined ? {} : { modelType: architecture }) },
      ...rest,
      ...(rest.name === undefined ? {} : { name: rest.name }),
    },
  );
const firstReaders: readonly (readonly [architecture: string, before: string | null, first: string])[] = [
  ['llama', null, '4.45.2'],
  ['mistral', null, '4.45.2'],
  ['qwen2', null, '4.45.2'],
  ['qwen2moe', '4.44.2', '4.45.2'],
  ['phi3', '4.44.2', '4.45.2'],
  ['bloom', '4.45.2', '4.46.3'],
  ['falcon', '4.45.2', '4.46.3'],
  ['gpt2', '4.45.2', '4.46.3'],
  ['stablelm', '4.45.2', '4.46.3'],
  ['starcoder2', '4.45.2', '4.46.3'],
  ['mamba', '4.46.3', '4.47.1'],
  ['nemotron', '4.46.3', '4.47.1'],
  ['t5', '4.46.3', '4.47.1'],
  ['t5encoder', '4.46.3', '4.47.1'],
  ['gemma2', '4.47.1', '4.51.3'],
  ['gemma3', '4.51.3', '4.53.3'],
  ['qwen3', '4.53.3', '4.55.4'],
  ['qwen3moe', '4.53.3', '4.55.4'],
  ['deci', '4.55.4', '4.56.2'],
  ['lfm2', '4.56.2', '4.57.3'],
  ['umt5', '4.56.2', '4.57.3'],
];
const inOldVllm = { vllm: '0.8.5' };
const files: readonly CaseRow[] = [
  ...firstReaders.flatMap(([architecture, before, first]) => [
    ...(before === null ? [] : [file(architecture, before, unread, inOldVllm)]),
    file(architecture, first, native, inOldVllm),
  ]),
  file('deepseek2', '4.49.0', unread, { vllm: '0.8.1' }),
  file(
    'gpt-oss',
    '4.57.5',
    unread,
    { vllm: '0.13.0' },
    { says: '4.57.5 of the image reads none of architecture gpt-oss' },
  ),
  file('minimax-m2', '4.57.3', unread, { vllm: '0.14.0' }),
  file('minimax-m2', '4.57.3', native, { vllm: '0.15.0' }),
  file('gpt-oss', '5.0.0', native, { vllm: '0.14.0' }),
  file('gpt-oss', 'main', native),
  file(undefined, '4.49.0', native, inOldVllm),
  row(
    'an architecture that Transformers does not read, in a format that nobody knows',
    { vllm: '0.8.1', transformers: '4.49.0' },
    ['unknown', 'gguf-reader'],
    'what is not known is never a pass',
    {},
    {
      model: { format: 'unknown', precisions: ['fp16'], modelType: 'deepseek2', headSize: 128, experts: false },
    },
  ),
  row(
    'an architecture that Transformers reads, in a format that nobody knows',
    { vllm: '0.8.1', transformers: '4.49.0' },
    native,
    gguf,
    {},
    {
      model: { format: 'unknown', precisions: ['fp16'], modelType: 'llama', headSize: 128, experts: false },
    },
  ),
  file('gpt-oss', '4.49.0', native, { ...inOldVllm, 'llama-cpp-python': '0.3.16' }),
  file('gpt-oss', '4.49.0', native, { ...inOldVllm, ctransformers: '0.2.27' }),
  file('gpt-oss', '4.49.0', native, { ...inOldVllm, ktransformers: '0.2.4' }),
  file('gpt-oss', '4.49.0', native, inOldVllm, { args: ['--hf-config-path', '/model'] }),
  row(
    'an architecture that Transformers does not read, without vLLM',
    { transformers: '4.49.0' },
    native,
    gguf,
    {},
    { model: { format: 'gguf', modelType: 'gpt-oss' } },
  ),
  row(
    'the same type as safetensors',
    { vllm: '0.8.1', transformers: '4.49.0' },
    native,
    gguf,
    {},
    {
      model: { format: 'safetensors', precisions: ['fp16'], modelType: 'deepseek2', headSize: 128, experts: false },
    },
  ),
  row(
    'a GGUF in vLLM without Transformers',
    { vllm: '0.8.1' },
    native,
    gguf,
    {},
    { model: { format: 'gguf', modelType: 'gpt-oss' } },
  ),
];

const quantized = (
  vllm: string,
  quantMethod: string | undefined,
  answer: Answer,
  precision: 'gptq' | 'fp16' = 'fp16',
  more: Python = { vllm },
): CaseRow =>
  row(
    `vLLM ${vllm} and ${quantMethod ?? 'no method'} of ${precision} ${Object.keys(more).join(' ')}`,
    more,
    answer,
    methods,
    {},
    {
      model: {
        format: 'safetensors',
        precisions: [precision],
        headSize: 128,
        experts: false,
        ...(quantMethod === undefined ? {} : { quantMethod }),
      },
    },
  );
const quantizations: readonly CaseRow[] = [
  { ...quantized('0.2.3', 'gptq', unknownMethod), says: 'vllm 0.2.3 does not know the quantization method gptq' },
  quantized('0.2.5', 'gptq', unknownMethod),
  quantized('0.2.3', undefined, unknownMethod, 'gptq'),
  quantized('0.2.6', 'gptq', native, 'gptq'),
  quantized('0.2.6', undefined, native, 'gptq'),
  quantized('0.2.3', 'awq', native),
  quantized('0.2.3', undefined, native),
  quantized('0.4.0', 'bitsandbytes', unknownMethod),
  quantized('0.4.3', 'bitsandbytes', unknownMethod),
  quantized('0.5.0', 'bitsandbytes', native),
  quantized('0.2.3', 'gptq', native, 'gptq', { sglang: '0.2.3' }),
  quantized('main', 'gptq', native, 'gptq'),
];

/** What engines read and start with, by their version. */
export const engineVersionCases: readonly CaseRow[] = [...kernelPairs, ...files, ...quantizations];
