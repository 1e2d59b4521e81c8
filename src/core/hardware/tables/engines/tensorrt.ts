import type { Source } from '../source.ts';

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

const archives: Source = {
  title:
    'TensorRT 5.0.6 support matrix; archives and Debian packages that NVIDIA published (`TensorRT-6.0.1.5...cuda-9.0...`, `libnvinfer7=7.0.0-1+cuda10.2`), as Dockerfiles and README.md of NVIDIA/TensorRT name them',
  url: 'https://docs.nvidia.com/deeplearning/sdk/tensorrt-archived/tensorrt-506/tensorrt-support-matrix/index.html',
  date: '2021-03',
};
const ampere: Source = {
  title:
    'TensorRT issues 975 and 2332: 7.1 and older know no capability 8.6 ("Unsupported SM"), issue 982: 7.2.1 does; packages `7.1.3-1+cuda11.0` and `7.2.3-1+cuda11.1`',
  url: 'https://github.com/NVIDIA/TensorRT/issues/975',
  date: '2021-05-17',
};
/** The matrices of 8.x say 5.0, and call what is below deprecated: it left with 8.6. */
const deprecated = (version: string, date: string): Source => ({
  title: `TensorRT ${version} support matrix; issue 3589 and release notes of 8.5.2: 8.5.3 is the last for Kepler (3.x) and Maxwell (5.x)`,
  url: `https://docs.nvidia.com/deeplearning/tensorrt/archives/tensorrt-${version.replaceAll('.', '')}/support-matrix/index.html`,
  date,
});
const one = (...versions: readonly string[]): TensorRtRow['cuda'] => versions.map((version) => [version, version]);

/**
 * Before CUDA 11 each minor version has a build of its own, by whose libraries it is linked. Later one build for 12.x is published as
 * compatible with every 12.x, so that within a major the bounds are those that were tested. Volta left in 10.5. The list of 10.6 is cut in the source at 12.1.
 */
export const tensorRtRows: readonly TensorRtRow[] = [
  { from: '5.0', to: '5.0.999', cuda: one('9.0', '10.0'), capability: '3.0', newest: '7.5', source: archives },
  { from: '5.1', to: '5.1.999', cuda: one('9.0', '10.0', '10.1'), capability: '3.0', newest: '7.5', source: archives },
  {
    ...{ from: '6.0', to: '6.0.999', cuda: one('9.0', '10.0', '10.1', '10.2'), capability: '3.0', newest: '7.5' },
    source: archives,
  },
  { from: '7.0', to: '7.0.999', cuda: one('10.0', '10.2'), capability: '3.0', newest: '7.5', source: archives },
  {
    ...{ from: '7.1', to: '7.1.999', cuda: [...one('10.2'), ['11.0', '11.0']], capability: '3.0', newest: '8.0' },
    source: ampere,
  },
  {
    ...{ from: '7.2', to: '7.2.999', cuda: [...one('10.2'), ['11.0', '11.2']], capability: '3.5', newest: '8.6' },
    source: ampere,
  },
  {
    from: '8.0',
    to: '8.0.999',
    cuda: [
      ['10.2', '10.2'],
      ['11.0', '11.3'],
    ],
    capability: '3.5',
    newest: '8.7',
    source: deprecated('8.0.3', '2021-09'),
  },
  {
    from: '8.2',
    to: '8.4.999',
    cuda: [
      ['10.2', '10.2'],
      ['11.0', '11.5'],
    ],
    capability: '3.5',
    newest: '8.7',
    source: deprecated('8.2.5', '2022-05'),
  },
  {
    from: '8.5',
    to: '8.5.999',
    cuda: [
      ['10.2', '10.2'],
      ['11.0', '11.8'],
    ],
    capability: '3.5',
    newest: '9.0',
    source: deprecated('8.5.3', '2023-01'),
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
  { from: '11.0', to: '11.2.999', cuda: [['13.0', '13.3']], capability: '7.5', source: trt('11.1', '2026-11') },
  { from: '11.3', to: '11.4.999', cuda: [['13.0', '13.4']], capability: '7.5', source: trt('11.3', '2026-11') },
  { from: '11.5', to: '11.5.999', cuda: [['13.0', '13.5']], capability: '7.5', source: trt('11.5', '2026-11') },
];

/** Python distributions of a TensorRT for one major of CUDA, whatever the release was built for beside it. */
export const tensorRtWheels: readonly { readonly distribution: string; readonly cudaMajor: number }[] = [
  { distribution: 'tensorrt-cu11', cudaMajor: 11 },
  { distribution: 'tensorrt-cu12', cudaMajor: 12 },
  { distribution: 'tensorrt-cu13', cudaMajor: 13 },
];
export const tensorRtWheelSource: Source = {
  title:
    'PyPI, tensorrt-cu11 10.1.0 to 10.13.0, tensorrt-cu12 10.0.1 to 11.4.0 and tensorrt-cu13 10.13.2 to 11.4.0; tensorrt requires the former up to 10.13.0, and the latter from 10.13.2 on',
  url: 'https://pypi.org/project/tensorrt-cu12/#history',
  date: '2026-11-30',
};

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
