import type { Source } from '../source.ts';

/** How an engine divides a model over the devices of one replica. */
export interface ModelSplit {
  readonly engine: string;
  /** Arguments that say over how many devices each layer is divided; without them that is all of the replica. */
  readonly tensorArguments: readonly string[];
  /** Arguments with which whole layers, whole requests or whole experts are divided instead. */
  readonly otherArguments: readonly string[];
  /** An argument with the value by which nothing is divided. */
  readonly turnedOff?: { readonly name: string; readonly value: string };
  readonly heads: Source;
  /** Heads of keys and values must be divisible too, or divide the number of devices; null where nothing is known of it. */
  readonly kvHeads: Source | null;
  /** So must columns of a dense layer, in whole groups of quantized weights; null where nothing is known of it. */
  readonly groups: Source | null;
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
    kvHeads: {
      title:
        'vLLM issues 5951 and 16021: Phi-3-medium and Phi-4 have 10 heads of keys and values, run over two devices and stop over four',
      url: 'https://github.com/vllm-project/vllm/issues/16021',
      date: '2025-04-03',
    },
    groups: {
      title:
        'vLLM issues 1816, 2699 and 5675, QwenLM/Qwen3 issue 578: the input size is not aligned with the quantized weight shape',
      url: 'https://github.com/QwenLM/Qwen3/issues/578',
      date: '2024-06-17',
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
    kvHeads: {
      title: 'SGLang, models/llama.py: the assertion of vLLM (issue 16021), from which its layers come',
      url: 'https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/models/llama.py',
      date: '2025-05-30',
      inferred: true,
    },
    groups: null,
    blocks: {
      title: 'QwenLM/Qwen3 issue 1485 and SGLang issue 10852: a part of an expert must be whole blocks of FP8',
      url: 'https://github.com/QwenLM/Qwen3/issues/1485',
      date: '2025-09-24',
    },
  },
  {
    engine: 'text-generation-server',
    tensorArguments: ['--num-shard'],
    otherArguments: [],
    turnedOff: { name: '--sharded', value: 'false' },
    heads: {
      title:
        'text-generation-inference issue 1354: num_heads must be divisible by num_shards; README: it shards over all devices that it sees',
      url: 'https://github.com/huggingface/text-generation-inference/issues/1354',
      date: '2023-12-16',
    },
    kvHeads: null,
    groups: null,
    blocks: null,
  },
];
