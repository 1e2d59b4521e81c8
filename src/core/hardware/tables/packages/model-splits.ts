import type { Source } from '../source.ts';

/** How an engine divides a model over the devices of one replica. */
export interface ModelSplit {
  readonly engine: string;
  /** Arguments that say over how many devices each layer is divided; without them that is all of the replica. */
  readonly tensorArguments: readonly string[];
  /** Arguments with which whole layers, whole requests or whole experts are divided instead. */
  readonly otherArguments: readonly string[];
  readonly heads: Source;
  /** Blocks of FP8 must not be cut; null where nothing is known of it. */
  readonly blocks: Source | null;
}

export const modelSplits: readonly ModelSplit[] = [
  {
    engine: 'vllm',
    tensorArguments: ['--tensor-parallel-size', '-tp'],
    otherArguments: [
      '--pipeline-parallel-size',
      '-pp',
      '--data-parallel-size',
      '-dp',
      '--enable-expert-parallel',
      '-ep',
    ],
    heads: {
      title:
        'vLLM issues 414, 2652, 4232 and 11797: the number of attention heads must be divisible by the tensor parallel size',
      url: 'https://github.com/vllm-project/vllm/issues/11797',
      date: '2025-01-07',
    },
    blocks: {
      title: 'vLLM issues 25292, 52997 and 54178: a part of an expert must be whole blocks of FP8',
      url: 'https://github.com/vllm-project/vllm/issues/25292',
      date: '2026-08-28',
    },
  },
  {
    engine: 'sglang',
    tensorArguments: ['--tp-size', '--tensor-parallel-size', '--tp'],
    otherArguments: ['--pp-size', '--pipeline-parallel-size', '--dp-size', '--dp', '--ep-size', '--ep'],
    heads: {
      title: 'SGLang, layers of attention: the number of heads must be divisible by the tensor parallel size',
      url: 'https://github.com/sgl-project/sglang/pull/6771',
      date: '2025-05-30',
      inferred: true,
    },
    blocks: {
      title: 'QwenLM/Qwen3 issue 1485 and SGLang issue 10852: a part of an expert must be whole blocks of FP8',
      url: 'https://github.com/QwenLM/Qwen3/issues/1485',
      date: '2025-09-24',
    },
  },
];
