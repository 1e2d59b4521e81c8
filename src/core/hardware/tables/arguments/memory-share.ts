import type { Source } from '../source.ts';

/** The argument by which vLLM takes a share of the memory of each device. A share above 1 is refused by every version. */
export const memoryShare: {
  readonly engine: string;
  readonly argument: string;
  /** First version that compares the share with what is free before it starts. */
  readonly looksFrom: string;
  readonly source: Source;
} = {
  engine: 'vllm',
  argument: '--gpu-memory-utilization',
  looksFrom: '0.9.1',
  source: {
    title:
      'vLLM issues 20305 ("Free memory on device on startup is less than desired GPU memory utilization", 0.9.1), 2348 and 10797; CacheConfig: "GPU memory utilization must be less than 1.0"',
    url: 'https://github.com/vllm-project/vllm/issues/20305',
    date: '2025-06-30',
  },
};
