import type { CaseRow } from '../case-row.ts';
import { native, row, type Answer, type Python } from './version-cases.ts';

const kernels = 'SGLang issue 3687 (2025-02-19)';
const bnb = 'vLLM issue 5503 (2024-09-18); production-stack issue 548 (2025-07-03)';
const quantizers = 'text-generation-webui-docker issue 65 (2025-05-30); textgen issue 7007 (2025-05-22)';
const missing: Answer = ['incompatible', 'needed-package'];

const inSglang = (name: string, version: string, more: Python, answer: Answer, rest: Partial<CaseRow> = {}): CaseRow =>
  row(
    `SGLang ${version}, ${name}`,
    { sglang: version, torch: '2.5.1+cu124', transformers: '4.48.3', ...more },
    answer,
    kernels,
    {},
    rest,
  );
const quantized = (method: string): Partial<CaseRow> => ({
  model: { format: 'safetensors', precisions: ['fp16'], quantMethod: method, headSize: 128, modelType: 'llama' },
});
const inVllm = (
  name: string,
  version: string,
  more: Python,
  answer: Answer,
  rest = quantized('bitsandbytes'),
): CaseRow =>
  row(
    `vLLM ${version}, ${name}`,
    { vllm: version, torch: '2.6.0+cu124', transformers: '4.51.0', ...more },
    answer,
    bnb,
    {},
    rest,
  );
const inTransformers = (
  name: string,
  method: string,
  more: Python,
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow =>
  row(
    `Transformers and a model of ${method}, ${name}`,
    { torch: '2.6.0+cu124', transformers: '4.51.0', tokenizers: '0.21.1', ...more },
    answer,
    quantizers,
    {},
    { ...quantized(method), ...rest },
  );

/** Packages that an engine needs and does not bring. */
export const neededPackageCases: readonly CaseRow[] = [
  {
    ...inSglang('without its kernels', '0.4.3', {}, missing),
    says: 'sglang 0.4.3 needs sgl-kernel or sglang-kernel to start; the image has none',
  },
  inSglang('with its kernels', '0.4.3', { 'sgl-kernel': '0.0.3.post6' }, native),
  inSglang('without its kernels, in the first version that imports them', '0.4.2', {}, missing),
  inSglang('without kernels, before it had any', '0.4.1', {}, native),
  inSglang('without its kernels, later', '0.5.12', {}, missing),
  inSglang('with kernels of their newer name', '0.5.12', { 'sglang-kernel': '0.4.2', transformers: '5.6.0' }, native),
  inSglang('with a folder of kernels alone', '0.4.3', {}, native, {
    image: {
      python: { sglang: '0.4.3', torch: '2.5.1+cu124', transformers: '4.48.3' },
      libraries: { 'opt/sgl_kernel/common_ops.abi3.so': 'sm_80 sm_86 sm_90' },
    },
  }),
  row('SGLang in a list without Transformers', { sglang: '0.4.3', torch: '2.5.1+cu124' }, native, kernels),
  row('SGLang in a list without torch', { sglang: '0.4.3', transformers: '4.48.3' }, native, kernels),
  inSglang('in a list that was not read whole', '0.4.3', {}, ['unknown', 'image-accelerator'], {
    image: {
      python: { sglang: '0.4.3', torch: '2.5.1+cu124', transformers: '4.48.3' },
      unknown: { python: 'a package could not be read' },
    },
  }),

  {
    ...inVllm('a model of bitsandbytes without it', '0.8.1', {}, missing),
    says: 'vllm 0.8.1 needs bitsandbytes for models that are quantized by bitsandbytes; the image has none',
  },
  inVllm('a model of bitsandbytes with it', '0.8.1', { bitsandbytes: '0.45.5' }, native),
  inVllm('a model of FP8 without bitsandbytes', '0.8.1', {}, native, quantized('fp8')),
  inVllm('that quantizes while it loads, without bitsandbytes', '0.8.1', {}, missing, {
    args: ['--quantization', 'bitsandbytes'],
  }),
  inVllm('that quantizes while it loads, in short, without bitsandbytes', '0.8.1', {}, missing, {
    args: ['-q', 'bitsandbytes'],
  }),
  inVllm('a model of bitsandbytes without it, before it was known', '0.4.3', {}, [
    'incompatible',
    'quantization-method',
  ]),
  row(
    'vLLM in a list without Transformers',
    { vllm: '0.8.1', torch: '2.6.0+cu124' },
    native,
    bnb,
    {},
    quantized('bitsandbytes'),
  ),

  inTransformers('without AutoAWQ', 'awq', {}, missing),
  inTransformers('with AutoAWQ', 'awq', { autoawq: '0.2.9' }, native),
  inTransformers('with GPTQModel', 'awq', { gptqmodel: '5.0.0' }, missing),
  inTransformers('in version 5 with GPTQModel', 'awq', { transformers: '5.1.0', gptqmodel: '5.0.0' }, native),
  inTransformers('in version 5 with AutoAWQ', 'awq', { transformers: '5.1.0', autoawq: '0.2.9' }, missing),
  inTransformers('before it knew any', 'awq', { transformers: '4.34.1' }, native),
  inTransformers(
    'in version 5 with AutoGPTQ',
    'gptq',
    { transformers: '5.1.0', optimum: '2.0.0', 'auto-gptq': '0.7.1' },
    missing,
  ),
  inTransformers(
    'in version 5 with GPTQModel too',
    'gptq',
    { transformers: '5.1.0', optimum: '2.0.0', gptqmodel: '5.0.0' },
    native,
  ),
  inTransformers('without Optimum', 'gptq', { 'auto-gptq': '0.7.1' }, missing),
  inTransformers('without AutoGPTQ', 'gptq', { optimum: '1.20.0' }, missing),
  inTransformers('with both', 'gptq', { optimum: '1.20.0', 'auto-gptq': '0.7.1' }, native),
  inTransformers('with Optimum and GPTQModel', 'gptq', { optimum: '1.20.0', gptqmodel: '5.0.0' }, native),
  inTransformers('without it', 'bitsandbytes', {}, missing),
  inTransformers('with it', 'bitsandbytes', { bitsandbytes: '0.45.5' }, native),
  inTransformers('beside vLLM', 'awq', { vllm: '0.8.1' }, native),
  inTransformers('beside llama-cpp-python', 'awq', { 'llama-cpp-python': '0.3.9' }, native),
  inTransformers('which no row names', 'hqq', {}, native),
];
