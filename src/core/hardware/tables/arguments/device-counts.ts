import type { Source } from '../source.ts';

/** How an engine says on how many devices it computes: a product of numbers. */
export interface DeviceCount {
  readonly engine: string;
  /** Names of each factor. */
  readonly factors: readonly (readonly string[])[];
  /** Arguments of a service that is spread over several nodes. */
  readonly spread: readonly string[];
  readonly source: Source;
}

export const deviceCounts: readonly DeviceCount[] = [
  {
    engine: 'vllm',
    factors: [
      ['--tensor-parallel-size', '-tp'],
      ['--pipeline-parallel-size', '-pp'],
    ],
    spread: ['--nnodes', '--node-rank', '--distributed-executor-backend', '--worker-use-ray', '--headless'],
    source: {
      title:
        'vLLM issues 15217 and 8908, NeMo-Skills issue 1059: the world size must not be larger than the number of devices of the node',
      url: 'https://github.com/vllm-project/vllm/issues/15217',
      date: '2025-11-30',
    },
  },
  {
    engine: 'sglang',
    factors: [
      ['--tp-size', '--tensor-parallel-size', '--tp'],
      ['--pp-size', '--pipeline-parallel-size'],
    ],
    spread: ['--nnodes', '--node-rank', '--dist-init-addr'],
    source: {
      title: 'SGLang issues 3470 and 9451: invalid device ordinal, where a node has fewer devices than its ranks',
      url: 'https://github.com/sgl-project/sglang/issues/9451',
      date: '2025-08-21',
    },
  },
  {
    engine: 'text-generation-server',
    factors: [['--num-shard']],
    spread: [],
    source: {
      title: 'text-generation-inference issue 707: num_shard is higher than the devices that are shown',
      url: 'https://github.com/huggingface/text-generation-inference/issues/707',
      date: '2023-07-27',
    },
  },
];
