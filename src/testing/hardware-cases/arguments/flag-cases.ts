import type { CaseRow } from '../case-row.ts';

const context = 'TensorRT-LLM issues 320, 348 and 436 (2023-11-21)';
const runner = 'TensorRT-LLM, fmhaRunner.cpp (2024-11)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'argument-floor'];

const inTensorRtLlm = (
  name: string,
  device: string,
  version: string,
  args: readonly string[],
  [compatibility, rule]: Answer,
  more: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: `${device} 550.54.14 12.4`,
  image: { libraries: { 'app/libapp.so': 'sm_70 sm_75 sm_80 sm_90' }, python: { 'tensorrt-llm': version } },
  model: { format: 'safetensors', precisions: ['fp16'] },
  args,
  compatibility,
  rule,
  source: context,
  ...more,
});

const newer = { source: runner };

/** Arguments that take no value, and those of TensorRT-LLM. */
export const flagCases: readonly CaseRow[] = [
  inTensorRtLlm('fused attention of the context on Volta', 'V100', '0.5.0', ['--enable_context_fmha'], refused, {
    says: 'has kernels for --enable-context-fmha from capability 8.0 on; the device is 7.0',
  }),
  inTensorRtLlm('fused attention of the context on Turing', 'T4', '0.5.0', ['--enable-context-fmha'], refused),
  inTensorRtLlm('fused attention of the context on Ampere', 'A100-40', '0.5.0', ['--enable_context_fmha'], native),
  inTensorRtLlm(
    'fused attention of the context, summed in FP32, on Volta',
    'V100',
    '0.5.0',
    ['--dtype', 'float16', '--enable_context_fmha_fp32_acc', '--use_gemm_plugin', 'float16'],
    refused,
  ),
  inTensorRtLlm('no fused attention on Volta', 'V100', '0.5.0', ['--use_gpt_attention_plugin', 'float16'], native),
  inTensorRtLlm('fused attention of the context on Volta, later', 'V100', '0.6.1', ['--enable_context_fmha'], native),
  inTensorRtLlm('the flag of another engine', 'V100', '0.5.0', ['--enable-context'], native),
  inTensorRtLlm(
    'fused attention that is turned on, on Volta',
    'V100',
    '0.14.0',
    ['--context_fmha', 'enable'],
    refused,
    newer,
  ),
  inTensorRtLlm(
    'fused attention that is turned off, on Volta',
    'V100',
    '0.14.0',
    ['--context_fmha', 'disable'],
    native,
    newer,
  ),
  inTensorRtLlm(
    'fused attention that is turned on, on Ampere',
    'A100-40',
    '0.14.0',
    ['--context_fmha', 'enable'],
    native,
    newer,
  ),
  inTensorRtLlm(
    'fused attention that is turned on, on Volta, before',
    'V100',
    '0.13.0',
    ['--context_fmha', 'enable'],
    native,
    newer,
  ),
  inTensorRtLlm(
    'fused attention, on a device of an unknown capability',
    'V100',
    '0.5.0',
    ['--enable_context_fmha'],
    ['unknown', 'argument-floor'],
    { deviceFacts: { computeCapability: null } },
  ),
];
