import type { Source } from '../source.ts';

/** Table D: what a published ONNX Runtime with the CUDA provider was built with. cuDNN's major must agree too. */
export interface OnnxRuntimeRow {
  /** First and last version of the row, both included; compared by their first three numbers. */
  readonly from: string;
  readonly to: string;
  /** As names of CUDA's libraries hold it: `11` and later is a major, before that the minor counts (`10.1`). */
  readonly cuda: readonly string[];
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
  { from: '1.0', to: '1.1', cuda: ['10.0'], cudnnMajor: 7, source: ortPage },
  { from: '1.2', to: '1.4', cuda: ['10.1'], cudnnMajor: 7, source: ortPage },
  { from: '1.5', to: '1.6', cuda: ['10.2'], cudnnMajor: 8, source: ortPage },
  { from: '1.7', to: '1.16.999', cuda: ['11'], cudnnMajor: 8, source: ortPage },
  { from: '1.17', to: '1.18.0', cuda: ['11', '12'], cudnnMajor: 8, source: ortPage },
  { from: '1.18.1', to: '1.20.999', cuda: ['12'], cudnnMajor: 9, source: ortPage },
  // The page lists nothing after 1.20: the packages themselves do, as what their extras `cuda` and `cudnn` require.
  { from: '1.21', to: '1.26.999', cuda: ['12'], cudnnMajor: 9, source: ortPackages },
  { from: '1.27', to: '1.28.1', cuda: ['13'], cudnnMajor: 9, source: ortPackages },
  { from: '1.28.2', to: '1.28.999', cuda: ['12', '13'], cudnnMajor: 9, source: ortArchives },
  { from: '1.29', to: '1.31.999', cuda: ['13'], cudnnMajor: 9, source: ortPackages },
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
