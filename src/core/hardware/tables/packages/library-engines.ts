import type { Source } from '../source.ts';

/** An engine that another one installs as a library: in these versions of the other, the other opens the model. */
export interface LibraryEngine {
  readonly engine: string;
  readonly of: string;
  /** Versions of the other, both ends included. */
  readonly from: string;
  readonly to: string;
  readonly source: Source;
}

export const libraryEngines: readonly LibraryEngine[] = [
  {
    engine: 'vllm',
    of: 'sglang',
    from: '0',
    to: '0.4.4',
    source: {
      title:
        'SGLang, Requires-Dist of the extra srt in the wheels 0.1.3 to 0.4.4.post1: it needs vllm, and later ones do not',
      url: 'https://pypi.org/project/sglang/0.4.4.post1/',
      date: '2025-03-13',
    },
  },
  {
    engine: 'vllm',
    of: 'text-generation-server',
    from: '0',
    to: '2.3',
    source: {
      title:
        'text-generation-inference, server/Makefile-vllm and Dockerfile up to 2.3: it builds the kernels of vLLM, for paged attention, into its image',
      url: 'https://github.com/huggingface/text-generation-inference/blob/v2.3.1/Dockerfile',
      date: '2024-10-03',
      // That 2.3 is the last is concluded from its later Makefile, which builds vLLM for ROCm alone.
      inferred: true,
    },
  },
];
