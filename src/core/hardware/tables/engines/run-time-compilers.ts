import type { CompilerKind } from '../../../image/compilers.ts';
import type { Source } from '../source.ts';

/** A library that compiles while an engine starts or serves, by a program of the image. */
export interface RunTimeCompiler {
  /** Python distributions of the engine and of the library. */
  readonly engine: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  readonly library: string;
  /** A distribution that brings everything compiled. */
  readonly unless?: string;
  readonly compiler: CompilerKind;
  readonly source: Source;
}

export const runTimeCompilers: readonly RunTimeCompiler[] = [
  {
    engine: 'vllm',
    from: '0.7',
    to: null,
    library: 'triton',
    compiler: 'c',
    source: {
      title: 'vLLM issues 2997 and 14075: "Failed to find C compiler", by torch.compile and Triton',
      url: 'https://github.com/vllm-project/vllm/issues/14075',
      date: '2025-03-01',
      // The issues are of 0.3 and 0.7; the first version that compiles for every model is not named.
      inferred: true,
    },
  },
  {
    engine: 'vllm',
    from: '0.22',
    to: null,
    library: 'flashinfer-python',
    unless: 'flashinfer-jit-cache',
    compiler: 'cuda',
    source: {
      title: 'vLLM issue 49497: the sampler of FlashInfer compiles while vLLM starts; NeMo Gym pull request 1405',
      url: 'https://github.com/vllm-project/vllm/issues/49497',
      date: '2026-07-23',
      // 0.22 is named by another report (odysseus pull request 228).
      inferred: true,
    },
  },
  {
    engine: 'sglang',
    from: '0.4.4',
    to: '0.4',
    library: 'flashinfer-python',
    unless: 'flashinfer-jit-cache',
    compiler: 'cuda',
    source: {
      title:
        'SGLang issues 3952 and 5002: it does not start in an image of CUDA without nvcc ("devel", not "runtime"); Xinference issue 3214',
      url: 'https://github.com/sgl-project/sglang/issues/5002',
      date: '2025-04-02',
      // The first version is that of the month of the reports; that 0.4 is the last is not told.
      inferred: true,
    },
  },
];
