import type { ModelHardwareFacts, Precision } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow } from '../case-row.ts';

const trt = 'TensorRT-LLM issue 685 (2023-12-18)';
const matrix = 'TensorRT-LLM, "Support Matrix" (2025-05)';
const fineGrained = 'Transformers, quantizer_finegrained_fp8.py; ComfyUI-QwenVL issue 28 (2025-10-29)';
const fbgemm = 'Transformers, quantizer_fbgemm_fp8.py; huggingface-llama-recipes issue 21 (2024-07)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'precision'];
const open: Answer = ['unknown', 'precision'];

const everything = 'sm_60 sm_70 sm_75 sm_80 sm_86 sm_89 sm_90 sm_100';
const t4 = 'T4 550.54.14 12.4';
const v100 = 'V100 550.54.14 12.4';
const a6000 = 'RTX-A6000 550.54.14 12.4';
const l4 = 'L4 550.54.14 12.4';
const h100 = 'H100 550.54.14 12.4';

const row = (
  name: string,
  device: string,
  python: Readonly<Record<string, string>>,
  [compatibility, rule]: Answer,
  source: string,
  model: Partial<ModelHardwareFacts>,
): CaseRow => ({
  name,
  device,
  image: { cuda: '12.4', libraries: { 'x/app/libapp.so': everything }, python },
  model: { format: 'safetensors', ...model },
  compatibility,
  rule,
  source,
});

const inTensorRtLlm = (
  name: string,
  device: string,
  precision: Precision | null,
  answer: Answer,
  source = trt,
): CaseRow =>
  row(
    name,
    device,
    { 'tensorrt-llm': '0.6.1', torch: '2.4.0+cu124', transformers: '4.33.1' },
    answer,
    source,
    precision === null ? {} : { precisions: [precision] },
  );

const quantized = (
  name: string,
  device: string,
  python: Readonly<Record<string, string>>,
  answer: Answer,
  method: string | null,
  source = fineGrained,
): CaseRow =>
  row(name, device, { torch: '2.4.0+cu124', ...python }, answer, source, {
    precisions: ['fp8', 'bf16'],
    ...(method === null ? {} : { quantMethod: method }),
  });
const own = { transformers: '4.57.1' };

/** Precisions that TensorRT-LLM refuses, and those that Transformers refuses by the method of the model. */
const halfOnly = 'vLLM issues 1114 and 1592 (2023-09-20); get_supported_act_dtypes of vLLM 0.2.0 to 0.6.0';
/** A model whose weights are quantized, and whose other tensors are of bfloat16. */
const beside16 = (method: 'awq' | 'gptq', version: string, answer: Answer, more: Partial<CaseRow> = {}): CaseRow => ({
  ...row(
    `bfloat16 beside ${method} in vLLM ${version} ${more.args?.join(' ') ?? ''}`,
    l4,
    { vllm: version },
    answer,
    halfOnly,
    { precisions: [method, 'bf16'], quantMethod: method },
  ),
  ...more,
});
const notes = 'TensorRT-LLM, release notes of 0.15 and 0.21; issues 2229, 4599, 5064 and 5581 (2025-07-04)';
const awqVolta = 'lmdeploy issues 1676, 2332 and 2699 (2024-11-04)';
const b200 = 'B200 580.95.05 13.0';
const casts = 'SGLang pull request 1233; model_runner.py of 0.2.13 to 0.2.15 (2024-08-28)';

export const methodPrecisionCases: readonly CaseRow[] = [
  beside16('awq', '0.2.0', refused),
  beside16('awq', '0.5.2', refused),
  beside16('awq', '0.5.2', native, { args: ['--dtype', 'half'] }),
  beside16('awq', '0.5.3', native),
  beside16('gptq', '0.2.6', refused),
  beside16('gptq', '0.4.2', refused),
  beside16('gptq', '0.4.3', native),
  row('float16 beside AWQ in vLLM 0.5.2', l4, { vllm: '0.5.2' }, native, halfOnly, {
    ...{ precisions: ['awq', 'fp16'], quantMethod: 'awq' },
  }),
  row('bfloat16 beside another method in vLLM 0.5.2', l4, { vllm: '0.5.2' }, native, halfOnly, {
    ...{ precisions: ['bf16'], quantMethod: 'bitsandbytes' },
  }),
  ...(
    [
      ['0.2.13', '0.5.4', refused],
      ['0.2.14', '0.5.4', native],
      ['0.2.15', '0.5.5', native],
      [null, '0.5.5', refused],
    ] as const
  ).map(([sglang, vllm, answer]) =>
    row(
      `bfloat16 on Turing in vLLM ${vllm} beside SGLang ${sglang ?? 'of none'}`,
      t4,
      { vllm, ...(sglang === null ? {} : { sglang }) },
      answer,
      casts,
      { precisions: ['bf16'] },
    ),
  ),
  inTensorRtLlm('AWQ by TensorRT-LLM on Volta', v100, 'awq', refused),
  inTensorRtLlm('AWQ by TensorRT-LLM on Turing', t4, 'awq', refused),
  inTensorRtLlm('AWQ by TensorRT-LLM on Ampere', a6000, 'awq', native),
  inTensorRtLlm('GPTQ by TensorRT-LLM on Volta', v100, 'gptq', refused),
  inTensorRtLlm('GPTQ by TensorRT-LLM on Ampere', a6000, 'gptq', native),
  inTensorRtLlm('float16 by TensorRT-LLM on Volta', v100, 'fp16', native),
  inTensorRtLlm('FP8 by TensorRT-LLM on Ampere', a6000, 'fp8', refused, matrix),
  inTensorRtLlm('FP8 by TensorRT-LLM on Ada', l4, 'fp8', native, matrix),
  inTensorRtLlm('FP4 by TensorRT-LLM on Hopper', h100, 'fp4', refused, matrix),
  inTensorRtLlm('nobody read the precision beside TensorRT-LLM on Ampere', a6000, null, open, matrix),
  ...(
    [
      ['channel', '0.12.0', l4, refused],
      ['channel', '0.14.0', l4, refused],
      ['channel', '0.15.0', l4, native],
      ['channel', '0.14.0', h100, native],
      ['block', '0.20.0', l4, refused],
      ['block', '0.20.0', h100, native],
      ['block', '0.20.0', b200, refused],
      ['block', '0.20.0', 'RTX-5090 580.95.05 13.0', refused],
      ['block', '0.20.0', 'B300 580.95.05 13.0', refused],
      ['block', '0.20.0', 'GB10 580.95.05 13.0', refused],
      ['block', '0.21.0', l4, native],
      ['block', '0.21.0', a6000, refused],
      ['block', '1.0.0', b200, native],
      ['tensor', '0.12.0', l4, native],
    ] as const
  ).map(([fp8Scales, version, device, answer]) =>
    row(
      `FP8 with scales of a ${fp8Scales} by TensorRT-LLM ${version} on ${device}`,
      device,
      { 'tensorrt-llm': version },
      answer,
      notes,
      { precisions: ['fp8'], fp8Scales },
    ),
  ),
  ...(
    [
      ['0.2.0', v100, refused],
      ['0.5.3', v100, refused],
      ['0.5.3', t4, native],
      ['0.6.0', v100, native],
    ] as const
  ).map(([lmdeploy, device, answer]) =>
    row(`AWQ by LMDeploy ${lmdeploy} on ${device}`, device, { lmdeploy }, answer, awqVolta, { precisions: ['awq'] }),
  ),
  quantized('FP8 of blocks by Transformers on Ampere', a6000, own, refused, 'fp8'),
  quantized('FP8 of blocks by Transformers on Ada', l4, own, native, 'fp8'),
  quantized(
    'FP8 of blocks by Transformers and Diffusers on Ampere',
    a6000,
    { ...own, diffusers: '0.35.1' },
    refused,
    'fp8',
  ),
  quantized('FP8 of blocks by the first Transformers that knows it', a6000, { transformers: '4.49.0' }, refused, 'fp8'),
  quantized('FP8 of blocks by an old Transformers on Ada', l4, { transformers: '4.50.3' }, refused, 'fp8'),
  quantized('FP8 of blocks by the first Transformers that takes Ada', l4, { transformers: '4.51.0' }, native, 'fp8'),
  quantized('FP8 of blocks by an old Transformers on Hopper', h100, { transformers: '4.50.3' }, native, 'fp8'),
  quantized('FP8 of blocks by a Transformers that turns it into BF16', a6000, { transformers: '5.0.0' }, native, 'fp8'),
  quantized('FP8 of FBGEMM by Transformers on Ada', l4, own, refused, 'fbgemm_fp8', fbgemm),
  quantized('FP8 of FBGEMM by Transformers 5 on Ada', l4, { transformers: '5.0.0' }, refused, 'fbgemm_fp8', fbgemm),
  quantized('FP8 of FBGEMM by Transformers on Hopper', h100, own, native, 'fbgemm_fp8', fbgemm),
  quantized('FP8 of FBGEMM by a Transformers before it', l4, { transformers: '4.42.0' }, native, 'fbgemm_fp8', fbgemm),
  quantized('FP8 that a method turns back, by Transformers on Ampere', a6000, own, native, 'compressed-tensors'),
  quantized('FP8 of a file that names no method, beside Transformers on Ampere', a6000, own, native, null),
  quantized(
    'FP8 of a file that names no method, by Transformer Engine beside Transformers on Ampere',
    a6000,
    { ...own, 'transformer-engine': '1.9.0' },
    refused,
    null,
    'Transformer Engine issues 15 and 1159 (2024-09-05)',
  ),
  quantized(
    'FP8 of blocks by TGI, beside Transformers on Ampere',
    a6000,
    { ...own, 'text-generation-server': '3.3.0' },
    native,
    'fp8',
  ),
  quantized('FP8 of blocks by vLLM, beside Transformers on Ampere', a6000, { ...own, vllm: '0.11.0' }, native, 'fp8'),
  row(
    'BF16 of a model that names FP8 of blocks, by Transformers',
    a6000,
    { torch: '2.4.0+cu124', ...own },
    native,
    fineGrained,
    {
      precisions: ['bf16'],
      quantMethod: 'fp8',
    },
  ),
  ...(
    [
      ['a dense model in FP8 on Ampere by the first SGLang with Marlin', a6000, '0.5.1', false, 'fp8', native],
      ['a dense model in FP8 on Ampere by SGLang', a6000, '0.5.10', false, 'fp8', native],
      ['a dense model in FP8 on Ampere by SGLang before Marlin', a6000, '0.5.0', false, 'fp8', refused],
      ['a mixture of experts in FP8 on Ampere by SGLang', a6000, '0.5.5', true, 'fp8', refused],
      ['a mixture of experts in FP8 on Ada by SGLang', l4, '0.5.5', true, 'fp8', native],
      ['FP8 of compressed-tensors on Ampere by SGLang', a6000, '0.5.5', false, 'compressed-tensors', refused],
      ['FP8 of compressed-tensors on Ada by SGLang', l4, '0.5.5', false, 'compressed-tensors', native],
    ] as const
  ).map(([name, device, sglang, experts, quantMethod, answer]) =>
    row(name, device, { sglang }, answer, 'SGLang, layers/quantization/fp8.py; issues 12887 and 18875 (2026-02-16)', {
      precisions: ['fp8'],
      experts,
      quantMethod,
    }),
  ),
];
