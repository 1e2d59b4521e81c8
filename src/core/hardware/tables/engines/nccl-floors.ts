import type { Source } from '../source.ts';

/** First NCCL that works over several whole boards of a capability or a later one. */
export interface NcclFloor {
  readonly capability: string;
  readonly version: string;
  readonly source: Source;
}

export const ncclFloors: readonly NcclFloor[] = [
  {
    capability: '12.0',
    version: '2.26.2',
    source: {
      title:
        'NCCL issue 1637; vLLM issue 14452: two RTX 5090 stop with 2.25.1, also by shared memory, and run with 2.26.2',
      url: 'https://github.com/NVIDIA/nccl/issues/1637',
      date: '2025-03-14',
    },
  },
];
