import type { CaseRow } from '../case-row.ts';
import { broken, native, row, type Answer } from './version-cases.ts';

const start = 'vLLM, wheels 0.6.2 to 0.19.1, and Transformers, wheels 4.31 to 5.12; Qwen3-VL issue 282 (2026-04)';
const models = 'vLLM, wheels 0.6.0 to 0.11.0, and Transformers, wheels 4.48 to 4.57 (2025-10)';
const qwen = 'Transformers issues 36246 and 36292 (2025-02-20)';
const folder = 'Transformers issue 42374 and vLLM issue 29368 (2025-11-25)';
const sglang = 'SGLang, wheels 0.4.10 to 0.5.23; issues 4607 and 38183 (2026-09-06)';
const awq = 'PEFT pull request 2222, lmdeploy issue 2877 (2024-12-10); wheels of AutoAWQ 0.2.0 to 0.2.7';
const trt = 'TensorRT-LLM issue 3564 (2025-04-15)';

const quantized = { quantMethod: 'awq', precisions: ['awq', 'fp16'] as const };
const kernels: Readonly<Record<string, string>> = { 'sgl-kernel': '0.3.21', 'sglang-kernel': '0.4.9' };

/** An engine beside a Transformers, for a model of a type. */
const beside = (
  engine: string,
  version: string,
  transformers: string,
  answer: Answer,
  source: string,
  modelType: string | undefined = 'llama',
): CaseRow =>
  row(
    `${engine} ${version} beside Transformers ${transformers}, for a model of ${modelType}`,
    { [engine]: version, transformers, ...(engine === 'sglang' ? kernels : {}) },
    answer,
    source,
    {},
    {
      model: {
        format: 'safetensors',
        precisions: ['fp16'],
        headSize: 128,
        heads: 32,
        kvHeads: 8,
        experts: false,
        ...(modelType === undefined ? {} : { modelType }),
      },
    },
  );
const inAwq = (
  autoawq: string,
  transformers: string,
  answer: Answer,
  more: Readonly<Record<string, string>> = {},
): CaseRow =>
  row(
    `AutoAWQ ${autoawq} beside Transformers ${transformers} ${Object.entries(more).flat().join(' ')}`,
    { torch: '2.6.0+cu124', tokenizers: '0.22.0', 'huggingface-hub': '0.36.0', autoawq, transformers, ...more },
    answer,
    awq,
    {},
    { model: { format: 'safetensors', headSize: 128, modelType: 'llama', experts: false, ...quantized } },
  );

/** Versions of Transformers that an engine does not start beside, or serves no model of some type beside. */
export const transformersCases: readonly CaseRow[] = [
  beside('vllm', '0.6.2', '4.44.2', broken, start),
  beside('vllm', '0.6.2', '4.45.2', native, start),
  beside('vllm', '0.6.1', '4.44.2', native, start),
  beside('vllm', '0.9.2', '4.44.2', broken, start),
  beside('vllm', '0.10.0', '4.52.4', broken, start),
  beside('vllm', '0.10.0', '4.53.3', native, start),
  beside('vllm', '0.10.1', '4.52.4', native, start),
  beside('vllm', '0.11.0', '4.51.3', broken, start),
  beside('vllm', '0.11.0', '4.52.4', native, start),
  beside('vllm', '0.19.1', '4.51.3', broken, start),
  beside('vllm', '0.20.0', '4.51.3', native, start),
  beside('vllm', '0.12.0', '4.52.4', broken, start),
  beside('vllm', '0.12.0', '4.53.3', native, start),
  beside('vllm', '0.12.0', '5.1.0', broken, start),
  beside('vllm', '0.13.0', '5.3.0', broken, start),
  beside('vllm', '0.13.0', '5.4.0', native, start),
  beside('vllm', '0.14.0', '5.1.0', native, start),
  {
    ...beside('vllm', '0.13.0', '5.2.0', broken, start),
    says: 'vllm 0.13.0 is built for transformers 4.53 or newer, and no version from 5.1 to 5.3; the image brings 5.2.0',
  },
  beside('vllm', '0.11.2', '4.57.2', broken, folder),
  beside('vllm', '0.11.2', '4.57.1', native, folder),
  beside('vllm', '0.11.2', '4.57.3', native, folder),
  beside('sglang', '0.5.5', '4.57.2', broken, folder),
  beside('vllm', '0.7.2', '4.49.0', broken, qwen, 'qwen2_5_vl'),
  beside('vllm', '0.7.2', '4.50.3', broken, qwen, 'qwen2_5_vl'),
  beside('vllm', '0.7.2', '4.49.0.dev0', native, qwen, 'qwen2_5_vl'),
  beside('vllm', '0.7.3', '4.49.0', native, qwen, 'qwen2_5_vl'),
  beside('vllm', '0.7.2', '4.49.0', native, qwen, 'qwen2_vl'),
  beside('vllm', '0.7.2', '4.49.0', native, qwen, undefined),
  beside('vllm', '0.6.4.post1', '4.49.0', broken, models, 'qwen2_vl'),
  beside('vllm', '0.6.5', '4.49.0', broken, models, 'qwen2_vl'),
  beside('vllm', '0.6.6', '4.49.0', native, models, 'qwen2_vl'),
  beside('vllm', '0.6.4', '4.48.3', native, models, 'qwen2_vl'),
  beside('vllm', '0.6.4', '4.49.0', native, models),
  beside('vllm', '0.6.3', '4.51.0', broken, models, 'llava'),
  beside('vllm', '0.6.3', '4.50.3', native, models, 'llava'),
  beside('vllm', '0.6.0', '4.51.0', broken, models, 'llava_next'),
  beside('vllm', '0.6.4', '4.51.0', broken, models, 'llava_next_video'),
  beside('vllm', '0.6.4', '4.51.0', broken, models, 'llava_onevision'),
  beside('vllm', '0.6.4', '4.51.0', broken, models, 'paligemma'),
  beside('vllm', '0.6.5', '4.52.4', native, models, 'llava'),
  beside('vllm', '0.6.4', '4.52.4', broken, models, 'phi3_v'),
  beside('vllm', '0.6.4', '4.52.4', broken, models, 'internvl_chat'),
  beside('vllm', '0.6.4', '4.52.4', broken, models, 'mllama'),
  beside('vllm', '0.6.4', '4.51.3', native, models, 'phi3_v'),
  beside('vllm', '0.8.5', '4.53.3', broken, models, 'minicpmo'),
  beside('vllm', '0.7.1', '4.53.3', broken, models, 'minicpmo'),
  beside('vllm', '0.8.5', '4.52.4', native, models, 'minicpmo'),
  beside('vllm', '0.10.0', '4.53.3', native, models, 'minicpmo'),
  beside('vllm', '0.11.0', '4.57.1', broken, models, 'kimi_vl'),
  beside('vllm', '0.8.5', '4.57.1', broken, models, 'kimi_vl'),
  beside('vllm', '0.11.0', '4.56.2', native, models, 'kimi_vl'),
  beside('vllm', '0.11.1', '4.57.1', native, models, 'kimi_vl'),
  beside('sglang', '0.4.4.post1', '4.50.0', broken, sglang),
  beside('sglang', '0.4.4', '4.49.0', broken, sglang),
  beside('sglang', '0.4.4', '4.48.3', native, sglang),
  beside('sglang', '0.4.5', '4.51.0', native, sglang),
  beside('sglang', '0.5.1', '4.50.3', broken, sglang),
  beside('sglang', '0.5.1', '4.51.3', native, sglang),
  beside('sglang', '0.4.10', '4.50.3', broken, sglang),
  beside('sglang', '0.4.9', '4.50.3', native, sglang),
  beside('sglang', '0.5.2', '4.54.1', broken, sglang),
  beside('sglang', '0.5.9', '4.54.1', broken, sglang),
  beside('sglang', '0.5.9', '4.55.4', native, sglang),
  beside('sglang', '0.5.10', '4.56.2', broken, sglang),
  beside('sglang', '0.5.10', '4.57.1', native, sglang),
  beside('sglang', '0.5.19', '4.56.2', broken, sglang),
  beside('sglang', '0.5.20', '5.3.0', broken, sglang),
  beside('sglang', '0.5.23', '5.3.0', broken, sglang),
  beside('sglang', '0.5.20', '5.4.0', native, sglang),
  inAwq('0.2.6', '4.47.0', broken, { tokenizers: '0.21.0' }),
  inAwq('0.2.0', '4.47.0', broken, { tokenizers: '0.21.0' }),
  inAwq('0.2.6', '4.46.3', native, { tokenizers: '0.20.3' }),
  inAwq('0.2.7.post3', '4.47.0', native, { tokenizers: '0.21.0' }),
  inAwq('0.2.7.post3', '4.57.1', broken),
  inAwq('0.2.9', '4.57.1', broken),
  inAwq('0.2.9', '4.56.2', native),
  inAwq('0.2.9', '4.57.1', native, { vllm: '0.11.1' }),
  beside('tensorrt-llm', '0.19.0', '4.50.0', broken, trt),
  beside('tensorrt-llm', '0.19.0', '4.49.0', native, trt),
  beside('tensorrt-llm', '0.20.0', '4.51.3', native, trt),
];
