import type { Digest } from '../../units/digest.ts';

/** What is inside a container image, read from its layers without running any of it. JSON-safe: the lock pins it. */
export interface ImageFacts {
  /** Digest of the manifest for the platform that was inspected. */
  readonly digest: Digest;
  readonly platform: { readonly os: string; readonly architecture: string; readonly variant?: string };
  /** Only the variables and labels that bear on hardware: `CUDA_VERSION`, `NVIDIA_*`, `CUDA_*`. */
  readonly env: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  /** CUDA runtime version (`12.4`, `12.4.127`), from the library itself where there is one. Null: none is inside. */
  readonly cuda: VersionFound | null;
  /** By component: `cudart`, `cudnn`, `nccl`, `tensorrt`, `cublas`, ... */
  readonly components: Readonly<Record<string, VersionFound>>;
  readonly python: readonly PythonDistribution[];
  /** The `cuda-compat` package; null when there is none. */
  readonly compat: CompatPackage | null;
  /** Every library with device code, sorted by path. */
  readonly libraries: readonly DeviceLibrary[];
  /** Folders that `etc/ld.so.conf` and its `.d` name, in the order of their files; absent where they were not read. */
  readonly searchPaths?: readonly string[];
  /** glibc of the image (`2.31`), from its `libc.so.6`; absent where it was not read. */
  readonly glibc?: string;
  /** Newest `GLIBCXX_` of its libstdc++ (`3.4.30`); absent where none was read. */
  readonly glibcxx?: string;
  /** Versions of shared libraries of CUDA, by their paths; empty text where none tells it. Absent where nobody listed them. */
  readonly copies?: Readonly<Record<string, string>>;
  /**
   * Libraries that are built for one CPU (see `isBuiltForOneCpu`) and use instruction sets above the base of x86-64; absent where nobody
   * looked for them.
   */
  readonly instructions?: readonly LibraryInstructions[];
  /** Paths of compilers of C and CUDA, which engines call while they run; absent where nobody looked for them. */
  readonly compilers?: readonly string[];
  /**
   * Libraries of an image for Arm that load with pages of some sizes alone: the largest page in bytes, by path. Those for pages of 64 KiB
   * are left out. Absent where nobody looked.
   */
  readonly pageSizes?: Readonly<Record<string, number>>;
  /** Libraries that ask for an executable stack (`PT_GNU_STACK`), by path; absent where nobody looked. */
  readonly execStack?: readonly string[];
  /**
   * Libraries of a driver (`libcuda.so.550.54.15`, `libnvidia-ml.so.1`) in folders that the loader searches, with the version of that driver; empty text
   * where nothing tells it. Those of `cuda-compat`, stubs and empty files are left out. Absent where nobody looked.
   */
  readonly driverFiles?: Readonly<Record<string, string>>;
  /** Highest x86-64 level that a library says it needs (`x86-64-v3`, from `.note.gnu.property`); null when none says. */
  readonly cpuLevel: { readonly level: string; readonly path: string } | null;
  /** Name of a field to the reason why it could not be read whole. */
  readonly unknown: Readonly<Record<string, string>>;
}

export interface VersionFound {
  readonly version: string;
  /** Where it was read: a path in the image, or the variable `CUDA_VERSION`. */
  readonly from: string;
}

export interface PythonDistribution {
  /** Normalised: lower case, dashes. */
  readonly name: string;
  readonly version: string;
}

export interface CompatPackage {
  /** Driver version of the compat libraries (`550.54.15`), from the name `libcuda.so.550.54.15`. */
  readonly version: string | null;
  readonly path: string;
  /** `.note.cuda.fwd_compatibility` of `libcuda.so`; null when the section is not there or not readable. */
  readonly note: CompatNote | null;
}

/** The rule that the image itself states: driver branches and NVML brand numbers that it may run on. */
export interface CompatNote {
  readonly cudaVersion: string;
  readonly drivers: readonly number[];
  readonly brands: readonly number[];
}

export interface DeviceLibrary {
  readonly path: string;
  readonly bytes: number;
  /** Distinct, sorted. */
  readonly cubins: readonly KernelTarget[];
  readonly ptx: readonly KernelTarget[];
  /** SONAMEs of CUDA libraries and of libraries of a driver that it is linked to (`libcudart.so.12`, `libnvcuvid.so.1`); absent where it names none. */
  readonly needs?: readonly string[];
  /** CUDA version that the PTX was written by (`12.8`) by PTX ISA, where it is readable. */
  readonly ptxCuda?: string;
  /** How its device code is compressed, where that was read; `zstd` where any part of it is. */
  readonly compression?: 'none' | 'lz4' | 'zstd';
  /** Newest `GLIBC_` version that it is linked to (`2.32`), where that was read. */
  readonly glibc?: string;
  /** The same of `GLIBCXX_` (`3.4.29`). */
  readonly glibcxx?: string;
  /** C++ ABI of the strings that it exchanges with torch, where its symbols tell it. */
  readonly torchAbi?: TorchAbi;
  /** Where it looks for the libraries that it needs, where that was read. */
  readonly looksIn?: LibraryFolders;
  /** Why the lists may be incomplete; undefined when they are whole. */
  readonly unknown?: string;
}

/** The string of C++ before and from GCC 5 on (`_GLIBCXX_USE_CXX11_ABI`): a library of one does not find the functions of the other. */
export type TorchAbi = 'old' | 'cxx11';

/** `DT_RPATH` or `DT_RUNPATH` of a library, as it writes them: `$ORIGIN/../lib`. The tag is `none` where it has neither. */
export interface LibraryFolders {
  readonly tag: 'rpath' | 'runpath' | 'none';
  readonly folders: readonly string[];
}

/** What the machine code of one library uses, by a bounded look at it. */
export interface LibraryInstructions {
  readonly path: string;
  /** Flags of /proc/cpuinfo: `avx`, `avx2`, `fma`, `f16c`, `avx512f`, `amx_tile`. */
  readonly flags: readonly string[];
  /** The library asks the CPU what it can, so that the flags are no demand. */
  readonly dispatches: boolean;
}

/** `sm_90a` is `{ capability: "9.0", suffix: "a" }`. */
export interface KernelTarget {
  readonly capability: string;
  readonly suffix: '' | 'a' | 'f';
}
