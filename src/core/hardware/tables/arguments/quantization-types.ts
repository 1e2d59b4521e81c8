import type { Source } from '../source.ts';

/** A method that `code.args` choose, whose kernels compute in float16 alone, where the engine would choose others for the same model. */
export interface QuantizationType {
  readonly engine: string;
  readonly from: string;
  readonly to: string;
  readonly value: string;
  readonly source: Source;
}

export const quantizationArguments: readonly string[] = ['--quantization', '-q'];

const source: Source = {
  title:
    'vLLM, get_supported_act_dtypes of awq and gptq of the wheels 0.5.2 to 0.22.0, which --quantization names in the place of awq_marlin and gptq_marlin; issues 13462 and 28857: "torch.bfloat16 is not supported for quantization method awq"',
  url: 'https://github.com/vllm-project/vllm/issues/13462',
  date: '2025-11-17',
};

export const quantizationTypes: readonly QuantizationType[] = [
  { engine: 'vllm', from: '0.2.0', to: '0.22', value: 'awq', source },
  { engine: 'vllm', from: '0.2.6', to: '0.21', value: 'gptq', source },
];

/** From this version on a type that nobody states is float16 on devices before 8.0. */
export const typeFalls = { engine: 'vllm', from: '0.9', least: '8.0' } as const;
