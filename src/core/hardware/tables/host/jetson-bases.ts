import type { Source } from '../source.ts';

/** Releases of Jetson whose images use no CUDA on another release, although the CUDA of that is newer. */
export interface JetsonBase {
  readonly base: string;
  /** CUDA of such an image is older than this, and so is its glibc, where that was read. */
  readonly cudaBelow: string;
  readonly glibcBelow: string;
  /** First numbers of the drivers of those hosts: a release of Jetson Linux, or a driver. */
  readonly hosts: readonly number[];
  readonly because: string;
  readonly source: Source;
}

const compatible = 'jetson-containers, README: containers of R32.7 run on R32.7, and those of R35 on R35';

export const jetsonBases: readonly JetsonBase[] = [
  {
    base: 'JetPack 5 or older',
    cudaBelow: '11.7',
    glibcBelow: '2.34',
    hosts: [36, 540],
    because: 'libraries of JetPack 6 need GLIBC_2.34, which its distribution lacks',
    source: {
      title: `jetson-containers issues 1077, 699 and 725: images of R35 do not use CUDA on R36; ${compatible}`,
      url: 'https://github.com/dusty-nv/jetson-containers/issues/1077',
      date: '2025-05-01',
      // No CUDA before 11.7 was published for a distribution with that glibc (nvidia/cuda and l4t-cuda on Docker Hub and NGC).
      inferred: true,
    },
  },
  {
    base: 'JetPack 4',
    cudaBelow: '11.0',
    glibcBelow: '2.31',
    hosts: [34, 35],
    because: 'it takes CUDA from its host, and JetPack 5 hands none in',
    source: {
      title: `jetson-containers issue 164: an image of R32 finds no libcurand.so.10 on JetPack 5; ${compatible}`,
      url: 'https://github.com/dusty-nv/jetson-containers/issues/164',
      date: '2022-06-19',
      inferred: true,
    },
  },
];

/** A folder that base images of Jetson name for the loader; newer images for every Arm server do so too. */
export const tegraFolder = 'usr/lib/aarch64-linux-gnu/tegra';
/** Wheels that are built for Jetson name the release of their build: `2.0.0+nv23.5`. */
export const tegraWheel = String.raw`\+nv\d\d\.\d+$`;
