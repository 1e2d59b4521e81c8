import type { Source } from '../source.ts';

/** A shared library whose users ask for symbols of their own minor version, so that an older copy does not serve them. */
export interface OrderedLibrary {
  /** Name of the file up to `.so`. */
  readonly library: string;
  readonly source: Source;
}

/** Versions are compared by major and minor number. */
export const orderedLibraries: readonly OrderedLibrary[] = [
  {
    library: 'libnvJitLink',
    source: {
      title:
        'PyTorch issues 111469, 131312 and 134929: undefined symbol __nvJitLinkAddData_12_1 of an older libnvJitLink',
      url: 'https://github.com/pytorch/pytorch/issues/111469',
      date: '2024-11-25',
    },
  },
  {
    library: 'libcudnn',
    source: {
      title: 'PyTorch, torch/backends/cudnn: the minor version that was found may not be below that of the build',
      url: 'https://github.com/pytorch/pytorch/blob/main/torch/backends/cudnn/__init__.py',
      date: '2026-11',
      // The check was read in the sources of several versions, and not for each.
      inferred: true,
    },
  },
  {
    library: 'libnccl',
    source: {
      title: 'PyTorch issues 119932 and 120186: undefined symbol ncclCommRegister of an older NCCL',
      url: 'https://github.com/pytorch/pytorch/issues/119932',
      date: '2024-02-15',
    },
  },
];

/** A part of cuDNN that some versions open by name and do not bring. */
export interface CudnnPart {
  /** Name of the file up to `.so`. */
  readonly part: string;
  /** First version that opens the part. */
  readonly from: string;
  /** First version that brings it. */
  readonly before: string;
  readonly source: Source;
}

export const cudnnParts: readonly CudnnPart[] = [
  {
    part: 'libcudnn_engines_tensor_ir',
    from: '9.20',
    before: '9.23',
    source: {
      title:
        'PyTorch issues 185512 and 188892: cuDNN 9.20 opens libcudnn_engines_tensor_ir, which 9.23 is the first to bring',
      url: 'https://github.com/pytorch/pytorch/issues/188892',
      date: '2026-07-06',
    },
  },
];

/** Libraries of wheels lie in folders of their own below these. */
export const wheelPath = String.raw`(?:^|/)(?:site|dist)-packages/`;

export const stubSource: Source = {
  title: 'CUDA Driver API, CUDA_ERROR_STUB_LIBRARY (34); xmake issue 4686, nvidia-container-toolkit issue 668',
  url: 'https://github.com/xmake-io/xmake/issues/4686',
  date: '2024-08-26',
};

export const sonameSource: Source = {
  title:
    'ld.so(8): a library is found by its SONAME, which holds the major; SGLang issues 16052 and 29646 (libnvrtc.so.12)',
  url: 'https://github.com/sgl-project/sglang/issues/29646',
  date: '2026-06-29',
};
