import type { Source } from '../source.ts';
import type { ModelTypeRow } from './model-openers.ts';

const second: Source = {
  title:
    'ExLlamaV2, exllamav2/architecture.py of the wheels 0.0.15 to 0.3.2; issue 749: what it does not know is loaded as Llama, whose tensors these models lack',
  url: 'https://github.com/turboderp-org/exllamav2/issues/749',
  date: '2025-07',
};
const third: Source = {
  title: 'ExLlamaV3, exllamav3/models/architectures.py of the wheels 0.0.1 to 1.6.5; issue 39: "Unknown architecture"',
  url: 'https://github.com/turboderp-org/exllamav3/issues/39',
  date: '2026-11',
};

const row = (
  [distribution, method, source]: readonly [string, string, Source],
  lastWithout: string,
  from: string,
  ...types: readonly string[]
): ModelTypeRow => ({ distribution, format: 'safetensors', types, from, lastWithout, method, source });

const v2 = ['exllamav2', 'exl2', second] as const;
const v3 = ['exllamav3', 'exl3', third] as const;

/**
 * Nothing else opens models in EXL2 and EXL3. Types that ExLlamaV2 loads as Llama, and answers wrongly (`qwen3`, `granite`), are left out: nobody can tell
 * from a version whether that stops.
 */
export const exlTypes: readonly ModelTypeRow[] = [
  row(v2, '0.0.15', '0.0.17', 'cohere', 'dbrx'),
  row(v2, '0.0.19', '0.0.20', 'phi3'),
  row(v2, '0.0.20', '0.0.21', 'gpt2', 'gpt_bigcode'),
  row(v2, '0.1.6', '0.1.7', 'gemma2', 'internlm2'),
  row(v2, '0.2.4', '0.2.5', 'qwen2_vl'),
  row(v2, '0.2.6', '0.2.7', 'cohere2'),
  row(v2, '0.2.7', '0.2.8', 'qwen2_5_vl'),
  row(v2, '0.2.8', '0.2.9', 'gemma3', 'glm4', 'mistral3'),
  row(v2, '0.2.9', '0.3.0', 'qwen3_moe'),
  row(v3, '0.0.1', '0.0.2', 'qwen3_moe'),
  row(v3, '0.0.2', '0.0.3', 'gemma3', 'mixtral'),
  row(v3, '0.0.3', '0.0.4', 'dots1', 'gemma3_text', 'mimo', 'mistral3'),
  row(v3, '0.0.4', '0.0.5', 'ernie4_5', 'ernie4_5_moe', 'exaone4', 'smollm3'),
  row(v3, '0.0.5', '0.0.6', 'arcee', 'glm4_moe'),
  row(v3, '0.0.6', '0.0.7', 'apertus', 'qwen3_next', 'seed_oss'),
  row(v3, '0.0.10', '0.0.12', 'minimax_m2'),
  row(v3, '0.0.12', '0.0.15', 'glm4v', 'glm4v_moe', 'qwen3_vl', 'qwen3_vl_moe'),
  row(v3, '0.0.18', '0.0.20', 'olmo3', 'qwen2_5_vl'),
  row(v3, '0.0.22', '0.0.24', 'qwen3_5', 'qwen3_5_moe'),
  row(v3, '0.0.28', '0.0.30', 'gemma4'),
  row(v3, '0.0.43', '1.0.0', 'gpt_oss', 'nemotron_h'),
  row(v3, '1.2.0', '1.4.0', 'deepseek_v3', 'deepseek_v4'),
  row(v3, '1.4.0', '1.6.5', 'glm4_moe_lite', 'glm_moe_dsa', 'kimi_linear', 'lfm2'),
];
