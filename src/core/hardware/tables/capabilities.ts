import type { Source } from './source.ts';

/** Table C: which CUDA and which drivers know a compute capability. */
export interface Capability {
  readonly capability: string;
  readonly architecture: string;
  /** First toolkit that compiles for it. */
  readonly firstCuda: string;
  /** Last major of the toolkit that compiles for it; null while it goes on. */
  readonly lastCudaMajor: number | null;
  /** Last driver branch that runs it; null while it goes on. */
  readonly lastDriverBranch: number | null;
  /** A Jetson or Drive system on chip: no binary compatibility with other capabilities of its major. */
  readonly tegra: boolean;
  readonly source: Source;
}

const table: Source = {
  title:
    'CUDA Compatibility, frequently asked questions, hardware generations; CUDA 13.0 release notes, removed architectures',
  url: 'https://docs.nvidia.com/deploy/cuda-compatibility/frequently-asked-questions.html',
  date: '2026-11',
};
const row = (
  capability: string,
  architecture: string,
  firstCuda: string,
  last: { readonly cudaMajor: number; readonly driverBranch: number } | null = null,
  tegra = false,
): Capability => ({
  capability,
  architecture,
  firstCuda,
  lastCudaMajor: last?.cudaMajor ?? null,
  lastDriverBranch: last?.driverBranch ?? null,
  tegra,
  // Tegra, and the toolkits of 10.3 and 12.1, are not in those lists.
  source: tegra || capability === '10.3' || capability === '12.1' ? { ...table, inferred: true } : table,
});

/** CUDA 13.0 took Maxwell, Pascal and Volta out of compilers and libraries; R580 is the last branch that drives them. */
const removedIn13 = { cudaMajor: 12, driverBranch: 580 };

/** CUDA 12.0 took Kepler out; R470 is the last branch that drives it. */
const removedIn12 = { cudaMajor: 11, driverBranch: 470 };

export const capabilities: readonly Capability[] = [
  row('3.0', 'Kepler', '6.0', { cudaMajor: 10, driverBranch: 470 }),
  row('3.5', 'Kepler', '6.0', removedIn12),
  row('3.7', 'Kepler', '6.0', removedIn12),
  row('5.0', 'Maxwell', '6.5', removedIn13),
  row('5.2', 'Maxwell', '6.5', removedIn13),
  row('5.3', 'Maxwell', '6.5', removedIn13, true),
  row('6.0', 'Pascal', '8.0', removedIn13),
  row('6.1', 'Pascal', '8.0', removedIn13),
  row('6.2', 'Pascal', '8.0', removedIn13, true),
  row('7.0', 'Volta', '9.0', removedIn13),
  row('7.2', 'Volta', '9.2', removedIn13, true),
  row('7.5', 'Turing', '10.0'),
  row('8.0', 'Ampere', '11.0'),
  row('8.6', 'Ampere', '11.1'),
  row('8.7', 'Ampere', '11.4', null, true),
  row('8.9', 'Ada Lovelace', '11.8'),
  row('9.0', 'Hopper', '11.8'),
  row('10.0', 'Blackwell', '12.8'),
  row('10.1', 'Blackwell', '12.8', null, true),
  row('10.3', 'Blackwell', '12.9'),
  row('11.0', 'Blackwell', '13.0', null, true),
  row('12.0', 'Blackwell', '12.8'),
  row('12.1', 'Blackwell', '12.9'),
];

/** Rules 4 of the kernels: which machine code runs where, and what is compiled when it is loaded. */
export const kernelRules: Readonly<Record<'binary' | 'ptx' | 'architecture' | 'family' | 'tegra', Source>> = {
  binary: {
    title: 'CUDA Programming Guide, "Binary Compatibility": same major, equal or higher minor',
    url: 'https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#binary-compatibility',
    date: '2026-11',
  },
  ptx: {
    title: 'CUDA Programming Guide, "PTX Compatibility": any equal or later capability',
    url: 'https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#ptx-compatibility',
    date: '2026-11',
  },
  architecture: {
    title: 'CUDA Programming Guide, "Architecture-Specific Features": the suffix a is that capability only',
    url: 'https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/compute-capabilities.html',
    date: '2025-12-15',
  },
  family: {
    title: 'CUDA Programming Guide, "Family-Specific Features": the suffix f is the same major, equal or higher minor',
    url: 'https://docs.nvidia.com/cuda/cuda-programming-guide/05-appendices/compute-capabilities.html',
    date: '2025-12-15',
  },
  tegra: {
    title:
      'CUDA C++ Programming Guide, "Binary Compatibility", note: desktop only, neither for Tegra nor between the two',
    url: 'https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#binary-compatibility',
    date: '2026-11',
  },
};
