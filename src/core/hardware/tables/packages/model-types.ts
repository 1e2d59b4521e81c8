import type { Source } from '../source.ts';

/** First version of a distribution that knows these types of models (`model_type`, or `general.architecture` of GGUF). */
export interface ModelTypeRow {
  readonly distribution: string;
  /** Formats of the model that it reads. */
  readonly format: 'safetensors' | 'gguf';
  readonly types: readonly string[];
  readonly from: string;
  readonly source: Source;
}

const release = (version: string, date: string): Source => ({
  title: `Transformers, release ${version}: the model types that it adds`,
  url: `https://github.com/huggingface/transformers/releases/tag/v${version}`,
  date,
});
const transformers = (from: string, date: string, ...types: readonly string[]): ModelTypeRow => ({
  distribution: 'transformers',
  format: 'safetensors',
  types,
  from,
  source: release(from, date),
});
const llama = (from: string, source: Source, ...types: readonly string[]): ModelTypeRow => ({
  distribution: 'llama-cpp-python',
  format: 'gguf',
  types,
  from,
  source,
});

/**
 * Types that an engine brings a configuration of its own for, or that come with code of their own, are left out (`deepseek_v3`, `qwen3_next`): they run
 * in versions of Transformers that do not know them.
 */
export const modelTypes: readonly ModelTypeRow[] = [
  transformers('4.42.0', '2024-06-27', 'gemma2'),
  transformers('4.45.0', '2024-09-25', 'mllama', 'qwen2_vl'),
  transformers('4.48.0', '2025-01-10', 'cohere2'),
  transformers('4.49.0', '2025-02-17', 'qwen2_5_vl', 'qwen2_5_vl_text'),
  transformers('4.50.0', '2025-03-21', 'gemma3', 'gemma3_text'),
  transformers('4.51.0', '2025-04-05', 'llama4', 'llama4_text', 'qwen3', 'qwen3_moe'),
  transformers('4.53.0', '2025-06-26', 'gemma3n', 'gemma3n_text', 'smollm3'),
  transformers('4.55.0', '2025-08-05', 'gpt_oss'),
  transformers('4.57.0', '2025-10-03', 'qwen3_vl', 'qwen3_vl_text', 'qwen3_vl_moe', 'qwen3_vl_moe_text'),
  llama(
    '0.3.9',
    {
      title: 'llama-cpp-python issue 2008: 0.3.8 does not know Qwen 3',
      url: 'https://github.com/abetlen/llama-cpp-python/issues/2008',
      date: '2025-04-30',
    },
    'qwen3',
    'qwen3moe',
  ),
];

/** Programs that ask Transformers for the configuration of every model. */
export const configReaders: readonly string[] = ['vllm', 'sglang', 'text-generation-server', 'lmdeploy'];
