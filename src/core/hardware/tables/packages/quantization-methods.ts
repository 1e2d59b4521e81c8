import type { Source } from '../source.ts';

/** Versions of an engine that do not know a `quant_method`. */
export interface QuantizationMethod {
  readonly engine: string;
  readonly method: string;
  /** Last version that does not know it. */
  readonly to: string;
  readonly source: Source;
}

export const quantizationMethods: readonly QuantizationMethod[] = [
  {
    engine: 'vllm',
    method: 'gptq',
    to: '0.2.5',
    source: {
      title: 'vLLM issues 1769, 1919 and 2170: "Unknown quantization method: gptq"; from 0.2.6 on',
      url: 'https://github.com/vllm-project/vllm/issues/1919',
      date: '2024-03-10',
    },
  },
  {
    engine: 'vllm',
    method: 'bitsandbytes',
    to: '0.4',
    source: {
      title: 'unsloth issues 464 and 482: "Unknown quantization method: bitsandbytes"; vLLM issue 5480: from 0.5.0 on',
      url: 'https://github.com/vllm-project/vllm/issues/5480',
      date: '2024-06-13',
    },
  },
  {
    engine: 'lmdeploy',
    method: 'gptq',
    to: '0.5',
    source: {
      title:
        'LMDeploy, turbomind/deploy/converter.py of the wheels 0.5.3 and 0.6.0: SUPPORTED_FORMATS has gptq from 0.6.0 on, and PyTorch reads awq alone before',
      url: 'https://github.com/InternLM/lmdeploy/releases/tag/v0.6.0',
      date: '2024-09-13',
    },
  },
];
