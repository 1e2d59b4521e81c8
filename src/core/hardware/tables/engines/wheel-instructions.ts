import type { Source } from '../source.ts';

/** Flags of the CPU that the published wheel of a Python distribution needs, on x86-64. */
export interface WheelInstructions {
  readonly distribution: string;
  readonly from: string;
  /** Null for the newest. */
  readonly to: string | null;
  /** As /proc/cpuinfo writes them. */
  readonly flags: readonly string[];
  readonly source: Source;
}

const tensorflow: Source = {
  title: 'TensorFlow 1.6, release notes: prebuilt binaries use AVX; issue 19104',
  url: 'https://github.com/tensorflow/tensorflow/issues/19104',
  date: '2018-05-05',
};
const jaxlib: Source = {
  title: 'JAX issues 6671 and 31723: "This version of jaxlib was built using AVX instructions", from 0.1.62 on',
  url: 'https://github.com/jax-ml/jax/issues/31723',
  date: '2025-09-10',
};
const numpy: Source = {
  title: 'NumPy issue 31939 and Dify issue 30348: "NumPy was built with baseline optimizations: (X86_V2)", from 2.4 on',
  url: 'https://github.com/numpy/numpy/issues/31939',
  date: '2026-07',
  // The reports begin with 2.4, which none of them names as the first.
  inferred: true,
};
const secondLevel = ['cx16', 'lahf_lm', 'popcnt', 'pni', 'sse4_1', 'sse4_2', 'ssse3'];

export const wheelInstructions: readonly WheelInstructions[] = [
  { distribution: 'tensorflow', from: '1.6', to: null, flags: ['avx'], source: tensorflow },
  { distribution: 'tensorflow-gpu', from: '1.6', to: null, flags: ['avx'], source: tensorflow },
  { distribution: 'jaxlib', from: '0.1.62', to: null, flags: ['avx'], source: jaxlib },
  { distribution: 'numpy', from: '2.4', to: null, flags: secondLevel, source: numpy },
];

/**
 * Libraries that are built for the CPU of whoever builds them, unless they are told otherwise: regular expression over the path in
 * the image. Those with a CPU in their name are chosen when they are opened, and Ollama brings one for each kind of CPU.
 */
export const builtForOneCpu = String.raw`^(?!.*/ollama/).*/(?:(?:libggml|libllama|libwhisper|libstable-diffusion)[^/]*\.so|(?:llama-server|llama-cli|whisper-server|sd-server|sd-cli)$)`;
const oneCpu = new RegExp(builtForOneCpu);

/** Whether a path of an image is that of such a library or program. */
export const isBuiltForOneCpu = (path: string): boolean => oneCpu.test(`/${path}`);

/**
 * Programs by which Ollama computes on a device, and the flag of the CPU that the name of their folder asks for: regular expression over the
 * path in the image.
 */
export const ollamaRunner = String.raw`/ollama/runners/cuda_v\d+[^/_]*(?:_(?<flag>avx2?))?/`;
export const ollamaRunnerSource: Source = {
  title:
    'Ollama issue 8606: the runners for CUDA are built with AVX (cuda_v12_avx), and a CPU without it gets that for the CPU alone',
  url: 'https://github.com/ollama/ollama/issues/8606',
  date: '2025-01-28',
};

/**
 * The library by which Ollama before its runners computed on a device: one file, whose published build asks for AVX. Ollama itself then leaves a device
 * alone beside a CPU without it.
 */
export const ollamaServer = String.raw`/(?:ollama|payloads|llm)/(?:[^/]+/)*cuda[^/]*/(?:[^/]+/)*libext_server\.so$`;
export const ollamaServerFlags: readonly string[] = ['avx'];
export const ollamaServerSource: Source = {
  title:
    'Ollama issues 2332, 2187 and 2903: "CPU does not have AVX or AVX2, disabling GPU support"; a build with -DLLAMA_AVX=off runs',
  url: 'https://github.com/ollama/ollama/issues/2332',
  date: '2024-03-05',
};

/** Flags that such a build may use. */
export const builderFlags: readonly string[] = ['avx', 'avx2', 'bmi2', 'f16c', 'fma', 'avx512f'];
export const builtForOneCpuSource: Source = {
  title:
    'llama.cpp, ggml/CMakeLists.txt: GGML_NATIVE is on by default; llama-cpp-python issues 70 and 272; stable-diffusion.cpp issues 276 and 1351',
  url: 'https://github.com/ggml-org/llama.cpp/blob/master/ggml/CMakeLists.txt',
  date: '2026-11',
};
