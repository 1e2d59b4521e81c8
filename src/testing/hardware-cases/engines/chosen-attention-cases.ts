import type { CaseRow } from '../case-row.ts';
import { type Answer, type Facts, a10, native, refused, row, t4, v100 } from './kernel-shape-case.ts';

const named = 'a pass names what nobody read';
const sinksIssue = 'vLLM issues 22290 and 22331 (2025-08-06)';
const gptOss: Facts = { precisions: ['mxfp4', 'bf16'], modelType: 'gpt_oss', experts: true };
const sinks = (name: string, device: string, vllm: string, answer: Answer, more: Facts = {}): CaseRow =>
  row(`attention with sinks: ${name}`, device, { vllm }, { ...gptOss, ...more }, answer, sinksIssue);
const tgiIssue = 'text-generation-inference issues 2037 and 2456 (2024-08-25)';
const tgi = (
  name: string,
  device: string,
  version: string,
  modelType: string | undefined,
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow =>
  row(
    `TGI: ${name}`,
    device,
    { 'text-generation-server': version },
    { precisions: ['fp16'], experts: false, headSize: 64, ...(modelType === undefined ? {} : { modelType }) },
    answer,
    tgiIssue,
    rest,
  );
const xformersIssue = 'xFormers issues 1251 and 1329 (2025-09-15)';
const third = {
  'opt/torch/lib/libtorch_cuda.so': 'sm_80 sm_90 sm_100 sm_120',
  'opt/xformers/flash_attn_3/_C.so': 'sm_80 sm_90a',
};
const xformers = (
  name: string,
  device: string,
  python: Readonly<Record<string, string>>,
  answer: Answer,
  model: Facts = { precisions: ['bf16'] },
  libraries: Readonly<Record<string, string>> = third,
): CaseRow => ({
  ...row(`xFormers: ${name}`, device, python, model, answer, xformersIssue),
  image: { cuda: '12.8', python, libraries },
});
const wheel = { xformers: '0.0.30' };
const noThird = { 'opt/torch/lib/libtorch_cuda.so': 'sm_80 sm_90 sm_100 sm_120' };
const shapeOpen = 'kernels of the model (size of its heads, type, experts, scales of FP8)';

/** Kernels of attention that a build, an engine or a package chooses for some models. */
export const chosenAttentionCases: readonly CaseRow[] = [
  sinks('the build gptoss on Ada', 'L40S 580.95.05 13.0', '0.10.1+gptoss', refused),
  sinks('the build gptoss on Ampere', 'A100-80 580.95.05 13.0', '0.10.1+gptoss', refused),
  sinks('the build gptoss on Hopper', 'H200 580.95.05 13.0', '0.10.1+gptoss', native),
  sinks('0.10.1 itself on Ampere', 'A100-80 580.95.05 13.0', '0.10.1', native),
  sinks('another build on Ampere', 'A100-80 580.95.05 13.0', '0.10.1+cu128', native),
  sinks('another version of the build on Ampere', 'A100-80 580.95.05 13.0', '0.10.2+gptoss', native),
  sinks('another model on Ampere', 'A100-80 580.95.05 13.0', '0.10.1+gptoss', native, { modelType: 'qwen3' }),
  tgi('a Qwen 2 on a T4', t4, '2.2.0', 'qwen2', refused, { says: 'holds no kernel for this model by FlashAttention' }),
  tgi('a Qwen 2 on a V100', v100, '2.2.0', 'qwen2', refused),
  tgi('a Qwen 2 on Ampere', a10, '2.2.0', 'qwen2', native),
  tgi('a Qwen 2 in the first version, on a T4', t4, '2.0.5.dev0', 'qwen2', refused),
  tgi('a Qwen 2 in the version before it, on a T4', t4, '2.0.4', 'qwen2', native),
  tgi('a Qwen 2 in a later version, on a T4', t4, '2.3.0', 'qwen2', native),
  tgi('a Bloom on a T4', t4, '2.2.0', 'bloom', native),
  tgi('a model of an unknown type on a T4', t4, '2.2.0', undefined, native, {
    source: named,
    notChecked: ['health of the device', shapeOpen],
  }),
  tgi('a Qwen 2 on a T4, without FlashAttention', t4, '2.2.0', 'qwen2', native, {
    image: { python: { 'text-generation-server': '2.2.0' }, env: { USE_FLASH_ATTENTION: 'False' } },
  }),
  tgi('a Qwen 2 on a T4, with FlashAttention', t4, '2.2.0', 'qwen2', refused, {
    image: { python: { 'text-generation-server': '2.2.0' }, env: { USE_FLASH_ATTENTION: 'True' } },
  }),
  xformers('0.0.30 on an RTX 5090', 'RTX-5090 580.95.05 13.0', wheel, refused),
  xformers('0.0.30 on a B200', 'B200 580.95.05 13.0', wheel, refused),
  xformers('0.0.30 on Hopper', 'H200 580.95.05 13.0', wheel, native),
  xformers('0.0.30 on Ada', 'L40S 580.95.05 13.0', wheel, native),
  xformers('0.0.32 on an RTX 5090', 'RTX-5090 580.95.05 13.0', { xformers: '0.0.32.post2' }, refused),
  xformers('0.0.29 on an RTX 5090', 'RTX-5090 580.95.05 13.0', { xformers: '0.0.29' }, native),
  xformers('0.0.33 on an RTX 5090', 'RTX-5090 580.95.05 13.0', { xformers: '0.0.33' }, native),
  xformers('a build before 0.0.33 on an RTX 5090', 'RTX-5090 580.95.05 13.0', { xformers: '0.0.33.dev1090' }, refused),
  xformers('a build before 0.0.33 on Hopper', 'H200 580.95.05 13.0', { xformers: '0.0.33.dev1090' }, native),
  xformers('a build before 0.0.34 on an RTX 5090', 'RTX-5090 580.95.05 13.0', { xformers: '0.0.34.dev1100' }, native),
  xformers('a later build of 0.0.33 on an RTX 5090', 'RTX-5090 580.95.05 13.0', { xformers: '0.0.33+cu130' }, native),
  xformers(
    '0.0.30 in ComfyUI on an RTX 5090',
    'RTX-5090 580.95.05 13.0',
    { ...wheel, transformers: '4.56.0', 'comfyui-frontend-package': '1.25.11' },
    refused,
  ),
  xformers(
    '0.0.33 in ComfyUI on an RTX 5090',
    'RTX-5090 580.95.05 13.0',
    { xformers: '0.0.33', 'comfyui-frontend-package': '1.25.11' },
    native,
  ),
  xformers('0.0.30 with float16 on an RTX 5090', 'RTX-5090 580.95.05 13.0', wheel, refused, { precisions: ['fp16'] }),
  xformers('0.0.30 with weights of two precisions', 'RTX-5090 580.95.05 13.0', wheel, refused, {
    precisions: ['fp32', 'bf16'],
  }),
  xformers(
    '0.0.30 with a precision that nobody read',
    'RTX-5090 580.95.05 13.0',
    wheel,
    ['unknown', 'kernel-shape'],
    {},
  ),
  xformers('0.0.30 in full precision', 'RTX-5090 580.95.05 13.0', wheel, native, { precisions: ['fp32'] }),
  xformers(
    '0.0.30 without FlashAttention 3',
    'RTX-5090 580.95.05 13.0',
    wheel,
    native,
    { precisions: ['bf16'] },
    noThird,
  ),
  ...(['vllm', 'sglang', 'text-generation-server', 'lmdeploy'] as const).map((name) =>
    xformers(
      `0.0.30 beside ${name}, which never calls it`,
      'RTX-5090 580.95.05 13.0',
      { ...wheel, [name]: '0.1' },
      native,
      {
        precisions: ['bf16'],
      },
    ),
  ),
  ...(['diffusers', 'transformers'] as const).map((name) => ({
    ...xformers(
      `0.0.30 beside ${name}, which may call it`,
      'RTX-5090 580.95.05 13.0',
      { ...wheel, [name]: '0.35.0' },
      native,
    ),
    source: named,
    notChecked: ['kernel module', 'health of the device', shapeOpen],
  })),
];
