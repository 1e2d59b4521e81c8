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
  readonly source: Source;
}

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
];
