import type { Source } from '../source.ts';

/**
 * Older builds of GGML (llama.cpp, whisper.cpp) choose kernels by the capability of the device, and not by what they were compiled for.
 * Where all code for a device was compiled for less than `least`, its kernels are empty: "no device code compatible with CUDA arch 520".
 */
export const ggmlCode: {
  readonly path: string;
  readonly least: string;
  readonly distribution: string;
  readonly mended: string;
  readonly source: Source;
} = {
  path: String.raw`(?:^|/)(?:libggml|libllama)[^/]*\.so`,
  least: '6.1',
  /** The only one that tells a version. */
  distribution: 'llama-cpp-python',
  mended: '0.3.8',
  source: {
    title:
      'llama.cpp pull request 11775: the list of compiled architectures decides, from 2025-02-11 on; issues 5686 and 6529, nextcloud/llm2 issue 52',
    url: 'https://github.com/ggml-org/llama.cpp/pull/11775',
    date: '2025-02-11',
    // The release of llama-cpp-python is the first after that date.
    inferred: true,
  },
};
