import type { Source } from '../source.ts';

/** The CUDA and cuDNN that one published build was made with. */
export interface OnnxRuntimeBuild {
  /** As names of CUDA's libraries hold it: `11` and later is a major, before that the minor counts (`10.1`). */
  readonly cuda: string;
  readonly cudnnMajor: number;
}

/** Table D: the builds of a published ONNX Runtime with the CUDA provider, of which any may be in an image. */
export interface OnnxRuntimeRow {
  /** First and last version of the row, both included: `1.20` is any 1.20. */
  readonly from: string;
  readonly to: string;
  readonly builds: readonly OnnxRuntimeBuild[];
  readonly source: Source;
}

const ortPage: Source = {
  title: 'ONNX Runtime, "CUDA Execution Provider", requirements',
  url: 'https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#requirements',
  date: '2026-11',
};
const ortWheel: Source = {
  title:
    'ONNX Runtime, "CUDA Execution Provider", requirements; PyPI, wheel of onnxruntime-gpu 1.18.1, which is linked to libcudart.so.11.0 and libcudnn.so.8',
  url: 'https://onnxruntime.ai/docs/execution-providers/CUDA-ExecutionProvider.html#requirements',
  date: '2026-12-01',
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

/** @param builds `CUDA/cuDNN` of each: `11/8 12/9`. */
const onnx = (from: string, to: string, builds: string, source: Source): OnnxRuntimeRow => ({
  from,
  to,
  builds: builds.split(' ').map((build) => {
    const [cuda = '', cudnn] = build.split('/');
    return { cuda, cudnnMajor: Number(cudnn) };
  }),
  source,
});

export const onnxRuntimeRows: readonly OnnxRuntimeRow[] = [
  onnx('1.0', '1.1', '10.0/7', ortPage),
  onnx('1.2', '1.4', '10.1/7', ortPage),
  onnx('1.5', '1.6', '10.2/8', ortPage),
  onnx('1.7', '1.16', '11/8', ortPage),
  onnx('1.17', '1.18.0', '11/8 12/8', ortPage),
  // The package of PyPI is the first one.
  onnx('1.18.1', '1.18', '11/8 12/9', ortWheel),
  // Builds for CUDA 11 are on another index than PyPI, and are known by their links alone.
  onnx('1.19', '1.20', '12/9', ortPage),
  // The page lists nothing after 1.20: the packages themselves do, as what their extras `cuda` and `cudnn` require.
  onnx('1.21', '1.26', '12/9', ortPackages),
  onnx('1.27', '1.28.1', '13/9', ortPackages),
  onnx('1.28.2', '1.28', '12/9 13/9', ortArchives),
  onnx('1.29', '1.31', '13/9', ortPackages),
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
