import type { TorchAbi } from '../../../image/image-facts.ts';
import type { Source } from '../source.ts';

/** Versions of torch whose wheel for Arm on PyPI holds no CUDA; one that does says so in its version (`2.8.0+cu128`). */
export const armWithoutCuda: { readonly to: string; readonly source: Source } = {
  to: '2.10',
  source: {
    title: 'PyTorch issues 160162 and 168065: the wheels for aarch64 on PyPI are for the CPU',
    url: 'https://github.com/pytorch/pytorch/issues/160162',
    date: '2025-11-18',
  },
};
export const cpuBuild: Source = {
  title: 'PyTorch, "Get Started": wheels of the index for the CPU end in +cpu, and hold no CUDA',
  url: 'https://pytorch.org/get-started/locally/',
  date: '2026-11',
};
/** Programs that compute by torch. */
export const torchEngines: readonly string[] = [
  'vllm',
  'sglang',
  'text-generation-server',
  'transformers',
  'diffusers',
  'exllamav2',
  'exllamav3',
];
/** Programs that use accelerators without torch, which may lie beside a torch that prepares data on the CPU. */
export const otherEngines: readonly string[] = [
  'onnxruntime-gpu',
  'tensorrt',
  'tensorrt-cu11',
  'tensorrt-cu12',
  'tensorrt-cu13',
  'tensorflow',
  'llama-cpp-python',
  'ctranslate2',
  'jax',
];
/** Programs that may lie beside TensorFlow where it computes: TensorRT, which it calls, and Transformers, which calls it. */
export const ofTensorflow: readonly string[] = [
  'tensorflow',
  'tensorflow-gpu',
  'tensorrt',
  'tensorrt-cu11',
  'tensorrt-cu12',
  'tensorrt-cu13',
  'transformers',
];

/** C++ ABI of the wheels of torch for x86-64. */
export const torchAbis: readonly {
  readonly from: string;
  readonly to: string | null;
  /** Builds (`cu126` of `2.6.0+cu126`, or none); every one where left out. */
  readonly builds?: readonly string[];
  readonly abi: TorchAbi;
}[] = [
  { from: '1', to: '2.5', abi: 'old' },
  { from: '2.6', to: '2.6', builds: ['', 'cu118', 'cu124'], abi: 'old' },
  { from: '2.6', to: '2.6', builds: ['cu126'], abi: 'cxx11' },
  { from: '2.7', to: null, abi: 'cxx11' },
];
export const abiSource: Source = {
  title:
    'PyTorch, release notes of 2.6: wheels for CUDA 12.6 have the new C++ ABI, and all from 2.7 on; vLLM issue 13608, flash-attention issue 1691: undefined symbols',
  url: 'https://github.com/pytorch/pytorch/releases/tag/v2.6.0',
  date: '2025-06-02',
};

/** End of the version of a wheel that says which C++ ABI it was built for: `2.7.4.post1+cu12torch2.6cxx11abiFALSE`. */
export const abiLabel = '\\+.*cxx11abi(true|false)';

/**
 * Transformers of these versions imports flash-attn beside every model, whichever attention it computes by: one that does not load
 * stops the model. Later ones import it where somebody chooses it.
 */
export const attentionImport = {
  program: 'transformers',
  from: '4.34',
  to: '4.53',
  distribution: 'flash-attn',
  least: '2.1',
  library: String.raw`/flash_attn_2_cuda[^/]*\.so`,
  /** It is so where no program uses accelerators but these. */
  only: ['torch', 'transformers', 'diffusers'] as readonly string[],
  /** Programs that import models of Transformers whatever they serve. */
  importedBy: ['tensorrt-llm'] as readonly string[],
  source: {
    title:
      'Transformers, modeling_flash_attention_utils.py and modeling_llama.py of 4.34.1 to 4.54.1; flash-attention issues 723, 867, 1019 and 1250, TensorRT-LLM issue 4392: "Failed to import transformers.models"',
    url: 'https://github.com/Dao-AILab/flash-attention/issues/1019',
    date: '2025-05-16',
  } satisfies Source,
} as const;
