import type { Source } from '../source.ts';

/** First version of a distribution that knows these types of models (`model_type`, or `general.architecture` of GGUF). */
export interface ModelTypeRow {
  readonly distribution: string;
  /** Formats of the model that it reads. */
  readonly format: 'safetensors' | 'gguf';
  readonly types: readonly string[];
  /** First version that was seen to know them. */
  readonly from: string;
  /** Last version that was seen not to, where none of those between the two was read; left out where `from` is the first of all. */
  readonly lastWithout?: string;
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
const llama = (lastWithout: string, from: string, ...types: readonly string[]): ModelTypeRow => ({
  distribution: 'llama-cpp-python',
  format: 'gguf',
  types,
  from,
  lastWithout,
  source: {
    title:
      'llama.cpp, LLM_ARCH_NAMES in the sources of llama-cpp-python 0.2.57 to 0.3.9; llama-cpp-python issue 2008, textgen issue 6223: "unknown model architecture"',
    url: 'https://github.com/abetlen/llama-cpp-python/issues/2008',
    date: '2025-05-08',
  },
});

/** An engine whose list of architectures was read: the last wheel without, and the first with them. */
const engine = (
  distribution: string,
  lastWithout: string,
  from: string,
  ...types: readonly string[]
): ModelTypeRow => ({
  distribution,
  format: 'safetensors',
  types,
  from,
  lastWithout,
  source: {
    title:
      'vLLM, model_executor/models/registry.py of the wheels 0.5.2 to 0.33.0, and SGLang, srt/models of the wheels 0.2.12 to 0.5.23: "Model architectures are not supported for now"',
    url: 'https://github.com/vllm-project/vllm/issues/13285',
    date: '2026-11',
  },
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
  // vLLM computes what it does not know by Transformers: models of text from 0.7 on, and of images from 0.10 on. Such types are left out.
  engine('vllm', '0.6.0', '0.6.1', 'qwen2_vl'),
  engine('vllm', '0.6.1', '0.6.2', 'mllama'),
  engine('vllm', '0.6.3', '0.6.4', 'qwen2_audio'),
  engine('vllm', '0.6.4', '0.6.5', 'cohere2'),
  engine('vllm', '0.6.5', '0.6.6', 'deepseek_v3'),
  engine('vllm', '0.7.1', '0.7.2', 'qwen2_5_vl'),
  engine('vllm', '0.7.3', '0.8.0', 'gemma3', 'phi4mm'),
  engine('vllm', '0.8.2', '0.8.3', 'llama4', 'mistral3'),
  engine('vllm', '0.9.1', '0.9.2', 'gemma3n', 'glm4v'),
  engine('vllm', '0.10.0', '0.10.1', 'gpt_oss'),
  engine('vllm', '0.10.1', '0.10.2', 'qwen3_next'),
  // Of SGLang those whose support came with no post release.
  engine('sglang', '0.2.12', '0.3.6', 'mllama', 'qwen2_vl'),
  engine('sglang', '0.4.0', '0.4.1', 'deepseek_v3'),
  engine('sglang', '0.5.1', '0.5.2', 'qwen3_next'),
  engine('sglang', '0.5.2', '0.5.3', 'qwen3_vl', 'qwen3_vl_moe'),
  llama('0.2.57', '0.2.76', 'dbrx', 'grok', 'jina-bert-v2', 'olmo', 'phi3', 'qwen2moe', 'xverse'),
  llama('0.2.76', '0.2.81', 'arctic', 'bitnet', 'deepseek2', 'gemma2', 'jais', 't5'),
  llama('0.2.81', '0.2.82', 'chatglm', 'openelm'),
  llama('0.2.82', '0.2.90', 'exaone', 'nemotron', 't5encoder'),
  llama('0.2.90', '0.3.2', 'chameleon', 'granite', 'granitemoe', 'minicpm3', 'olmoe', 'rwkv6'),
  llama('0.3.2', '0.3.8', 'cohere2', 'deci', 'deepseek', 'gemma3', 'olmo2', 'phimoe', 'qwen2vl', 'rwkv6qwen2'),
  llama('0.3.8', '0.3.9', 'bailingmoe', 'glm4', 'llama4', 'nomic-bert-moe', 'plm', 'qwen3', 'qwen3moe', 'rwkv7'),
];

/** Programs that ask Transformers for the configuration of every model. */
export const configReaders: readonly string[] = ['vllm', 'sglang', 'text-generation-server', 'lmdeploy'];
