import type { Source } from '../source.ts';

/** Types of models (`model_type`, or `general.architecture` of GGUF) that a distribution knows from some version on, or up to one. */
export interface ModelTypeRow {
  readonly distribution: string;
  /** Formats of the model that it reads. */
  readonly format: 'safetensors' | 'gguf';
  readonly types: readonly string[];
  /** First version that was seen to know them; null where no version does. */
  readonly from: string | null;
  /** Last version that was seen not to, where none of those between the two was read; left out where `from` is the first of all. */
  readonly lastWithout?: string;
  /** Last version that knows them, where later ones dropped them. */
  readonly lastWith?: string;
  /** It is so for models that are quantized by this method (`quant_method`) alone. */
  readonly method?: string;
  /** It is so where `code.args` have all of these words, which choose one engine of the distribution, and not the last word `unless`. */
  readonly words?: readonly string[];
  readonly unless?: readonly string[];
  readonly source: Source;
}

/** Programs that ask Transformers for the configuration of every model. */
export const configReaders: readonly string[] = [
  'vllm',
  'sglang',
  'text-generation-server',
  'lmdeploy',
  'tensorrt-llm',
];

/** Programs that open a model of a format: beside one that may know the type, another that does not stops nothing for certain. */
export const modelOpeners: Readonly<Record<ModelTypeRow['format'], readonly string[]>> = {
  safetensors: ['vllm', 'sglang', 'text-generation-server', 'lmdeploy', 'tensorrt-llm'],
  gguf: ['vllm', 'sglang', 'llama-cpp-python'],
};
