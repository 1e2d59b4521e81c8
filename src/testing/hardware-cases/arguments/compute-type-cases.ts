import type { Precision } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow } from '../case-row.ts';

const types = 'CTranslate2, src/types.cc and src/cuda/utils.cc; releases 2.3.0 and 3.17.0 (2023-07-18)';
const blackwell = 'CTranslate2 issue 1865, pull requests 1937 and 1982 (2026-01-31)';
const whisperX = 'whisperX, wheels 3.1.1 to 3.8.5, and issue 612 (2026-02)';
const methods = 'vLLM, get_supported_act_dtypes of the wheels 0.5.2 to 0.24.0; issues 13462 and 28857 (2025-11-17)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'argument-floor'];
const otherType: Answer = ['incompatible', 'quantization-type'];
const every = 'sm_50 sm_60 sm_61 sm_70 sm_75 sm_80 sm_86 sm_90 sm_120';

interface Asked {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly version?: string;
  readonly program?: Readonly<Record<string, string>>;
}

/** faster-whisper that is asked for a type. */
const inWhisper = (
  name: string,
  device: string,
  { args = [], env = {}, version = '4.5.0', program = { 'faster-whisper': '1.1.0' } }: Asked,
  [compatibility, rule]: Answer,
  source = types,
): CaseRow => ({
  name: `CTranslate2 ${version}: ${name} on ${device}`,
  device: `${device === 'P40' ? 'P100' : device} 580.65.06 13.0`,
  ...(device === 'P40' ? { deviceFacts: { product: 'Tesla P40', computeCapability: '6.1', pciDeviceId: null } } : {}),
  image: {
    cuda: '12.4',
    libraries: { 'x/libctranslate2.so': every },
    components: { cudnn: '9.1.0' },
    env,
    execStack: [],
    python: { ctranslate2: version, ...program },
  },
  model: { format: 'unknown', precisions: ['fp16'] },
  args,
  compatibility,
  rule,
  source,
});
const float16: Asked = { args: ['--compute_type', 'float16'] };
const int8: Asked = { args: ['--compute-type', 'int8'] };

const computeTypes: readonly CaseRow[] = [
  inWhisper('float16 that is asked for', 'P40', float16, refused),
  inWhisper('float16 that is asked for', 'P100', float16, refused),
  inWhisper('float16 that is asked for', 'V100', float16, native),
  inWhisper('no type', 'P40', {}, native),
  inWhisper('float32 that is asked for', 'P40', { args: ['--compute_type=float32'] }, native),
  inWhisper('int8_float16 that is asked for', 'P40', { args: ['--compute_type=int8_float16'] }, refused),
  inWhisper('float16 that is allowed', 'P40', { ...float16, env: { CT2_CUDA_ALLOW_FP16: '1' } }, native),
  inWhisper('float16 of a variable', 'P40', { env: { WHISPER__COMPUTE_TYPE: 'float16' } }, refused),
  inWhisper('float16 of another variable', 'P40', { env: { ASR_QUANTIZATION: 'float16' } }, refused),
  inWhisper('float16 of a third variable', 'P40', { env: { COMPUTE_TYPE: 'float16' } }, refused),
  inWhisper('float32 of a variable', 'P40', { env: { WHISPER__COMPUTE_TYPE: 'float32' } }, native),
  inWhisper(
    'an argument before a variable',
    'P40',
    { args: ['--compute_type', 'int8'], env: { COMPUTE_TYPE: 'float16' } },
    native,
  ),
  inWhisper('int8 that is asked for', 'P40', int8, native),
  inWhisper('int8 that is asked for', 'P100', int8, refused),
  inWhisper('bfloat16 that is asked for', 'T4', { args: ['--compute_type', 'bfloat16'] }, refused),
  inWhisper('int8_bfloat16 that is asked for', 'T4', { args: ['--compute_type', 'int8_bfloat16'] }, refused),
  inWhisper('bfloat16 that is asked for', 'A10', { args: ['--compute_type', 'bfloat16'] }, native),
  inWhisper(
    'bfloat16 that is allowed',
    'T4',
    { args: ['--compute_type', 'bfloat16'], env: { CT2_CUDA_ALLOW_BF16: 'true' } },
    native,
  ),
  inWhisper('int8 that is asked for', 'RTX-5090', int8, refused, blackwell),
  inWhisper(
    'int8_float16 that is asked for',
    'RTX-5090',
    { args: ['--compute_type', 'int8_float16'], version: '4.6.1' },
    refused,
    blackwell,
  ),
  inWhisper('float16 that is asked for', 'RTX-5090', float16, native, blackwell),
  inWhisper('int8 that is asked for', 'RTX-5090', { ...int8, version: '4.7.0' }, native, blackwell),
  inWhisper('whisperX, which asks for float16', 'P40', { program: { whisperx: '3.4.2' } }, refused, whisperX),
  inWhisper('the last whisperX that asks for float16', 'P40', { program: { whisperx: '3.8.0' } }, refused, whisperX),
  inWhisper('a whisperX that asks for nothing', 'P40', { program: { whisperx: '3.8.5' } }, native, whisperX),
  inWhisper(
    'whisperX with another type',
    'P40',
    { program: { whisperx: '3.4.2' }, args: ['--compute_type', 'float32'] },
    native,
    whisperX,
  ),
  inWhisper('whisperX, which asks for float16', 'T4', { program: { whisperx: '3.4.2' } }, native, whisperX),
];

/** vLLM that is told a method of quantization. */
const inVllm = (
  name: string,
  device: string,
  version: string,
  args: readonly string[],
  [compatibility, rule]: Answer,
  precisions: readonly Precision[] | null = ['awq', 'bf16'],
  more: Partial<CaseRow> = {},
): CaseRow => ({
  name: `vLLM ${version}: ${name}, ${args.join(' ')} on ${device}`,
  device: `${device} 580.65.06 13.0`,
  image: {
    cuda: '12.4',
    libraries: { 'x/vllm/_C.abi3.so': every },
    compilers: ['usr/bin/gcc', 'usr/local/cuda/bin/nvcc'],
    python: { vllm: version },
  },
  model: {
    format: 'safetensors',
    ...{ headSize: 128, heads: 32, kvHeads: 8, experts: false, modelType: 'qwen2' },
    ...(precisions === null ? {} : { precisions, quantMethod: precisions[0] ?? 'awq' }),
  },
  args,
  compatibility,
  rule,
  source: methods,
  ...more,
});
const awq = ['--quantization', 'awq'];

const methodTypes: readonly CaseRow[] = [
  inVllm('AWQ in bfloat16', 'A100-40', '0.8.5', awq, otherType),
  inVllm('AWQ in bfloat16', 'A100-40', '0.11.0', ['-q', 'awq'], otherType),
  inVllm('AWQ in bfloat16', 'A100-40', '0.11.0', [], native),
  inVllm('AWQ in bfloat16', 'A100-40', '0.11.0', ['--quantization', 'awq_marlin'], native),
  inVllm('AWQ in bfloat16', 'A100-40', '0.11.0', [...awq, '--dtype', 'half'], native),
  inVllm('AWQ in bfloat16', 'A100-40', '0.11.0', [...awq, '--dtype', 'auto'], otherType),
  inVllm('AWQ in float16', 'A100-40', '0.11.0', awq, native, ['awq', 'fp16']),
  inVllm('AWQ in float16', 'A100-40', '0.11.0', [...awq, '--dtype', 'bfloat16'], otherType, ['awq', 'fp16']),
  inVllm('AWQ in float16', 'A100-40', '0.11.0', [...awq, '--dtype', 'float32'], otherType, ['awq', 'fp16']),
  inVllm('AWQ in bfloat16', 'T4', '0.11.0', awq, native),
  inVllm('AWQ in bfloat16', 'T4', '0.9.0', awq, native),
  inVllm('AWQ in bfloat16', 'T4', '0.8.5', awq, otherType),
  inVllm('AWQ in float16', 'T4', '0.11.0', [...awq, '--dtype', 'bfloat16'], otherType, ['awq', 'fp16']),
  inVllm('AWQ in float16', 'T4', '0.11.0', [...awq, '--dtype', 'float32'], otherType, ['awq', 'fp16']),
  {
    // Whatever the type is, it falls to float16; whether the device serves the weights is another question.
    ...inVllm('AWQ of a type that nobody read', 'T4', '0.11.0', awq, ['unknown', 'precision'], null),
    says: 'this service computes in fp16',
  },
  inVllm('AWQ in bfloat16', 'A100-40', '0.22.1', awq, otherType),
  inVllm('AWQ in bfloat16', 'A100-40', '0.24.0', awq, native),
  inVllm('GPTQ in bfloat16', 'A100-40', '0.11.0', ['--quantization=gptq'], otherType, ['gptq', 'bf16']),
  inVllm('GPTQ in bfloat16', 'A100-40', '0.21.0', ['--quantization', 'gptq'], otherType, ['gptq', 'bf16']),
  inVllm('GPTQ in bfloat16', 'A100-40', '0.22.0', ['--quantization', 'gptq'], native, ['gptq', 'bf16']),
  inVllm('GPTQ in bfloat16', 'A100-40', '0.11.0', ['--quantization', 'gptq_marlin'], native, ['gptq', 'bf16']),
  inVllm(
    'AWQ in bfloat16, of an unknown capability',
    'A100-40',
    '0.11.0',
    awq,
    ['unknown', 'quantization-type'],
    ['awq', 'bf16'],
    {
      deviceFacts: { computeCapability: null },
      source: 'what is not known is never a pass',
    },
  ),
  inVllm('AWQ of a type that nobody read', 'A100-40', '0.8.5', awq, ['unknown', 'quantization-type'], null, {
    source: 'what is not known is never a pass',
  }),
  {
    ...inVllm('AWQ in bfloat16, in words', 'A100-40', '0.8.5', awq, otherType),
    says: 'vllm 0.8.5 computes awq that --quantization names in fp16 alone; this service computes in bf16',
  },
];

/** Types that are asked for, and methods that compute in one type alone. */
export const computeTypeCases: readonly CaseRow[] = [...computeTypes, ...methodTypes];
