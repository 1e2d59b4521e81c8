import type { Source } from '../source.ts';

/** What Docker and Kubernetes give a container at /dev/shm unless somebody asks for more. */
export const shmOfContainers = 64 * 2 ** 20;
/** What the vendors advise for a container, and what is mounted for each device of a replica that needs it. */
export const advisedShm = 2 ** 30;
/** Images of Triton Inference Server set it. Each instance of its Python backend takes 64 MiB, in newer versions 1 MiB, and grows. */
export const tritonVariable = 'TRITON_SERVER_VERSION';

/**
 * What NCCL maps at /dev/shm where the devices exchange memory through the host: a segment for each connection of its rings. Newer
 * versions allocate it by CUDA (`NCCL_CUMEM_HOST_ENABLE`), and do not where the driver is too old for that, so that nothing is certain of them.
 */
export const ncclSegments = {
  /** 4 MiB, 512 KiB and 4.7 MiB for its three protocols, and a page. */
  bytes: 9_637_888,
  /** Channels are doubled after the search, so that there are two at least. */
  leastChannels: 2,
  /** Of each board behind NVSwitches, which reach their peers otherwise. */
  behindSwitches: 7_340_384,
  before: '2.24',
  /** With one of these in the environment of the image the size is another. */
  unless: ['NCCL_BUFFSIZE', 'NCCL_LL128_BUFFSIZE', 'NCCL_MAX_NCHANNELS', 'NCCL_MAX_CTAS', 'NCCL_SHM_DISABLE'],
} as const;

/**
 * Engines that refuse to start where /dev/shm has not this many bytes free, once several processes serve a model: a queue of ten parts of 24 MiB for each worker. The variable
 * sets another size. Older versions map the same and touch little of it, so that nothing is certain of them.
 */
export const engineQueues: readonly {
  readonly engine: string;
  readonly from: string;
  readonly to: string | null;
  readonly bytes: number;
  readonly unless: string;
  readonly source: Source;
}[] = [
  {
    engine: 'vllm',
    from: '0.27',
    to: null,
    bytes: 10 * 24 * 2 ** 20,
    unless: 'VLLM_MQ_MAX_CHUNK_BYTES_MB',
    source: {
      title:
        'vLLM pull requests 48879 and 50606: "Insufficient space in /dev/shm: 240 MiB required, 64 MiB free"; LMCache pull request 4309',
      url: 'https://github.com/vllm-project/vllm/pull/50606',
      date: '2026-07-31',
      // Merged in July 2026; that 0.27 is the first release with it is concluded from the dates.
      inferred: true,
    },
  },
];

export const sharedMemorySources: Readonly<Record<'advised' | 'segments' | 'behindSwitches', Source>> = {
  behindSwitches: {
    title:
      'torchtitan issue 853 and MiniMax-01 issue 42: "Error while creating shared memory segment /dev/shm/nccl-1YsMbG (size 7340384)" of NCCL 2.21.5 on eight H100 and H200',
    url: 'https://github.com/pytorch/torchtitan/issues/853',
    date: '2025-02-17',
    // One for each board is the least: eight stop at 16 MiB and at 64 MiB.
    inferred: true,
  },
  advised: {
    title:
      'NCCL User Guide, "Troubleshooting", Shared memory: Docker limits it, start with --shm-size=1g; Triton issue 6195: 64 MiB for each instance of its Python backend',
    url: 'https://docs.nvidia.com/deeplearning/nccl/user-guide/docs/troubleshooting.html',
    date: '2026-11',
  },
  segments: {
    title:
      'SGLang documentation issue 5: "Error while creating shared memory segment /dev/shm/nccl-vzIpS6 (size 9637888)"; NCCL, Environment Variables, NCCL_CUMEM_HOST_ENABLE',
    url: 'https://github.com/sgl-project/sgl-project.github.io/issues/5',
    date: '2025-03-05',
    // Their number follows from the channels of a ring.
    inferred: true,
  },
};
