import type { CaseRow } from '../case-row.ts';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const types = 'Transformers, release notes';
const gguf = 'llama-cpp-python issue 2008 (2025-04-30)';
const unknownType: Answer = ['incompatible', 'model-type'];
const ofType = (
  modelType: string | undefined,
  python: Readonly<Record<string, string>>,
  answer: Answer,
  format: 'safetensors' | 'gguf' | 'onnx' | 'unknown' = 'safetensors',
): CaseRow => ({
  name: `${modelType ?? 'no type'} as ${format} in ${Object.entries(python).flat().join(' ')}`,
  device: 'H200 580.95.05 13.0',
  image: { python, instructions: {} },
  model: { format, precisions: ['bf16'], ...(modelType === undefined ? {} : { modelType }) },
  compatibility: answer[0],
  rule: answer[1],
  source: format === 'gguf' ? gguf : types,
});
const inVllm = (transformersVersion: string): Readonly<Record<string, string>> => ({
  // Which has no list of types of its own here.
  lmdeploy: '0.6.5',
  transformers: transformersVersion,
});
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
    ofType(type, inVllm(before), unknownType),
    ofType(type, inVllm(first), native),
  ]),
  ofType('deepseek_v3', inVllm('4.47.1'), native),
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
  ofType('mllama', { sglang: '0.2.12', transformers: '4.45.2' }, unknownType),
  ofType('qwen2_vl', { sglang: '0.3.0', transformers: '4.45.2' }, native),
  ofType('qwen3', { vllm: '0.8.3', transformers: '4.51.3' }, native),
  ofType('gemma3_text', { vllm: '0.7.3', transformers: '4.50.3' }, native),
  ofType('qwen3_vl', { vllm: '0.10.2', transformers: '4.57.1' }, native),
  ofType('llama', inVllm('4.20.0'), native),
  ofType(undefined, inVllm('4.20.0'), native),
  ofType('cohere2', { vllm: '0.6.5' }, native),
  ofType('cohere2', { transformers: '4.47.1' }, native),
  ofType('cohere2', { vllm: '0.6.5', transformers: 'main' }, native),
  ofType('cohere2', { sglang: '0.4.0', transformers: '4.47.1' }, unknownType),
  ofType('cohere2', { 'text-generation-server': '3.0.0', transformers: '4.47.1' }, unknownType),
  ofType('cohere2', { lmdeploy: '0.7.0', transformers: '4.47.1' }, unknownType),
  ofType('qwen3', { 'llama-cpp-python': '0.3.8' }, unknownType, 'gguf'),
  ofType('qwen3moe', { 'llama-cpp-python': '0.3.8' }, unknownType, 'gguf'),
  ofType('qwen3', { 'llama-cpp-python': '0.3.9' }, native, 'gguf'),
  ofType('qwen3', { 'llama-cpp-python': '0.3.8' }, native),
  ofType('qwen2', { 'llama-cpp-python': '0.3.8' }, native, 'gguf'),
  ...(
    [
      ['chatglm', '0.2.81', unknownType],
      ['chatglm', '0.2.82', native],
      ['gemma2', '0.2.76', unknownType],
      ['gemma2', '0.2.78', native],
      ['granite', '0.2.90', unknownType],
      ['gemma3', '0.3.2.post1', unknownType],
      ['gemma3', '0.3.5', native],
      ['llama', '0.2.57', native],
    ] as const
  ).map(([type, version, answer]) => ofType(type, { 'llama-cpp-python': version }, answer, 'gguf')),
  ofType('qwen3', { ...inVllm('4.50.3') }, native, 'onnx'),
  ofType('qwen3', inVllm('4.50.3'), ['unknown', 'model-type'], 'unknown'),
  // As GGUF it needs 4.55.
  ofType('qwen3', { vllm: '0.6.1', transformers: '4.51.0' }, ['unknown', 'gguf-reader'], 'unknown'),
  ofType('qwen3', inVllm('4.55.0'), native, 'unknown'),
  ofType('qwen3', { 'llama-cpp-python': '0.3.8' }, ['unknown', 'model-type'], 'unknown'),
  ofType('qwen2', inVllm('4.20.0'), native, 'unknown'),
];

/** Types of models that a version does not know. */
export const modelTypeCases: readonly CaseRow[] = [...modelTypes];
