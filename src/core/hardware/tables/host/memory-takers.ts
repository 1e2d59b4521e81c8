import { ofTensorflow } from '../packages/torch-builds.ts';
import type { Source } from '../source.ts';

/** A program that takes a share of the memory of a board when it starts, whatever its model needs. */
export interface MemoryTaker {
  /** Python distribution. */
  readonly of: string;
  /** Share of the memory of the board that it takes where nothing else is said. */
  readonly share: number;
  /** Arguments of `code.args`, and variables of the image, that state another share. */
  readonly arguments: readonly string[];
  readonly shares: readonly string[];
  /** Variables by which it takes what it needs, and no more. */
  readonly unless: readonly { readonly name: string; readonly values: readonly string[] }[];
  /** It counts beside these programs alone; beside others another may use the device. Left out where it always counts. */
  readonly beside?: readonly string[];
  readonly fix: string;
  readonly source: Source;
}

const tensorflow: Omit<MemoryTaker, 'of'> = {
  share: 1,
  arguments: [],
  shares: [],
  unless: [{ name: 'TF_FORCE_GPU_ALLOW_GROWTH', values: ['true'] }],
  beside: ofTensorflow,
  fix: 'TF_FORCE_GPU_ALLOW_GROWTH=true, or MIG instances',
  source: {
    title:
      'TensorFlow, "Use a GPU", limiting GPU memory growth: maps nearly all memory of all GPUs; k8s-device-plugin issue 461',
    url: 'https://www.tensorflow.org/guide/gpu',
    date: '2023-11-30',
  },
};

export const memoryTakers: readonly MemoryTaker[] = [
  { of: 'tensorflow', ...tensorflow },
  { of: 'tensorflow-gpu', ...tensorflow },
  {
    of: 'jax',
    share: 0.75,
    arguments: [],
    shares: ['XLA_CLIENT_MEM_FRACTION', 'XLA_PYTHON_CLIENT_MEM_FRACTION'],
    unless: [
      { name: 'XLA_PYTHON_CLIENT_PREALLOCATE', values: ['false', '0'] },
      { name: 'XLA_PYTHON_CLIENT_ALLOCATOR', values: ['platform'] },
    ],
    beside: ['jax'],
    fix: 'XLA_PYTHON_CLIENT_PREALLOCATE=false, a smaller XLA_CLIENT_MEM_FRACTION, or MIG instances',
    source: {
      title: 'JAX, "GPU memory allocation": 75% of the memory is taken at the first operation',
      url: 'https://docs.jax.dev/en/latest/gpu_memory_allocation.html',
      date: '2026-07-10',
    },
  },
  {
    of: 'vllm',
    share: 0.9,
    arguments: ['--gpu-memory-utilization'],
    shares: [],
    unless: [],
    fix: 'a smaller --gpu-memory-utilization, or MIG instances',
    source: {
      title:
        'vLLM, engine arguments, --gpu-memory-utilization: 0.9 by default; it stops where less is free (issue 20305)',
      url: 'https://github.com/vllm-project/vllm/issues/20305',
      date: '2025-07-01',
    },
  },
];
