import type { Source } from './source.ts';

/** Bytes of one buffer of NCCL (4 MiB with what lies around it), which a network of RDMA locks; with less none is registered. */
export const leastLockedBytes = 9_637_888;
/** From here on a limit is none: the kernel writes `unlimited`, and 1 PiB stands for it. */
export const unlimitedBytes = 2 ** 50;
/** Variables of an image that make a program take huge pages, which the node must hold. */
export const hugePageVariables: readonly {
  readonly name: string;
  readonly program: string;
  readonly source: Source;
}[] = [
  {
    name: 'MC_STORE_USE_HUGEPAGE',
    program: 'the store of Mooncake',
    source: {
      title: 'Mooncake, deployment guide, "Memory allocator": huge pages must be reserved on the host first',
      url: 'https://github.com/kvcache-ai/Mooncake/pull/2417',
      date: '2026-06-10',
    },
  },
  {
    name: 'HUGETLB_MORECORE',
    program: 'malloc of libhugetlbfs',
    source: {
      title: 'libhugetlbfs issue 61: a container without huge pages ends by a bus error',
      url: 'https://github.com/libhugetlbfs/libhugetlbfs/issues/61',
      date: '2021-07-29',
    },
  },
];

export const hostSources: Readonly<
  Record<
    | 'uvm'
    | 'withoutLibrary'
    | 'otherLibrary'
    | 'compatOnHost'
    | 'withheld'
    | 'untilReload'
    | 'lockedMemory'
    | 'pageSize',
    Source
  >
> = {
  uvm: {
    title: 'llama.cpp issue 7218, gorgonia/cu issue 2: cuInit says unknown error (999) until nvidia_uvm is loaded',
    url: 'https://github.com/ggml-org/llama.cpp/issues/7218',
    date: '2024-05-23',
  },
  withoutLibrary: {
    title:
      'NVML, nvmlSystemGetCudaDriverVersion_v2: NVML_ERROR_LIBRARY_NOT_FOUND where libcuda.so.1 is not found; meta-tegra pull request 1456, vgpu_unlock issue 51',
    url: 'https://github.com/OE4T/meta-tegra/pull/1456',
    date: '2024-01-16',
  },
  otherLibrary: {
    title:
      'NVML, NVML_ERROR_LIB_RM_VERSION_MISMATCH: RM detects a driver/library version mismatch; nvidia-container-toolkit issue 394, nvidia-docker issue 1451',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/issues/394',
    date: '2024-03-13',
  },
  compatOnHost: {
    title:
      'nvidia-docker issue 1515: cuda-compat on the host gives error 804 on boards that it does not cover; PyTorch issue 40671, cusignal issue 398: after an update, until a reboot',
    url: 'https://github.com/NVIDIA/nvidia-docker/issues/1515',
    date: '2021-07-02',
  },
  withheld: {
    title: 'nvidia-container-toolkit issue 381: no-cgroups = true is for rootless containers; others get no device',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/issues/381',
    date: '2024-03-04',
  },
  untilReload: {
    title:
      'nvidia-container-toolkit issues 48 and 1227: systemd takes devices away at daemon-reload that it was not told of',
    url: 'https://github.com/NVIDIA/nvidia-container-toolkit/issues/48',
    date: '2023-02-07',
  },
  lockedMemory: {
    title: 'nccl-tests issue 206; NCCL User Guide, "Troubleshooting", InfiniBand: memory that is registered is locked',
    url: 'https://github.com/NVIDIA/nccl-tests/issues/206',
    date: '2024-04-18',
  },
  pageSize: {
    title:
      'NumPy issue 16677 and PyTorch builder pull request 682: segments must be aligned to the pages of the kernel',
    url: 'https://github.com/numpy/numpy/issues/16677',
    date: '2021-03-24',
  },
};
