import type { Source } from '../source.ts';

/** First CUDA toolkit whose compiler builds the kernels of a library for a capability or a later one, in an engine that stops otherwise. */
export interface CompilerFloor {
  readonly engine: string;
  readonly from: string;
  readonly to: string | null;
  readonly library: string;
  readonly unless: string;
  readonly capability: string;
  readonly cuda: string;
  /** An argument that chooses the library, and its value for it: with another value the engine does not call it. */
  readonly chosenBy?: { readonly argument: string; readonly value: string };
  readonly source: Source;
}

/** A wheel of FlashInfer that brings its kernels compiled says so: `0.2.3+cu124torch2.5`. */
export const compiledWheel = String.raw`\+cu\d+torch\d`;

export const compilerFloors: readonly CompilerFloor[] = [
  {
    engine: 'vllm',
    from: '0.22',
    to: '0.26',
    library: 'flashinfer-python',
    unless: 'flashinfer-jit-cache',
    capability: '12.0',
    cuda: '12.9',
    source: {
      title:
        'vLLM issue 50705 and pull request 50751: "FlashInfer requires GPUs with sm75 or higher" by a compiler before 12.9; 0.27.1 samples without it',
      url: 'https://github.com/vllm-project/vllm/issues/50705',
      date: '2026-08-21',
      // The first version is that whose sampler compiles while vLLM starts (issue 49497).
      inferred: true,
    },
  },
  {
    engine: 'sglang',
    from: '0.4.3',
    to: '0.4',
    library: 'flashinfer-python',
    unless: 'flashinfer-jit-cache',
    capability: '7.5',
    cuda: '11.8',
    chosenBy: { argument: '--attention-backend', value: 'flashinfer' },
    source: {
      title:
        'SGLang issues 3830 and 5389, FlashInfer issue 514: kernels are compiled on first use, and a toolkit before 11.8 has no cuda_fp8.h',
      url: 'https://github.com/flashinfer-ai/flashinfer/issues/514',
      date: '2025-04-15',
      // The versions are those of the reports.
      inferred: true,
    },
  },
];
