import type { ModelHardwareFacts } from '../../../core/hardware/model/model-facts.ts';
import type { CaseRow } from '../case-row.ts';

const vllmSource = 'vLLM issue 18733 (2025-05-27); _FLOAT16_NOT_SUPPORTED_MODELS of the wheels 0.9.1 to 0.27.1';
const mistralSource = 'mistral.rs issue 1703 (2025-11-06); mistralrs-core/src/utils/normal.rs';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'float16-model'];

const inVllm = (
  name: string,
  vllm: string,
  modelType: string,
  args: readonly string[],
  [compatibility, rule]: Answer,
): CaseRow => ({
  name: `${name}, vLLM ${vllm}`,
  device: 'A100-40 580.95.05 13.0',
  image: { python: { vllm }, compilers: ['usr/bin/gcc', 'usr/local/cuda-13.0/bin/nvcc'] },
  model: { format: 'safetensors', precisions: ['bf16'], modelType, headSize: 128, experts: false },
  args,
  compatibility,
  rule,
  source: vllmSource,
});
const inMistral = (
  name: string,
  device: string,
  args: readonly string[],
  [compatibility, rule]: Answer,
  {
    program = 'usr/local/bin/mistralrs-server',
    ...model
  }: Partial<ModelHardwareFacts> & { readonly program?: string } = {},
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name: `mistral.rs: ${name}`,
  device,
  image: { libraries: { [program]: 'sm_50 sm_60 sm_70 sm_75 sm_80' } },
  model: { format: 'safetensors', precisions: ['fp32'], modelType: 'gemma3_text', ...model },
  args,
  compatibility,
  rule,
  source: mistralSource,
  ...rest,
});
const v100 = 'V100 570.172.08 12.8';
const t4 = 'T4 570.172.08 12.8';
const a100 = 'A100-40 570.172.08 12.8';

export const float16Cases: readonly CaseRow[] = [
  inVllm('Gemma 3 in half', '0.11.0', 'gemma3', ['--dtype', 'half'], refused),
  inVllm('Gemma 3 in float16', '0.8.0', 'gemma3', ['--dtype=float16'], refused),
  inVllm('Gemma 3 in float16', '0.7.3', 'gemma3', ['--dtype', 'float16'], ['incompatible', 'model-type']),
  inVllm('Gemma 3 in bfloat16', '0.11.0', 'gemma3', ['--dtype', 'bfloat16'], native),
  inVllm('Gemma 3 as it is stored', '0.11.0', 'gemma3', [], native),
  inVllm('Gemma 3 in float32', '0.11.0', 'gemma3', ['--dtype', 'float32'], native),
  inVllm('Gemma 2 in half', '0.9.1', 'gemma2', ['--dtype', 'half'], refused),
  inVllm('Gemma 2 in half', '0.9.0', 'gemma2', ['--dtype', 'half'], native),
  inVllm('GLM 4 in half', '0.10.0', 'glm4', ['--dtype', 'half'], refused),
  inVllm('Gemma 3 of text in half', '0.16.0', 'gemma3_text', ['--dtype', 'half'], refused),
  inVllm('Gemma 3 of text in half', '0.15.1', 'gemma3_text', ['--dtype', 'half'], native),
  inVllm('Llama in half', '0.11.0', 'llama', ['--dtype', 'half'], native),
  inMistral(
    'Gemma 3 on Volta',
    v100,
    [],
    refused,
    {},
    {
      says: 'mistral.rs computes gemma3_text in float16 on capability 7.0, whose range its activations leave',
    },
  ),
  inMistral('Gemma 3 on Turing', t4, [], refused),
  inMistral('Gemma 3 with images on Turing', t4, [], refused, { modelType: 'gemma3' }),
  inMistral('Gemma 3 on Ampere', a100, [], native),
  inMistral(
    'Gemma 3 on Maxwell, in float32',
    t4,
    [],
    native,
    {},
    {
      deviceFacts: { computeCapability: '5.2', product: 'Tesla M40', migLayout: [] },
    },
  ),
  inMistral(
    'Gemma 3 on a system on chip of 5.3',
    t4,
    [],
    refused,
    {},
    {
      deviceFacts: { computeCapability: '5.3', product: 'Tegra X1', migLayout: [] },
    },
  ),
  inMistral('Gemma 3 in float32 on Volta', v100, ['--dtype', 'f32'], native),
  inMistral('Gemma 3 in float32 on Volta, in short', v100, ['-d', 'f32'], native),
  inMistral('Gemma 3 in a type that it chooses, on Volta', v100, ['-d', 'auto'], refused),
  inMistral('Gemma 3 in a type that it chooses, on Ampere', a100, ['-d', 'auto'], native),
  inMistral('Gemma 3 in float16 on Ampere', a100, ['-d', 'f16'], refused),
  inMistral('Llama on Volta', v100, [], native, { modelType: 'llama' }),
  inMistral('Gemma 3 as GGUF on Volta', v100, [], native, { format: 'gguf' }),
  inMistral('its newer program', v100, [], refused, { program: 'usr/bin/mistralrs' }),
  inMistral(
    'its program beside other libraries',
    v100,
    [],
    refused,
    {},
    {
      image: { libraries: { 'opt/lib/libother.so': 'sm_70', 'usr/bin/mistralrs': 'sm_70' } },
    },
  ),
  inMistral('another program', v100, [], native, { program: 'usr/bin/mistralrs-bench' }),
  inMistral(
    'a device that nobody knows',
    v100,
    [],
    ['unknown', 'float16-model'],
    {},
    {
      deviceFacts: { computeCapability: null },
    },
  ),
];
