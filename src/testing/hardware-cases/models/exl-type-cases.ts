import type { CaseRow } from '../case-row.ts';
import { native, ofType, unknownType } from './type-case.ts';

const second = { method: 'exl2', source: 'ExLlamaV2 issue 749 (2025-03-12)' };
const third = { method: 'exl3', source: 'ExLlamaV3 issue 39 (2025-05-16)' };

const byVersion = (
  distribution: string,
  options: typeof second,
  rows: readonly (readonly [type: string, before: string, first: string])[],
): readonly CaseRow[] =>
  rows.flatMap(([type, before, first]) => [
    ofType(type, { [distribution]: before }, unknownType, options),
    ofType(type, { [distribution]: first }, native, options),
  ]);

/** Types of models in EXL2 and EXL3, which nothing else opens. */
export const exlTypeCases: readonly CaseRow[] = [
  ...byVersion('exllamav2', second, [
    ['cohere', '0.0.15', '0.0.17'],
    ['dbrx', '0.0.14', '0.0.18'],
    ['phi3', '0.0.19', '0.0.20'],
    ['gpt2', '0.0.20', '0.0.21'],
    ['gemma2', '0.1.6', '0.1.7'],
    ['qwen2_vl', '0.2.4', '0.2.5'],
    ['cohere2', '0.2.6', '0.2.7+cu121.torch2.5.0'],
    ['qwen2_5_vl', '0.2.7', '0.2.8'],
    ['gemma3', '0.2.8', '0.2.9'],
    ['glm4', '0.2.8', '0.2.9'],
    ['mistral3', '0.2.8', '0.2.9'],
    ['qwen3_moe', '0.2.9', '0.3.0'],
  ]),
  ...byVersion('exllamav3', third, [
    ['qwen3_moe', '0.0.1', '0.0.2'],
    ['gemma3', '0.0.2', '0.0.3'],
    ['mixtral', '0.0.2', '0.0.3'],
    ['mistral3', '0.0.3', '0.0.4'],
    ['exaone4', '0.0.4', '0.0.5'],
    ['glm4_moe', '0.0.5', '0.0.6'],
    ['qwen3_next', '0.0.6', '0.0.7'],
    ['minimax_m2', '0.0.10', '0.0.12'],
    ['qwen3_vl', '0.0.12', '0.0.15'],
    ['olmo3', '0.0.18', '0.0.20'],
    ['qwen3_5', '0.0.22', '0.0.24'],
    ['gemma4', '0.0.28', '0.0.30'],
    ['gpt_oss', '0.0.43', '1.0.0'],
    ['deepseek_v3', '1.2.0', '1.4.0'],
    ['glm_moe_dsa', '1.4.0', '1.6.5'],
  ]),
  // Loaded as Llama, and whether that stops is not known.
  ofType('qwen3', { exllamav2: '0.2.9' }, native, second),
  // Another program opens other methods, and not these.
  ofType('gemma3', { exllamav2: '0.2.8', transformers: '4.57.6' }, native, { source: second.source }),
  ofType('gemma3', { exllamav2: '0.2.8', exllamav3: '0.0.3', transformers: '4.57.6' }, native, third),
  ofType('gemma3', { exllamav2: '0.2.8', exllamav3: '0.0.3', transformers: '4.57.6' }, unknownType, second),
  ofType('gemma3', { exllamav2: '0.2.8', vllm: '0.11.0', transformers: '4.57.1' }, unknownType, second),
];
