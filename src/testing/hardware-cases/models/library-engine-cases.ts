import type { CaseRow } from '../case-row.ts';
import { native, ofType, openType, unknownType } from './type-case.ts';

const source = 'SGLang issue 3196 (2025-01-30): 0.4.2 beside its vLLM 0.6.4.post1 serves deepseek_v3';
const sglang = (version: string, vllm: string): Readonly<Record<string, string>> => ({
  ...{ sglang: version, vllm, 'sgl-kernel': '0.0.3', transformers: '4.48.3' },
});
const older = sglang('0.4.2', '0.6.4.post1');
const later = sglang('0.4.5', '0.6.4.post1');

const types: readonly CaseRow[] = [
  ofType('deepseek_v3', older, native, { source }),
  ofType('deepseek_v3', sglang('0.4.0', '0.6.4.post1'), unknownType, { source }),
  ofType('deepseek_v3', sglang('0.4.4.post1', '0.6.4'), native, { source }),
  // Later ones do not install vLLM, and whoever put it there may serve by it.
  ofType('deepseek_v3', later, openType, { source }),
  ofType('deepseek_v3', { vllm: '0.6.4.post1', transformers: '4.48.3' }, unknownType, { source }),
  ofType('cohere2', { 'text-generation-server': '2.3.1', vllm: '0.4.0', transformers: '4.48.3' }, native, { source }),
  ofType('cohere2', { 'text-generation-server': '3.0.0', vllm: '0.6.4', transformers: '4.48.3' }, openType, { source }),
  ofType('cohere2', { 'tensorrt-llm': '0.17.0', vllm: '0.6.4', transformers: '4.48.3' }, openType, { source }),
  // Both refuse it.
  ofType(
    'qwen3_next',
    { sglang: '0.5.1', vllm: '0.10.1', 'sgl-kernel': '0.3.21', transformers: '4.57.1' },
    unknownType,
  ),
  ofType('qwen3_next', { lmdeploy: '0.10.2', vllm: '0.10.2', transformers: '4.57.1' }, openType),
  ofType('qwen3_next', { lmdeploy: '0.11.0', vllm: '0.10.1', transformers: '4.57.1' }, openType),
  // A command names its program.
  ofType('qwen2', { lmdeploy: '0.3.0', vllm: '0.6.4', transformers: '4.48.3' }, unknownType, {
    args: ['chat', 'turbomind', '/model'],
  }),
  // Transformers is asked by both.
  ofType('cohere2', { vllm: '0.6.5', lmdeploy: '0.6.5', transformers: '4.47.1' }, unknownType),
  ofType('qwen3', { vllm: '0.11.0', 'llama-cpp-python': '0.3.8', transformers: '4.57.1' }, openType, {
    format: 'gguf',
  }),
  ofType('phi3small', { vllm: '0.9.2', transformers: '4.53.3' }, native),
  ofType('phi3small', { vllm: '0.10.0', transformers: '4.57.1' }, unknownType),
  ofType('mllama', { vllm: '0.10.2', transformers: '4.57.1' }, native),
  ofType('mllama', { vllm: '0.11.0', transformers: '4.57.1' }, unknownType),
];

/** Rules that speak of the model, of arguments and of variables ask the program that opens it. */
const beside = (
  name: string,
  python: Readonly<Record<string, string>>,
  [compatibility, rule]: readonly [CaseRow['compatibility'], string],
  { device = 'H200 580.95.05 13.0', env = {}, ...more }: Partial<CaseRow> & { readonly env?: Record<string, string> },
): CaseRow => ({
  name: `${name}: ${Object.entries(python).flat().join(' ')}`,
  device,
  deviceFacts: { state: { fabric: 'completed', iommu: 'off' } },
  image: { python, env, instructions: {} },
  compatibility,
  rule,
  source,
  ...more,
});
const alone = { vllm: '0.6.4.post1', transformers: '4.48.3' };
const split = {
  model: { format: 'safetensors', precisions: ['bf16'], heads: 40, kvHeads: 10 },
  hardware: { devices: 4 },
  args: ['--dp', '2'],
} as const;
const onT4 = {
  device: 'T4 580.95.05 13.0',
  model: { format: 'safetensors', precisions: ['fp16'], headSize: 128, modelType: 'llama' },
} as const;
const asBfloat16 = { ...onT4, args: ['--dtype', 'bfloat16'] } as const;
const byV1 = { ...onT4, env: { VLLM_USE_V1: '1' } };
const bits = {
  model: { format: 'safetensors', precisions: ['bf16'], quantMethod: 'bitsandbytes', modelType: 'llama' },
} as const;
const gptq = {
  model: { format: 'safetensors', precisions: ['gptq', 'fp16'], quantMethod: 'gptq', modelType: 'llama' },
} as const;
const images = { model: { format: 'safetensors', precisions: ['bf16'], modelType: 'qwen2_vl' } } as const;
const otherRules: readonly CaseRow[] = [
  beside('whole requests are divided by an argument of SGLang', older, native, split),
  beside('an argument that vLLM does not have', alone, ['incompatible', 'model-split'], split),
  beside('bfloat16, for which SGLang takes float16', older, native, asBfloat16),
  beside('bfloat16, which vLLM refuses', alone, ['incompatible', 'argument-floor'], asBfloat16),
  beside('a variable that SGLang does not read', older, native, byV1),
  beside('a variable that vLLM reads', alone, ['incompatible', 'engine-floor'], byV1),
  beside('a method that SGLang reads itself', { sglang: '0.1.17', vllm: '0.4.3' }, native, bits),
  beside('a method that vLLM does not know', { vllm: '0.4.3' }, ['incompatible', 'quantization-method'], bits),
  beside(
    'a method that another engine may know',
    { ...alone, lmdeploy: '0.5.3' },
    ['unknown', 'quantization-method'],
    gptq,
  ),
  beside('a method that LMDeploy does not know', { lmdeploy: '0.5.3' }, ['incompatible', 'quantization-method'], gptq),
  beside('a method that LMDeploy knows', { lmdeploy: '0.6.0' }, native, gptq),
  beside(
    'a method that neither engine knows',
    { lmdeploy: '0.5.3', vllm: '0.2.5' },
    ['incompatible', 'quantization-method'],
    gptq,
  ),
  beside('heads that one of two engines divides', later, ['unknown', 'model-split'], {
    ...split,
    says: 'another engine',
  }),
  beside('heads that neither engine divides', later, ['incompatible', 'model-split'], { ...split, args: [] }),
  beside('a file of vLLM for a model that SGLang computes', { ...older, transformers: '4.49.0' }, native, images),
  beside('the same file of vLLM', { ...alone, transformers: '4.49.0' }, ['incompatible', 'package-pair'], images),
  // It is imported with the rest of vLLM.
  beside('a module that vLLM imports', { ...older, transformers: '4.44.2' }, ['incompatible', 'package-pair'], images),
];

/** Engines that lie in an image because another needs them, and those that lie beside another. */
export const libraryEngineCases: readonly CaseRow[] = [...types, ...otherRules];
