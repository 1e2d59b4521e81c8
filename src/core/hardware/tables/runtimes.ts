import type { Source } from './source.ts';

/** Table D: what a published ONNX Runtime with the CUDA provider was built with. Majors must agree, and cuDNN's too. */
export interface OnnxRuntimeRow {
  /** First and last version of the row, both included; compared by their first three numbers. */
  readonly from: string;
  readonly to: string;
  readonly cudaMajors: readonly number[];
  readonly cudnnMajor: number;
  readonly source: Source;
}

const ortPage: Source = {
  title: 'ONNX Runtime, "CUDA Execution Provider", requirements',
  url: 'https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#requirements',
  date: '2026-11',
};
const ortArchives: Source = {
  title: 'ONNX Runtime releases, archives of 1.28.2; conda package of 1.22.2 (cuda >=12.4,<13, cudnn >=9.1,<10)',
  url: 'https://github.com/microsoft/onnxruntime/releases',
  date: '2026-11',
};

const ortPackages: Source = {
  title: 'PyPI, metadata of onnxruntime-gpu 1.21.1 to 1.31.1, Requires-Dist of the extras cuda and cudnn',
  url: null,
  date: '2026-11-24',
};

export const onnxRuntimeRows: readonly OnnxRuntimeRow[] = [
  { from: '1.7', to: '1.16.999', cudaMajors: [11], cudnnMajor: 8, source: ortPage },
  { from: '1.17', to: '1.18.0', cudaMajors: [11, 12], cudnnMajor: 8, source: ortPage },
  { from: '1.18.1', to: '1.20.999', cudaMajors: [12], cudnnMajor: 9, source: ortPage },
  // The page lists nothing after 1.20: the packages themselves do, as what their extras `cuda` and `cudnn` require.
  { from: '1.21', to: '1.26.999', cudaMajors: [12], cudnnMajor: 9, source: ortPackages },
  { from: '1.27', to: '1.28.1', cudaMajors: [13], cudnnMajor: 9, source: ortPackages },
  { from: '1.28.2', to: '1.28.999', cudaMajors: [12, 13], cudnnMajor: 9, source: ortArchives },
  { from: '1.29', to: '1.31.999', cudaMajors: [13], cudnnMajor: 9, source: ortPackages },
];

/** Table E: the CUDA variants of the published PyTorch wheels. */
export interface TorchRow {
  readonly from: string;
  readonly to: string;
  readonly variants: readonly string[];
  readonly source: Source;
}

const torchMatrix: Source = {
  title: 'PyTorch, RELEASE.md, "Release Compatibility Matrix"',
  url: 'https://github.com/pytorch/pytorch/blob/main/RELEASE.md',
  date: '2026-11',
};

export const torchRows: readonly TorchRow[] = [
  { from: '2.1', to: '2.3', variants: ['11.8', '12.1'], source: torchMatrix },
  { from: '2.4', to: '2.5', variants: ['11.8', '12.1', '12.4'], source: torchMatrix },
  { from: '2.6', to: '2.6', variants: ['11.8', '12.4', '12.6'], source: torchMatrix },
  { from: '2.7', to: '2.7', variants: ['11.8', '12.6', '12.8'], source: torchMatrix },
  { from: '2.8', to: '2.8', variants: ['12.6', '12.8', '12.9'], source: torchMatrix },
  { from: '2.9', to: '2.11', variants: ['12.6', '12.8', '13.0'], source: torchMatrix },
  { from: '2.12', to: '2.14', variants: ['12.6', '13.0', '13.2'], source: torchMatrix },
];

/** Table E, second part: kernels in the published x86 wheels, by CUDA variant and version of torch. */
export interface TorchKernels {
  readonly variant: string;
  /** Versions of torch, both included. */
  readonly from: string;
  readonly to: string;
  readonly cubins: readonly string[];
  readonly ptx: readonly string[];
  readonly source: Source;
}

const torchArchitectures: Source = {
  title: 'PyTorch, .ci/manywheel/build_cuda.sh, TORCH_CUDA_ARCH_LIST',
  url: 'https://github.com/pytorch/pytorch/blob/main/.ci/manywheel/build_cuda.sh',
  date: '2026-11',
};
const kernels = (variant: string, from: string, to: string, cubins: string, ptx: string): TorchKernels => ({
  variant,
  from,
  to,
  cubins: cubins.split(' '),
  ptx: ptx === '' ? [] : ptx.split(' '),
  source: torchArchitectures,
});

export const torchKernels: readonly TorchKernels[] = [
  kernels('12.6', '2.6', '2.14', '5.0 6.0 7.0 7.5 8.0 8.6 9.0', ''),
  kernels('12.8', '2.8', '2.10', '7.0 7.5 8.0 8.6 9.0 10.0 12.0', ''),
  kernels('12.8', '2.7', '2.7', '7.5 8.0 8.6 9.0 10.0 12.0', ''),
  kernels('12.8', '2.11', '2.11', '7.5 8.0 8.6 9.0 10.0 12.0', ''),
  kernels('12.9', '2.8', '2.8', '7.0 7.5 8.0 8.6 9.0 10.0 12.0', '12.0'),
  kernels('13.0', '2.9', '2.14', '7.5 8.0 8.6 9.0 10.0 12.0', '12.0'),
  kernels('13.2', '2.12', '2.14', '7.5 8.0 8.6 9.0 10.0 12.0', '12.0'),
];

/** Table F: the CUDA that a TensorRT release was built for, lowest and highest published; both included. */
export interface TensorRtRow {
  readonly from: string;
  readonly to: string;
  readonly cuda: readonly (readonly [lowest: string, highest: string])[];
  /** Lowest compute capability. */
  readonly capability: string;
  /** Highest that it knows ("Unsupported SM" beyond); left out where no later one is known. */
  readonly newest?: string;
  readonly source: Source;
}

const trt = (version: string, date: string): Source => ({
  title: `TensorRT ${version} support matrix and release notes`,
  url: 'https://docs.nvidia.com/deeplearning/tensorrt/latest/getting-started/support-matrix.html',
  date,
});

/**
 * One build for 12.x is published as compatible with every 12.x, so that within a major the bounds are those that were
 * tested. Volta left in 10.5. The list of 10.6 is cut in the source at 12.1.
 */
export const tensorRtRows: readonly TensorRtRow[] = [
  {
    from: '8.0',
    to: '8.0.999',
    cuda: [
      ['10.2', '10.2'],
      ['11.0', '11.3'],
    ],
    capability: '5.0',
    newest: '8.7',
    source: {
      ...trt('8.0.3', '2021-09'),
      url: 'https://docs.nvidia.com/deeplearning/tensorrt/archives/tensorrt-803/support-matrix/index.html',
    },
  },
  {
    from: '8.2',
    to: '8.4.999',
    cuda: [
      ['10.2', '10.2'],
      ['11.0', '11.5'],
    ],
    capability: '5.0',
    newest: '8.7',
    source: {
      ...trt('8.2.5', '2022-05'),
      url: 'https://docs.nvidia.com/deeplearning/tensorrt/archives/tensorrt-825/support-matrix/index.html',
    },
  },
  {
    from: '8.5',
    to: '8.5.999',
    cuda: [
      ['10.2', '10.2'],
      ['11.0', '11.8'],
    ],
    capability: '5.0',
    newest: '9.0',
    source: {
      ...trt('8.5.3', '2023-01'),
      url: 'https://docs.nvidia.com/deeplearning/tensorrt/archives/tensorrt-853/support-matrix/index.html',
    },
  },
  {
    from: '8.6',
    to: '8.6.999',
    cuda: [
      ['11.4', '11.8'],
      ['12.0', '12.1'],
    ],
    capability: '6.0',
    newest: '9.0',
    source: trt('8.6.1', '2023-05'),
  },
  {
    from: '9.1',
    to: '9.3.999',
    cuda: [
      ['11.8', '11.8'],
      ['12.0', '12.4'],
    ],
    capability: '6.0',
    newest: '9.0',
    source: {
      title:
        'TensorRT 8.5.2 release notes: 9.0 drops Maxwell; TensorRT issue 3826: 10.0 drops Pascal; archives of 9.x, which docker/common/install_tensorrt.sh of TensorRT-LLM 0.5 to 0.9 names, are for CUDA 11.8 and 12.2',
      url: 'https://github.com/NVIDIA/TensorRT/issues/3826',
      date: '2024-04-27',
      // NVIDIA published no support matrix of 9.x. Libraries of CUDA 12 are of one minor version family, as for 10.1.
      inferred: true,
    },
  },
  {
    from: '10.0',
    to: '10.0.999',
    cuda: [
      ['11.8', '11.8'],
      ['12.4', '12.4'],
    ],
    capability: '7.0',
    newest: '9.0',
    source: trt('10.0.1', '2026-11'),
  },
  {
    from: '10.1',
    to: '10.4.999',
    cuda: [
      ['11.8', '11.8'],
      ['12.0', '12.4'],
    ],
    capability: '7.0',
    newest: '9.0',
    source: trt('10.1.0', '2024-06'),
  },
  {
    from: '10.5',
    to: '10.7.999',
    cuda: [
      ['11.8', '11.8'],
      ['12.0', '12.9'],
    ],
    capability: '7.5',
    newest: '9.0',
    source: { ...trt('10.6.0', '2024-10'), inferred: true },
  },
  {
    from: '10.8',
    to: '10.13.1',
    cuda: [
      ['11.8', '11.8'],
      ['12.0', '12.9'],
    ],
    capability: '7.5',
    source: { ...trt('10.8.0', '2025-01'), inferred: true },
  },
  {
    from: '10.13.2',
    to: '10.15.0',
    cuda: [
      ['12.0', '12.9'],
      ['13.0', '13.0'],
    ],
    capability: '7.5',
    source: trt('10.13.2', '2025-08-18'),
  },
  {
    from: '10.15.1',
    to: '10.999',
    cuda: [
      ['12.0', '12.9'],
      ['13.0', '13.1'],
    ],
    capability: '7.5',
    source: trt('10.15.1', '2026-11'),
  },
  { from: '11.1', to: '11.2.999', cuda: [['13.0', '13.3']], capability: '7.5', source: trt('11.1', '2026-11') },
  { from: '11.3', to: '11.4.999', cuda: [['13.0', '13.4']], capability: '7.5', source: trt('11.3', '2026-11') },
  { from: '11.5', to: '11.5.999', cuda: [['13.0', '13.5']], capability: '7.5', source: trt('11.5', '2026-11') },
];

/** What a serialized engine may run on. */
export const engineRules: Readonly<Record<'version' | 'versionCompatible' | 'device' | 'hardwareCompatible', Source>> =
  {
    version: {
      title: 'TensorRT Developer Guide, "Engine portability": the exact version',
      url: 'https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html',
      date: '2026-11',
    },
    versionCompatible: {
      title: 'TensorRT Developer Guide, "Version Compatibility": newer runtimes of the major; 8 to 10 and 10 to 11',
      url: 'https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html#version-compatibility',
      date: '2026-11',
    },
    device: {
      title: 'TensorRT Developer Guide, "Engine portability": the GPU model that it was built on',
      url: 'https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html',
      date: '2026-11',
    },
    hardwareCompatible: {
      title:
        'TensorRT Developer Guide, "Hardware Compatibility": AMPERE_PLUS from 8.0, SAME_COMPUTE_CAPABILITY from 7.5',
      url: 'https://docs.nvidia.com/deeplearning/tensorrt/latest/inference-library/advanced.html#hardware-compatibility',
      date: '2026-11',
    },
  };
