import type { Source } from '../source.ts';

/**
 * What a program asks the driver for beside plain memory: `mappings` are ranges of addresses that it backs itself (`cuMemCreate`, `cuMemMap`),
 * `pools` are allocations in the order of a stream (`cudaMallocAsync`).
 */
export type MemoryService = 'mappings' | 'pools';

export interface MemoryServiceUser {
  /** Python distribution. */
  readonly of: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  readonly service: MemoryService;
  /** Counts only where one of these variables of the image holds this text (a regular expression). */
  readonly variable?: { readonly names: readonly string[]; readonly holds: string };
  /** Does not count where `code.args` choose this backend of the program. */
  readonly unlessBackend?: string;
  readonly source: Source;
}

const allocatorOfTorch = ['PYTORCH_CUDA_ALLOC_CONF', 'PYTORCH_ALLOC_CONF'];

/** Versions are compared by as many places as the row writes. */
export const memoryServiceUsers: readonly MemoryServiceUser[] = [
  {
    of: 'torch',
    from: '2.1',
    to: null,
    service: 'mappings',
    variable: { names: allocatorOfTorch, holds: String.raw`\bexpandable_segments\s*:\s*True\b` },
    source: {
      title:
        'Unsloth issues 1446 and 1639, unsloth-zoo pull request 1235: expandable segments need cuMemCreate and cuMemMap',
      url: 'https://github.com/unslothai/unsloth-zoo/pull/1235',
      date: '2026-09-15',
    },
  },
  {
    of: 'torch',
    from: '2.0',
    to: null,
    service: 'pools',
    variable: { names: allocatorOfTorch, holds: String.raw`\bbackend\s*:\s*cudaMallocAsync\b` },
    source: {
      title:
        'PyTorch, "CUDA semantics", PYTORCH_CUDA_ALLOC_CONF, backend:cudaMallocAsync needs CUDA 11.4; openvdb issue 2255',
      url: 'https://docs.pytorch.org/docs/stable/notes/cuda.html',
      date: '2026-07-21',
    },
  },
  {
    of: 'lmdeploy',
    from: '0',
    to: null,
    service: 'pools',
    unlessBackend: 'pytorch',
    source: {
      title: 'LMDeploy issues 340 and 2414: the allocator of TurboMind calls cudaMallocAsync',
      url: 'https://github.com/InternLM/lmdeploy/issues/2414',
      date: '2024-10-11',
      // That newer versions do so too is concluded.
      inferred: true,
    },
  },
  {
    of: 'ctranslate2',
    from: '2.0',
    to: null,
    service: 'pools',
    variable: { names: ['CT2_CUDA_ALLOCATOR'], holds: '^cuda_malloc_async$' },
    source: {
      title: 'CTranslate2 pull request 472: CT2_CUDA_ALLOCATOR=cuda_malloc_async; openvdb issue 2255',
      url: 'https://github.com/OpenNMT/CTranslate2/pull/472',
      date: '2021-05-06',
      inferred: true,
    },
  },
  {
    of: 'xgboost',
    from: '3.0',
    to: '3.2',
    service: 'mappings',
    source: {
      title: 'XGBoost issue 12217: 3.0 to 3.2 map memory themselves, and an A40-48C refuses that',
      url: 'https://github.com/dmlc/xgboost/issues/12217',
      date: '2026-05-18',
    },
  },
];

/** The driver of this CUDA brought pools; before it the call fails (error 36). */
export const poolsFromCuda = '11.2';
/** Systems on chip below this capability refuse mappings; of those from here on nobody told. */
export const mappingsRefusedBelow = '10.0';
/** A virtual GPU of less than this part of its board is a part of it: names count GB, and drivers report a little less. */
export const wholeOfBoard = 0.9;

export const memoryServiceSources: Readonly<Record<'tegra' | 'virtual' | 'fraction' | 'pools' | 'wsl', Source>> = {
  tegra: {
    title: 'unsloth-zoo pull request 1235: on a Jetson the first allocation fails, with 50 GB free; a GB10 works',
    url: 'https://github.com/unslothai/unsloth-zoo/pull/1235',
    date: '2026-09-15',
  },
  virtual: {
    title:
      'openvdb issues 1798 and 2255, LMDeploy issue 2414: a virtual GPU without unified memory has neither (error 801)',
    url: 'https://github.com/AcademySoftwareFoundation/openvdb/issues/2255',
    date: '2026-07-21',
  },
  fraction: {
    title:
      'NVIDIA AI Enterprise, "Unified Memory Support": only virtual GPUs that get all memory of their board have it (turbo issue 17)',
    url: 'https://docs.nvidia.com/ai-enterprise/release-8/latest/infra-software/vgpu/features/uvm.html',
    date: '2026-11',
  },
  pools: {
    title:
      'CUDA Runtime API, "Stream Ordered Memory Allocator": since CUDA 11.2; CUDA Compatibility: error 36 of an older driver',
    url: 'https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__MEMORY__POOLS.html',
    date: '2026-11',
  },
  wsl: {
    title:
      'PyTorch issue 192330: expandable segments fail under WSL on boards that announce GPUDirect RDMA for mappings',
    url: 'https://github.com/pytorch/pytorch/issues/192330',
    date: '2026-08-06',
  },
};

/** Programs whose calls an older driver lacks (error 36), or that check the driver themselves. */
export interface DriverCallFloor {
  readonly of: string;
  readonly from: string;
  readonly to: string | null;
  /** The newest CUDA of a driver that was told to fail, and the oldest that was told to run. */
  readonly failsTo: string;
  readonly runsFrom: string;
  /** Counts only where this variable of the image is set, or where it is not. */
  readonly variable?: { readonly name: string; readonly isSet: boolean };
  readonly source: Source;
}

const ptxasOfMojo = 'MODULAR_NVPTX_COMPILER_PATH';

export const driverCallFloors: readonly DriverCallFloor[] = [
  {
    of: 'lmdeploy',
    from: '0',
    to: '0.2',
    failsTo: '11.4',
    runsFrom: '11.7',
    source: {
      title:
        'LMDeploy issues 340 and 708: a driver of CUDA 11.0 or 11.4 lacks a call of TurboMind (error 36), one of 11.7 has it',
      url: 'https://github.com/InternLM/lmdeploy/issues/708',
      date: '2023-11-18',
      // The last version is that before wheels of CUDA 12.
      inferred: true,
    },
  },
  {
    of: 'max',
    from: '26.3',
    to: null,
    failsTo: '12.9',
    runsFrom: '13.0',
    variable: { name: ptxasOfMojo, isSet: false },
    source: {
      title:
        'modular issue 6520: MAX requires a driver of 580 and CUDA 13.0, and refuses 570; mojo-gpu-puzzles pull request 257 names the variable',
      url: 'https://github.com/modular/modular/issues/6520',
      date: '2026-06-27',
      // The first version is that of the reports.
      inferred: true,
    },
  },
  {
    of: 'max',
    from: '26.3',
    to: null,
    failsTo: '12.2',
    runsFrom: '12.6',
    variable: { name: ptxasOfMojo, isSet: true },
    source: {
      title:
        'mojo-gpu-puzzles pull request 257: a driver of CUDA 12.6 runs with a ptxas of 12.6; modular issue 6572: one of 12.2 lacks cuFuncGetParamInfo',
      url: 'https://github.com/modular/mojo-gpu-puzzles/pull/257',
      date: '2026-06-27',
      inferred: true,
    },
  },
];
