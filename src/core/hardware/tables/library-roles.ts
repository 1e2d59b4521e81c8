import type { Source } from './source.ts';

/**
 * What a library with device code is to the program that loads it.
 *
 * | role | a device without a kernel in it |
 * |---|---|
 * | `required` (any library that no row names) | cannot run the service |
 * | `shard` | needs a kernel in one of the libraries of the group |
 * | `optional` | runs on; that one feature is missing, and it is said |
 *
 * An optional library that is `loaded` is used wherever it holds something for the device: PTX in it must then be compiled.
 * One with `fallbacks` is optional only beside a program of that list, which chooses another library; else it is required.
 */
export interface LibraryRole {
  /** Regular expression over the path in the image. */
  readonly path: string;
  readonly role: 'shard' | 'optional';
  /** Shards of one group stand in for one another. */
  readonly group?: string;
  readonly loaded?: true;
  /** Names of Python distributions, or of folders that their libraries lie in. */
  readonly fallbacks?: readonly string[];
  /** Required where the image holds no library that is: then it is the program that the image is for. */
  readonly requiredAlone?: true;
  /** Belongs to no program that computes, so that it tells nothing of what else the image holds. */
  readonly tool?: true;
  readonly reason: string;
  readonly source: Source;
}

/** How a program loads its libraries is seldom written down: concluded from what it ships and from its sources. */
const layout = (what: string, url: string): Source => ({ title: what, url, date: '2026-11', inferred: true });
const tensorRt = layout(
  'TensorRT 10 packages: builder resources are split by architecture',
  'https://docs.nvidia.com/deeplearning/tensorrt/latest/',
);
const toolkit = layout(
  'CUDA Toolkit, components',
  'https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html',
);
const vllm = layout(
  'vLLM, CMakeLists.txt and vllm/attention/utils/fa_utils.py',
  'https://github.com/vllm-project/vllm',
);

export const libraryRoles: readonly LibraryRole[] = [
  {
    path: String.raw`/libnvinfer_builder_resource(?:_win)?_(?:sm\d+|ptx)\.so`,
    role: 'shard',
    group: 'libnvinfer_builder_resource',
    reason: 'one file for each architecture; the builder opens that of the device',
    source: tensorRt,
  },
  {
    path: String.raw`/libnvinfer_(?:lean|dispatch)\.so`,
    role: 'optional',
    reason: 'only version-compatible engines load it',
    source: tensorRt,
  },
  {
    path: String.raw`/libbitsandbytes_cuda\d+[^/]*\.so`,
    role: 'shard',
    group: 'libbitsandbytes_cuda',
    reason: 'one file for each CUDA version; the loader opens one',
    source: layout('bitsandbytes, cextension.py', 'https://github.com/bitsandbytes-foundation/bitsandbytes'),
  },
  {
    path: String.raw`/sgl_kernel/sm\d+/`,
    role: 'shard',
    group: 'sgl_kernel',
    reason: 'one folder for each architecture; the loader opens that of the device',
    source: layout('sgl-kernel, load_utils.py', 'https://github.com/sgl-project/sglang'),
  },
  {
    path: String.raw`/libcusparseLt\.so`,
    role: 'optional',
    reason: 'structured sparsity only, from capability 8.0 on; torch links it without using it elsewhere',
    source: layout('cuSPARSELt documentation, supported hardware', 'https://docs.nvidia.com/cuda/cusparselt/'),
  },
  {
    path: String.raw`/(?:_vllm_fa3_C|_vllm_fa2_C)[^/]*\.so`,
    role: 'optional',
    loaded: true,
    reason: 'attention kernels for some architectures; vLLM chooses another backend elsewhere',
    source: vllm,
  },
  {
    path: String.raw`/(?:_flashmla_C|_flashmla_extension_C)[^/]*\.so`,
    role: 'optional',
    reason: 'attention kernels of models with latent attention; no other model loads them',
    source: vllm,
  },
  {
    path: String.raw`/xformers/(?:_C_flashattention|flash_attn_3)`,
    role: 'optional',
    loaded: true,
    reason: 'attention kernels from capability 8.0 or 9.0 on; xFormers chooses another operator elsewhere',
    source: layout('xFormers, ops/fmha/dispatch.py', 'https://github.com/facebookresearch/xformers'),
  },
  {
    path: String.raw`/(?:flash_attn_2_cuda|flash_attn_3|flash_attn_interface|fused_dense_lib)[^/]*\.so`,
    role: 'optional',
    loaded: true,
    fallbacks: ['vllm', 'sglang', 'transformers', 'text-generation-server', 'diffusers'],
    reason: 'attention kernels from capability 8.0 or 9.0 on; the framework chooses another backend elsewhere',
    source: layout('flash-attention, README', 'https://github.com/Dao-AILab/flash-attention'),
  },
  {
    path: String.raw`/ollama/mlx_cuda_v\d+/`,
    role: 'optional',
    reason: 'the engine MLX of Ollama; models of other formats do not load it',
    source: layout('Ollama, mlx_cuda_v13 beside cuda_v13', 'https://github.com/ollama/ollama'),
  },
  {
    path: String.raw`/libnvshmem|/nvshmem_bootstrap|/libnccl-net|/libcusolverMg\.so|/libcutensorMg\.so`,
    role: 'optional',
    reason: 'communication or solving over several devices; a replica on one device does not load it',
    source: toolkit,
  },
  {
    path: String.raw`/cuda[^/]*/(?:samples|extras/demo_suite)/`,
    role: 'optional',
    requiredAlone: true,
    reason: 'samples of the toolkit; nothing that serves loads them',
    source: toolkit,
  },
  {
    path: String.raw`/libcupti\.so|/libnvperf|/libcheckpoint\.so|/nsight[^/]*/|/compute-sanitizer/|/cuda[^/]*/extras/`,
    role: 'optional',
    tool: true,
    reason: 'profilers and debuggers; nothing that serves loads them',
    source: toolkit,
  },
  {
    path: String.raw`/compat/(?:[^/]*/)?lib(?:cuda|nvidia-)`,
    role: 'optional',
    tool: true,
    reason: 'libraries of a driver, with kernels of their own use',
    source: toolkit,
  },
];
