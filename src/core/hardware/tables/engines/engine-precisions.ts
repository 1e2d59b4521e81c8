import type { Precision } from '../../model/model-facts.ts';
import type { Source } from '../source.ts';
import * as sources from './precision-sources.ts';

/**
 * What an engine needs of a device to serve weights of one precision. Versions are compared by as many places as the row
 * writes; `to: null` is the newest.
 */
export interface EnginePrecision {
  /** Python distribution of the engine, which is also the folder that its libraries lie in. */
  readonly engine: string;
  readonly precision: Precision;
  readonly from: string;
  readonly to: string | null;
  /** Lowest compute capability; null where the engine serves the precision on no device. */
  readonly capability: string | null;
  /** Single capabilities above it whose kernels stop at run time. */
  readonly except?: readonly string[];
  /** From this capability on the engine uses kernels of the exact family: `sm_120a`, `sm_100f`. */
  readonly familyFrom?: string;
  /** The row is of mixtures of experts alone, and goes before the others of its version. */
  readonly experts?: true;
  /** The row is of models that are quantized by this method alone (`quant_method`). */
  readonly method?: string;
  /** The row is of FP8 whose scales cover a channel, or a block, alone. It goes before the others of its version. */
  readonly scales?: 'channel' | 'block';
  /** Another engine of the image, from this version on, that serves the precision otherwise and uses this one as a library. */
  readonly unless?: { readonly engine: string; readonly from: string };
  readonly source: Source;
}

export const enginePrecisions: readonly EnginePrecision[] = [
  ...(
    [
      ['awq', '0.2.0', '0.5.2'],
      ['gptq', '0.2.6', '0.4.2'],
    ] as const
  ).map(([method, from, to]): EnginePrecision => {
    // The first kernels of Marlin for both took float16 alone; those that take bfloat16 came with the next version.
    return {
      engine: 'vllm',
      precision: 'bf16',
      from,
      to,
      capability: null,
      method,
      source: sources.bf16Quantized,
    };
  }),
  {
    engine: 'vllm',
    precision: 'bf16',
    from: '0',
    to: '0.8',
    capability: '8.0',
    // SGLang pull request 1233: below 8.0 it serves float16 in its place.
    unless: { engine: 'sglang', from: '0.2.14' },
    source: sources.bf16Refused,
  },
  { engine: 'vllm', precision: 'bf16', from: '0.9', to: null, capability: '7.0', source: sources.bf16Falls },
  {
    engine: 'vllm',
    precision: 'fp8',
    from: '0',
    to: '0.8',
    capability: '8.9',
    experts: true,
    source: sources.expertsFp8,
  },
  { engine: 'vllm', precision: 'fp8', from: '0', to: '0.5.0', capability: '8.9', source: sources.marlin },
  {
    engine: 'vllm',
    precision: 'fp8',
    from: '0.5.1',
    to: '0.5.3',
    capability: '8.9',
    method: 'compressed-tensors',
    source: sources.compressedFp8,
  },
  {
    engine: 'vllm',
    precision: 'fp8',
    from: '0.5.1',
    to: '0.15',
    capability: '8.0',
    except: ['12.1'],
    source: sources.marlin,
  },
  {
    engine: 'vllm',
    precision: 'fp8',
    from: '0.16',
    to: '0.19',
    capability: '7.5',
    except: ['12.1'],
    source: sources.sm121,
  },
  { engine: 'vllm', precision: 'fp8', from: '0.20', to: null, capability: '7.5', source: sources.fp8Turing },
  {
    ...{ engine: 'vllm', precision: 'fp4', from: '0', to: '0.15', capability: '8.0', familyFrom: '10.0' },
    source: sources.fp4,
  },
  {
    ...{ engine: 'vllm', precision: 'fp4', from: '0.16', to: null, capability: '7.5', familyFrom: '10.0' },
    source: sources.fp4Turing,
  },
  { engine: 'vllm', precision: 'mxfp4', from: '0.10.0', to: '0.10.0', capability: '10.0', source: sources.mxfp4First },
  { engine: 'vllm', precision: 'mxfp4', from: '0.10.1', to: null, capability: '8.0', source: sources.mxfp4 },
  { engine: 'vllm', precision: 'awq', from: '0', to: '0.2.0', capability: '8.0', source: sources.awqTuring },
  { engine: 'vllm', precision: 'awq', from: '0.2.1', to: null, capability: '7.5', source: sources.table },
  { engine: 'vllm', precision: 'int4', from: '0', to: '0.12', capability: '8.0', source: sources.int4 },
  { engine: 'vllm', precision: 'int4', from: '0.13', to: null, capability: '7.5', source: sources.int4Turing },
  { engine: 'vllm', precision: 'gptq', from: '0', to: null, capability: '7.0', source: sources.table },
  {
    engine: 'vllm',
    precision: 'int8',
    from: '0',
    to: null,
    capability: '7.5',
    except: ['12.0', '12.1'],
    source: sources.int8Blackwell,
  },
  {
    engine: 'sglang',
    precision: 'fp8',
    from: '0',
    to: null,
    capability: '8.9',
    experts: true,
    source: sources.sglangExperts,
  },
  {
    engine: 'sglang',
    precision: 'fp8',
    from: '0',
    to: null,
    capability: '8.9',
    method: 'compressed-tensors',
    source: sources.sglangMarlin,
  },
  { engine: 'sglang', precision: 'fp8', from: '0', to: '0.5.0', capability: '8.9', source: sources.sglangFp8 },
  { engine: 'sglang', precision: 'fp8', from: '0.5.1', to: null, capability: '8.0', source: sources.sglangMarlin },
  { engine: 'tensorrt-llm', precision: 'awq', from: '0', to: null, capability: '8.0', source: sources.tensorRtLlmInt4 },
  {
    engine: 'tensorrt-llm',
    precision: 'gptq',
    from: '0',
    to: null,
    capability: '8.0',
    source: sources.tensorRtLlmInt4,
  },
  {
    engine: 'tensorrt-llm',
    precision: 'fp8',
    from: '0',
    to: '0.14',
    capability: '9.0',
    scales: 'channel',
    source: sources.tensorRtLlmChannels,
  },
  {
    engine: 'tensorrt-llm',
    precision: 'fp8',
    from: '0',
    to: '0.20',
    capability: '9.0',
    except: ['10.0', '10.3', '11.0', '12.0', '12.1'],
    scales: 'block',
    source: sources.tensorRtLlmBlocks,
  },
  { engine: 'tensorrt-llm', precision: 'fp8', from: '0', to: null, capability: '8.9', source: sources.tensorRtLlm },
  { engine: 'tensorrt-llm', precision: 'fp4', from: '0', to: '1.2', capability: '10.0', source: sources.tensorRtLlm },
  {
    engine: 'tensorrt-llm',
    precision: 'fp4',
    from: '1.3',
    to: null,
    capability: '9.0',
    source: sources.tensorRtLlmFallback,
  },
  {
    engine: 'tensorrt-llm',
    precision: 'mxfp4',
    from: '0',
    to: null,
    capability: '9.0',
    source: sources.tensorRtLlmMxfp4,
  },
  { engine: 'tensorrt', precision: 'bf16', from: '9', to: null, capability: '8.0', source: sources.tensorRt },
  { engine: 'tensorrt', precision: 'fp8', from: '9', to: null, capability: '8.9', source: sources.tensorRt },
  { engine: 'tensorrt', precision: 'fp4', from: '10.8', to: null, capability: '10.0', source: sources.tensorRt },
  {
    engine: 'lmdeploy',
    precision: 'fp32',
    from: '0',
    to: '0.6.1',
    capability: null,
    source: sources.turboMindFp32,
  },
  { engine: 'lmdeploy', precision: 'awq', from: '0', to: '0.5', capability: '7.5', source: sources.turboMindAwq },
  { engine: 'lmdeploy', precision: 'fp8', from: '0', to: null, capability: '8.0', source: sources.turboMindFp8 },
  { engine: 'autoawq', precision: 'awq', from: '0', to: null, capability: '7.5', source: sources.autoAwq },
  {
    engine: 'transformer-engine',
    precision: 'fp8',
    from: '0',
    to: '0.7',
    capability: '9.0',
    source: sources.transformerEngine,
  },
  {
    engine: 'transformer-engine',
    precision: 'fp8',
    from: '0.8',
    to: null,
    capability: '8.9',
    source: sources.transformerEngine,
  },
  { engine: 'ktransformers', precision: 'fp8', from: '0', to: null, capability: '8.9', source: sources.ktransformers },
  {
    engine: 'transformers',
    precision: 'fp8',
    from: '4.49',
    to: '4.50',
    capability: '9.0',
    method: 'fp8',
    source: sources.fineGrained,
  },
  {
    engine: 'transformers',
    precision: 'fp8',
    from: '4.51',
    to: '4.57',
    capability: '8.9',
    method: 'fp8',
    source: sources.fineGrained,
  },
  {
    engine: 'transformers',
    precision: 'fp8',
    from: '4.43',
    to: null,
    capability: '9.0',
    method: 'fbgemm_fp8',
    source: sources.fbgemm,
  },
];

/**
 * Libraries that a program uses for some precisions. They count where no engine of the table is in the image that serves
 * every model.
 */
export const precisionLibraries: readonly string[] = ['transformer-engine', 'ktransformers', 'transformers'];

/** Of them Transformers refuses what a model says of itself, where nothing else computes than these. */
export const methodReader = { name: 'transformers', beside: ['torch', 'transformers', 'diffusers'] } as const;
