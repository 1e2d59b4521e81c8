import type { Source } from './source.ts';

/** Table A: the Linux driver that a CUDA toolkit was released with. */
export interface CudaDriver {
  /** `12.4`. */
  readonly cuda: string;
  /** Branch of the driver (`550`): the first number of its version. */
  readonly branch: number;
  /** Driver at the first release; null where only the branch is published. */
  readonly firstDriver: string | null;
  /** Driver at the last update of the toolkit; null where there was none, or it is not known. */
  readonly lastDriver: string | null;
  readonly source: Source;
}

export const releaseNotes: Source = {
  title: 'CUDA Toolkit 13.1 release notes, "CUDA Toolkit and Corresponding Driver Versions"',
  url: 'https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html',
  date: '2025-12-04',
};
/** The last notes whose table goes back to CUDA 7. */
const olderNotes: Source = {
  title: 'CUDA Toolkit 11.6 release notes, "CUDA Toolkit and Corresponding Driver Versions"',
  url: 'https://docs.nvidia.com/cuda/archive/11.6.0/cuda-toolkit-release-notes/index.html',
  date: '2022-01-12',
};
const forwardPage: Source = {
  title: 'CUDA Compatibility, "Forward Compatibility", release 615',
  url: 'https://docs.nvidia.com/deploy/cuda-compatibility/615/forward-compatibility.html',
  date: '2026-09-09',
};

const row = (
  cuda: string,
  firstDriver: string,
  lastDriver: string | null = null,
  source = releaseNotes,
): CudaDriver => ({
  cuda,
  branch: Number(firstDriver.split('.')[0]),
  firstDriver,
  lastDriver,
  source,
});
/** The branch is published, the exact driver of the release was not found. */
const branchOnly = (cuda: string, branch: number): CudaDriver => ({
  cuda,
  branch,
  firstDriver: null,
  lastDriver: null,
  source: forwardPage,
});

const older = (cuda: string, firstDriver: string, lastDriver: string | null = null): CudaDriver =>
  row(cuda, firstDriver, lastDriver, olderNotes);

export const cudaDrivers: readonly CudaDriver[] = [
  older('7.0', '346.46'),
  older('7.5', '352.31'),
  older('8.0', '367.48', '375.26'),
  older('9.0', '384.81'),
  // Older notes name 387.26 for 9.1, and later ones 390.46.
  older('9.1', '387.26', '390.46'),
  older('9.2', '396.26', '396.37'),
  older('10.0', '410.48'),
  older('10.1', '418.39'),
  older('10.2', '440.33'),
  row('11.0', '450.51.05', '450.51.06'),
  row('11.1', '455.23', '455.32'),
  row('11.2', '460.27.03', '460.32.03'),
  row('11.3', '465.19.01'),
  row('11.4', '470.42.01', '470.82.01'),
  row('11.5', '495.29.05'),
  row('11.6', '510.39.01', '510.47.03'),
  row('11.7', '515.43.04', '515.48.07'),
  row('11.8', '520.61.05'),
  row('12.0', '525.60.13', '525.85.12'),
  row('12.1', '530.30.02'),
  row('12.2', '535.54.03', '535.104.05'),
  row('12.3', '545.23.06', '545.23.08'),
  row('12.4', '550.54.14', '550.54.15'),
  row('12.5', '555.42.02', '555.42.06'),
  row('12.6', '560.28.03', '560.35.05'),
  row('12.8', '570.26', '570.124.06'),
  row('12.9', '575.51.03', '575.57.08'),
  row('13.0', '580.65.06', '580.95.05'),
  row('13.1', '590.44.01'),
  branchOnly('13.2', 595),
  branchOnly('13.3', 610),
  branchOnly('13.4', 615),
];

/** First branch whose `nvidia-smi` tells the CUDA version. Of older drivers it is that of the newest toolkit which they are for. */
export const cudaToldFrom: { readonly branch: number; readonly source: Source } = {
  branch: 410,
  source: {
    title:
      'NVIDIA/nvidia-docker issues 931 and 955: nvidia-smi of 390.77 tells no CUDA version, that of 410.72 tells 10.0; CUDA 11.6 release notes, driver table',
    url: 'https://github.com/NVIDIA/nvidia-docker/issues/931',
    date: '2019-03',
    // That 410 is the first is concluded from reports with both.
    inferred: true,
  },
};

/**
 * Drivers of a Jetson before JetPack 6 have the number of their release of Jetson Linux (`35.4.1`), which no driver of table A has. What they speak is known, and no
 * number can be compared.
 */
export const jetsonReleases: { readonly below: number; readonly source: Source } = {
  below: 100,
  source: {
    title:
      'NVIDIA Jetson Linux archive: R32 is of CUDA 10.2, R34 and R35 are of 11.4; /proc/driver/nvidia/version names the release',
    url: 'https://developer.nvidia.com/embedded/jetson-linux-archive',
    date: '2026-11',
  },
};

/** Minor-version compatibility: from this driver on, every toolkit of the major runs, with limits. */
export interface MinorVersionFloor {
  readonly cudaMajor: number;
  readonly driver: string;
  readonly source: Source;
}

const minorVersionPage: Source = {
  title: 'CUDA Compatibility, "Minor Version Compatibility", table 1',
  url: 'https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html',
  date: '2026-11',
};

/** CUDA 11.0 came with 450.51, and the floor of 11.x is 450.80.02: the note under table 1. Before 11 there is none. */
export const minorVersionFloors: readonly MinorVersionFloor[] = [
  { cudaMajor: 11, driver: '450.80.02', source: minorVersionPage },
  { cudaMajor: 12, driver: '525', source: minorVersionPage },
  { cudaMajor: 13, driver: '580', source: minorVersionPage },
];

/** PTX that a newer toolkit wrote is refused by the driver's compiler under minor-version compatibility (error 222). */
export const ptxLimit: Source = minorVersionPage;
