import type { CaseRow } from '../case-row.ts';
import { native, ofType, unknownType } from './type-case.ts';

const source = 'LMDeploy, lists of its wheels; issues 1227 and 3705';
const lmdeploy = (version: string): Readonly<Record<string, string>> => ({ lmdeploy: version, transformers: '4.57.6' });

const byVersion: readonly CaseRow[] = (
  [
    ['phi3', '0.4.1', '0.4.2'],
    ['deepseek_v2', '0.4.2', '0.5.0'],
    ['gemma2', '0.5.0', '0.5.1'],
    ['phi3_v', '0.5.0', '0.5.1'],
    ['minicpm3', '0.6.0', '0.6.1'],
    ['qwen2_vl', '0.6.0', '0.6.1'],
    ['mllama', '0.6.1', '0.6.2.post1'],
    ['deepseek_v3', '0.6.5', '0.7.0.post3'],
    ['internlm3', '0.6.5', '0.7.0'],
    ['gemma3', '0.7.1', '0.7.2'],
    ['gemma3_text', '0.7.1', '0.7.2.post1'],
    ['qwen2_5_vl', '0.7.1', '0.7.2'],
    ['llama4', '0.7.2.post1', '0.7.3'],
    ['qwen3', '0.7.2.post1', '0.7.3'],
    ['qwen3_moe', '0.7.2', '0.7.3'],
    ['internvl', '0.8.0', '0.9.0'],
    ['glm4', '0.9.2.post1', '0.10.0'],
    ['glm4v', '0.9.2', '0.10.0'],
    ['gpt_oss', '0.9.2', '0.10.0'],
    ['glm4_moe', '0.10.0', '0.10.1'],
    ['qwen3_next', '0.10.2', '0.11.0'],
    ['qwen3_vl', '0.10.2', '0.11.0'],
    ['qwen3_vl_moe', '0.10.2', '0.11.0'],
    ['deepseek_v32', '0.11.0', '0.11.1'],
    ['glm4_moe_lite', '0.12.0', '0.12.1'],
    ['glm_moe_dsa', '0.12.1', '0.12.2'],
    ['qwen3_5', '0.12.1', '0.12.2'],
    ['qwen3_omni_moe', '0.13.0', '0.14.0'],
    ['deepseek_v4', '0.14.0', '0.15.0'],
    ['kimi_k25', '0.16.0', '0.18.0'],
  ] as const
).flatMap(([type, before, first]) => [
  ofType(type, lmdeploy(before), unknownType, { source }),
  ofType(type, lmdeploy(first), native, { source }),
]);

const dropped: readonly CaseRow[] = [
  ofType('dbrx', lmdeploy('0.7.3'), native, { source }),
  ofType('dbrx', lmdeploy('0.8.0'), unknownType, {
    says: 'lmdeploy knows models of type dbrx up to 0.7, and no more; the image brings 0.8.0',
    source,
  }),
  ofType('falcon', lmdeploy('0.18.0'), unknownType, { source }),
  ofType('cohere2', lmdeploy('0.18.0'), unknownType, {
    says: 'lmdeploy knows models of type cohere2 in no version up to 0.18.0; the image brings 0.18.0',
    source,
  }),
  ofType('gemma3n', lmdeploy('0.9.2'), unknownType, { source }),
  // Nobody read a later version.
  ofType('cohere2', lmdeploy('0.19.0'), native, { source }),
  ofType('llama', lmdeploy('0.4.0'), native, { source }),
  // Transformers of the image decides too.
  ofType('qwen3', { lmdeploy: '0.8.0', transformers: '4.50.3' }, unknownType),
  ofType('qwen3', { lmdeploy: '0.7.2', transformers: '4.57.6' }, native, { format: 'gguf', source }),
];

/** Up to 0.5.2 AWQ is computed by TurboMind alone. */
const quantized: readonly CaseRow[] = [
  ofType('qwen2', lmdeploy('0.2.4'), unknownType, {
    method: 'awq',
    says: 'lmdeploy knows models of type qwen2 in AWQ in 0.4.0, and not in 0.3.0; the image brings 0.2.4',
    source,
  }),
  ofType('qwen2', lmdeploy('0.3.0'), unknownType, { method: 'awq', source }),
  ofType('qwen2', lmdeploy('0.4.0'), native, { method: 'awq', source }),
  ofType('llama', lmdeploy('0.2.4'), native, { method: 'awq', source }),
  ofType('gemma2', lmdeploy('0.5.2'), unknownType, { method: 'awq', source }),
  ofType('gemma2', lmdeploy('0.5.2'), native, { source }),
  ofType('gemma2', lmdeploy('0.5.3'), native, { method: 'awq', source }),
  ofType('mixtral', lmdeploy('0.5.2.post1'), unknownType, { method: 'awq', source }),
  ofType('qwen2', lmdeploy('0.3.0'), native, { source }),
  ofType('qwen2', lmdeploy('0.3.0'), native, { method: 'none', source }),
];

/** Commands that take no other engine than TurboMind. */
const chat = ['chat', 'turbomind', '/model'];
const server = ['serve', 'api_server', '/model'];
const commands: readonly CaseRow[] = [
  ofType('qwen2', lmdeploy('0.3.0'), unknownType, { args: chat, source }),
  ofType('qwen2', lmdeploy('0.4.0'), native, { args: chat, source }),
  ofType('qwen2', lmdeploy('0.3.0'), native, { args: ['chat', 'torch', '/model'], source }),
  ofType('qwen2', lmdeploy('0.3.0'), native, { args: [...server, '--backend', 'turbomind'], source }),
  ofType('mixtral', lmdeploy('0.4.2'), unknownType, {
    args: chat,
    says: 'lmdeploy chat turbomind knows models of type mixtral in no version up to 0.4.2',
    source,
  }),
  ofType('mixtral', lmdeploy('0.4.2'), native, { args: server, source }),
  ofType('mixtral', lmdeploy('0.5.0'), native, { args: chat, source }),
  ofType('llama', lmdeploy('0.2.4'), native, { args: chat, source }),
  ofType('qwen2', lmdeploy('0.2.4'), unknownType, { args: server, source }),
  ofType('gemma', lmdeploy('0.2.4'), unknownType, { args: server, source }),
  ofType('gemma', lmdeploy('0.2.5'), native, { args: server, source }),
  ofType('gemma', lmdeploy('0.2.4'), native, { args: [...server, '--backend', 'pytorch'], source }),
  ofType('llama', lmdeploy('0.2.4'), native, { args: server, source }),
];

/** Types of models that LMDeploy knows by its version, its engine and the method that they are quantized by. */
export const lmdeployTypeCases: readonly CaseRow[] = [...byVersion, ...dropped, ...quantized, ...commands];
