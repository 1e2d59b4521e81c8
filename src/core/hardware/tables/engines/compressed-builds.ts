import type { Source } from '../source.ts';

/** First driver branch that opens device code compressed by zstd. */
export const zstdBranch = 550;
export const zstdDriver: Source = {
  title: 'RAPIDS CMake, rapids_cuda_enable_fatbin_compression: "balanced" of CUDA 12 needs driver 550.54.14',
  url: 'https://docs.rapids.ai/api/rapids-cmake/stable/command/rapids_cuda_enable_fatbin_compression',
  date: '2025-10',
};

/** First CUDA toolkit whose compiler can compress by zstd (nvcc -compress-mode). */
export const zstdToolkit = '12.8';

/** How a published library is compressed where it was not read. */
export interface PublishedCompression {
  /** Regular expression over the path in the image. */
  readonly path: string;
  /** `unknown`: by zstd unless whoever builds it says otherwise. */
  readonly zstd: 'no' | 'unknown';
  /** First toolkit for which it no longer holds; null where it goes on. */
  readonly beforeCuda: string | null;
  readonly source: Source;
}

export const publishedCompressions: readonly PublishedCompression[] = [
  {
    path: String.raw`/libggml-cuda[^/]*\.so`,
    zstd: 'unknown',
    beforeCuda: null,
    source: {
      title: 'ggml, CMakeLists.txt: GGML_CUDA_COMPRESSION_MODE is "size" by default, from CUDA 12.8 on',
      url: 'https://github.com/ggml-org/llama.cpp/blob/master/ggml/CMakeLists.txt',
      date: '2026-11',
    },
  },
  {
    path: String.raw`/torch/lib/lib[^/]*\.so`,
    zstd: 'no',
    beforeCuda: '13.0',
    source: {
      title: 'PyTorch, .ci/manywheel/build_cuda.sh: -compress-mode=size from CUDA 13.0 on; eullm issue 428',
      url: 'https://github.com/pytorch/pytorch/blob/main/.ci/manywheel/build_cuda.sh',
      date: '2026-11',
      inferred: true,
    },
  },
];
