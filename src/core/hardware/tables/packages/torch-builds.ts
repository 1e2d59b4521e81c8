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
  'tensorrt-cu12',
  'tensorrt-cu13',
  'transformers',
];
