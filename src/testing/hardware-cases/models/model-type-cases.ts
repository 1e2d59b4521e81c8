import type { CaseRow } from '../case-row.ts';
import { native, ofType, openType, unknownType } from './type-case.ts';

const inReader = (transformersVersion: string): Readonly<Record<string, string>> => ({
  // Which has no list of types of its own here.
  'text-generation-server': '3.3.4',
  transformers: transformersVersion,
});
const notes = { source: 'TensorRT-LLM, release notes of 0.19 to 1.2' };
const modelTypes: readonly CaseRow[] = [
  ...(
    [
      ['gemma2', '4.41.2', '4.42.0'],
      ['mllama', '4.44.2', '4.45.0'],
      ['qwen2_vl', '4.44.2', '4.45.0'],
      ['cohere2', '4.47.1', '4.48.0'],
      ['qwen2_5_vl', '4.48.3', '4.49.0'],
      ['qwen2_5_vl_text', '4.48.3', '4.49.0'],
      ['gemma3', '4.49.0', '4.50.0'],
      ['gemma3_text', '4.49.0', '4.50.0'],
      ['llama4', '4.50.3', '4.51.0'],
      ['llama4_text', '4.50.3', '4.51.0'],
      ['qwen3', '4.50.3', '4.51.0'],
      ['qwen3_moe', '4.50.3', '4.51.0'],
      ['gemma3n', '4.52.4', '4.53.0'],
      ['gemma3n_text', '4.52.4', '4.53.0'],
      ['smollm3', '4.52.4', '4.53.0'],
      ['gpt_oss', '4.54.1', '4.55.0'],
      ['qwen3_vl', '4.56.2', '4.57.0'],
      ['qwen3_vl_text', '4.56.2', '4.57.0'],
      ['qwen3_vl_moe', '4.56.2', '4.57.0'],
      ['qwen3_vl_moe_text', '4.56.2', '4.57.0'],
    ] as const
  ).flatMap(([type, before, first]) => [
    ofType(type, inReader(before), unknownType),
    ofType(type, inReader(first), native),
  ]),
  ofType('deepseek_v3', inReader('4.47.1'), native),
  ...(
    [
      ['vllm', 'qwen2_vl', '0.6.0', '0.6.1', '4.45.2'],
      ['vllm', 'mllama', '0.6.1.post2', '0.6.2', '4.45.2'],
      ['vllm', 'qwen2_audio', '0.6.3.post1', '0.6.4', '4.45.2'],
      ['vllm', 'cohere2', '0.6.4.post1', '0.6.5', '4.48.3'],
      ['vllm', 'deepseek_v3', '0.6.5', '0.6.6', '4.48.3'],
      ['vllm', 'qwen2_5_vl', '0.7.1', '0.7.3', '4.49.0'],
      ['vllm', 'gemma3', '0.7.3', '0.8.0', '4.50.3'],
      ['vllm', 'phi4mm', '0.7.3', '0.8.0', '4.50.3'],
      ['vllm', 'llama4', '0.8.2', '0.8.3', '4.51.3'],
      ['vllm', 'mistral3', '0.8.2', '0.8.3', '4.51.3'],
      ['vllm', 'gemma3n', '0.9.1', '0.9.2', '4.53.3'],
      ['vllm', 'glm4v', '0.9.1', '0.9.2', '4.53.3'],
      ['vllm', 'gpt_oss', '0.10.0', '0.10.1+gptoss', '4.55.4'],
      ['vllm', 'qwen3_next', '0.10.1', '0.10.2', '4.57.1'],
      ['sglang', 'deepseek_v3', '0.4.0', '0.4.1', '4.48.3'],
      ['sglang', 'qwen3_next', '0.5.1', '0.5.2', '4.57.1'],
      ['sglang', 'qwen3_vl', '0.5.2', '0.5.3', '4.57.1'],
      ['sglang', 'qwen3_vl_moe', '0.5.2', '0.5.3', '4.57.1'],
    ] as const
  ).flatMap(([engine, type, before, first, transformers]) => [
    ofType(type, { [engine]: before, transformers, 'sgl-kernel': '0.3.21' }, unknownType),
    ofType(type, { [engine]: first, transformers, 'sgl-kernel': '0.3.21' }, native),
  ]),
  ...(
    [
      ['qwen2_5_vl', '0.17.0', '0.18.0.dev2025031800'],
      ['qwen2_audio', '0.17.0', '0.20.0'],
      ['qwen3', '0.19.0', '0.20.0'],
      ['qwen3_moe', '0.19.0', '0.20.0rc3'],
      ['gemma3', '0.20.0', '0.21.0'],
      ['exaone4', '0.21.0', '1.0.0'],
      ['gpt_oss', '1.0.0', '1.1.0rc1'],
      ['seed_oss', '1.0.0', '1.1.0'],
      ['qwen3_next', '1.1.0', '1.2.0'],
      ['qwen3_vl_moe', '1.1.0', '1.2.0rc1'],
    ] as const
  ).flatMap(([type, before, first]) => [
    ofType(type, { 'tensorrt-llm': before, transformers: '4.57.1' }, unknownType, notes),
    ofType(type, { 'tensorrt-llm': first, transformers: '4.57.1' }, native, notes),
  ]),
  ofType('llama', { 'tensorrt-llm': '0.17.0', transformers: '4.57.1' }, native, notes),
  ofType('cohere2', { 'tensorrt-llm': '0.17.0', transformers: '4.47.1' }, unknownType),
  ofType('mllama', { sglang: '0.2.12', transformers: '4.45.2' }, unknownType),
  ofType('qwen2_vl', { sglang: '0.3.0', transformers: '4.45.2' }, native),
  ofType('qwen3', { vllm: '0.8.3', transformers: '4.51.3' }, native),
  ofType('gemma3_text', { vllm: '0.7.3', transformers: '4.50.3' }, native),
  ofType('qwen3_vl', { vllm: '0.10.2', transformers: '4.57.1' }, native),
  ofType('llama', inReader('4.20.0'), native),
  ofType(undefined, inReader('4.20.0'), native),
  ofType('cohere2', { vllm: '0.6.5' }, native),
  ofType('cohere2', { transformers: '4.47.1' }, native),
  ofType('cohere2', { vllm: '0.6.5', transformers: 'main' }, native),
  ofType('cohere2', { sglang: '0.4.0', transformers: '4.47.1' }, unknownType),
  ofType('cohere2', { 'text-generation-server': '3.0.0', transformers: '4.47.1' }, unknownType),
  ofType('cohere2', { lmdeploy: '0.7.0', transformers: '4.47.1' }, unknownType),
  ofType('qwen3', { 'llama-cpp-python': '0.3.8' }, native),
  ofType('qwen3', { ...inReader('4.50.3') }, native, { format: 'onnx' }),
  ofType('qwen3', inReader('4.50.3'), openType, { format: 'unknown' }),
  // As GGUF it needs 4.55.
  ofType('qwen3', { vllm: '0.6.1', transformers: '4.51.0' }, ['unknown', 'gguf-reader'], { format: 'unknown' }),
  ofType('qwen3', inReader('4.55.0'), native, { format: 'unknown' }),
  ofType('qwen3', { 'llama-cpp-python': '0.3.8' }, openType, { format: 'unknown' }),
  ofType('qwen2', inReader('4.20.0'), native, { format: 'unknown' }),
];

/** Types of models that a version does not know. */
export const modelTypeCases: readonly CaseRow[] = [...modelTypes];
