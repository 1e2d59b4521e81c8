import type { Source } from '../source.ts';

/** Models whose activations leave the range of float16 (65504), in a program that computes in it. */
export interface Float16Model {
  /** Python distribution of the program; null for one that is none. */
  readonly engine: string | null;
  /** Pattern of the path of its program in the image, where it is no distribution; its version is not known. */
  readonly path?: string;
  readonly from: string;
  readonly to: string | null;
  /** `model_type` of the models. */
  readonly models: readonly string[];
  /** Arguments that state the type of the computation, and their values for float16. */
  readonly arguments: readonly string[];
  readonly values: readonly string[];
  /** Devices on which the program takes float16 where nobody states a type: from a capability on, and below another. */
  readonly byItself?: { readonly least: string; readonly below: string };
  readonly source: Source;
}

const vllm = (from: string, ...models: readonly string[]): Float16Model => ({
  engine: 'vllm',
  from,
  to: null,
  models,
  arguments: ['--dtype'],
  values: ['half', 'float16'],
  source: {
    title:
      'vLLM, _FLOAT16_NOT_SUPPORTED_MODELS of the wheels 0.9.1 to 0.27.1: "does not support float16. Reason: Numerical instability"; issues 18733 and 15097: Gemma 3 answers with <pad> before; llm-scaler issue 270',
    url: 'https://github.com/vllm-project/vllm/issues/18733',
    date: '2026-02-01',
  },
});

export const float16Models: readonly Float16Model[] = [
  vllm('0.8', 'gemma3'),
  vllm('0.9.1', 'gemma2', 'glm4'),
  vllm('0.16', 'gemma3_text'),
  {
    engine: null,
    path: String.raw`/mistralrs(?:-server)?$`,
    from: '0',
    to: null,
    models: ['gemma3', 'gemma3_text'],
    arguments: ['--dtype', '-d'],
    values: ['f16', 'auto'],
    byItself: { least: '5.3', below: '8.0' },
    source: {
      title:
        'mistral.rs, mistralrs-core/src/utils/normal.rs: "fallback pattern is: BF16 -> F16", BF16 from 8.0 on, F16 from 5.3 on, "gemma activations exceed 65504"; issue 1703: EmbeddingGemma answers null on a V100',
      url: 'https://github.com/EricLBuehler/mistral.rs/issues/1703',
      date: '2025-11-06',
    },
  },
];
