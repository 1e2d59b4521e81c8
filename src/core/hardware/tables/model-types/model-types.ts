import { exlTypes } from './exl-types.ts';
import { ggufTypes } from './gguf-types.ts';
import { lmdeployTypes } from './lmdeploy-types.ts';
import type { ModelTypeRow } from './model-openers.ts';
import type { Source } from '../source.ts';

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

/** Types that vLLM computed up to a version. */
const dropped = (lastWith: string, ...types: readonly string[]): ModelTypeRow => ({
  distribution: 'vllm',
  format: 'safetensors',
  types,
  from: '0',
  lastWith,
  source: {
    title:
      'vLLM, model_executor/models/registry.py, _PREVIOUSLY_SUPPORTED_MODELS of 0.11: "was supported in vLLM until ..., and is not supported anymore"',
    url: 'https://github.com/vllm-project/vllm/blob/v0.11.0/vllm/model_executor/models/registry.py',
    date: '2025-10-02',
  },
});

/** TensorRT-LLM: by PyTorch or by engines that it builds itself. */
const tensorRtLlm = (lastWithout: string, from: string, ...types: readonly string[]): ModelTypeRow => ({
  distribution: 'tensorrt-llm',
  format: 'safetensors',
  types,
  from,
  lastWithout,
  source: {
    title: 'TensorRT-LLM, release notes of 0.19 to 1.2, "Model Support"',
    url: 'https://nvidia.github.io/TensorRT-LLM/release-notes.html',
    date: '2026-01',
    // That an older release does not know them is concluded from the notes of the next.
    inferred: true,
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
  dropped('0.9', 'phi3small'),
  dropped('0.10', 'mllama'),
  // Previews of 0.18 come after that release, and know more.
  tensorRtLlm('0.17', '0.19', 'qwen2_5_vl', 'qwen2_audio'),
  tensorRtLlm('0.19', '0.20', 'qwen3', 'qwen3_moe'),
  tensorRtLlm('0.20', '0.21', 'gemma3'),
  tensorRtLlm('0.21', '1.0', 'exaone4'),
  tensorRtLlm('1.0', '1.1', 'gpt_oss', 'seed_oss'),
  tensorRtLlm('1.1', '1.2', 'qwen3_next', 'qwen3_vl', 'qwen3_vl_moe'),
  ...lmdeployTypes,
  ...exlTypes,
  ...ggufTypes,
];
