import type { Source } from './source.ts';

/** First driver branch that opens device code compressed by zstd. */
export const zstdBranch = 550;
export const zstdDriver: Source = {
  title: 'RAPIDS CMake, rapids_cuda_enable_fatbin_compression: "balanced" of CUDA 12 needs driver 550.54.14',
  url: 'https://docs.rapids.ai/api/rapids-cmake/stable/command/rapids_cuda_enable_fatbin_compression',
  date: '2025-10',
};

/** A library whose own build compresses by zstd unless whoever builds it says otherwise. */
export interface CompressedBuild {
  /** Regular expression over the path in the image. */
  readonly path: string;
  /** First CUDA toolkit whose compiler can do it. */
  readonly fromCuda: string;
  readonly source: Source;
}

export const compressedBuilds: readonly CompressedBuild[] = [
  {
    path: String.raw`/libggml-cuda[^/]*\.so`,
    fromCuda: '12.8',
    source: {
      title: 'ggml, CMakeLists.txt: GGML_CUDA_COMPRESSION_MODE is "size" by default, from CUDA 12.8 on',
      url: 'https://github.com/ggml-org/llama.cpp/blob/master/ggml/CMakeLists.txt',
      date: '2026-11',
    },
  },
];
