import type { Sharing } from '../../../core/contract/contract.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';
import type { Answer } from '../states/state-cases.ts';

const tensorflow = 'TensorFlow, "Use a GPU" (2023-11); k8s-device-plugin issue 461 (2023-11-30)';
const growth = 'tensorflow/docs pull request 558 (2019-05-07)';
const jax = 'JAX, "GPU memory allocation" (2026-07-10)';
const vllm = 'vLLM issue 20305 (2025-07-01); engine arguments, --gpu-memory-utilization';

const native: Answer = ['native', 'driver-native'];
const open: Answer = ['unknown', 'memory-takers'];
const t4 = 'T4 550.54.14 12.4';

const row = (
  name: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  {
    replicas = 4,
    sharing = 'time-slicing',
    ...rest
  }: Partial<CaseRow> & { readonly replicas?: number | null; readonly sharing?: Sharing } = {},
): CaseRow => ({
  name,
  device: t4,
  deviceFacts: { sharing, ...(replicas === null ? {} : { replicas }) },
  image: { cuda: '12.3', ...image },
  model: { format: 'unknown', weightsBytes: 1_000_000, precisions: ['fp16'] },
  hardware: { memoryGib: 2, sharing: ['time-slicing', 'exclusive', 'mps'] },
  compatibility,
  rule,
  source,
  ...rest,
});

const tf: ImageRow = { python: { tensorflow: '2.16.1' }, components: { cudnn: '8.9.7' } };
const ofJax: ImageRow = { python: { jax: '0.4.30' } };
const ofVllm: ImageRow = { python: { vllm: '0.8.5', torch: '2.6.0+cu124' }, compilers: ['usr/bin/gcc'], cuda: '12.4' };

/** Programs that take memory of a board that is handed out in turn. */
export const memoryTakerCases: readonly CaseRow[] = [
  row('TensorFlow on a board that is handed out in turn', tf, open, tensorflow, { says: 'takes 100% of the memory' }),
  row('TensorFlow that grows', { ...tf, env: { TF_FORCE_GPU_ALLOW_GROWTH: 'true' } }, native, growth),
  row('TensorFlow that is told not to grow', { ...tf, env: { TF_FORCE_GPU_ALLOW_GROWTH: 'false' } }, open, growth),
  row('TensorFlow on a board of its own', tf, native, tensorflow, { sharing: 'exclusive', replicas: null }),
  row('TensorFlow on a board that is handed out in turn to one', tf, native, tensorflow, { replicas: 1 }),
  row('TensorFlow on a board that is handed out in turn to nobody knows how many', tf, open, tensorflow, {
    replicas: null,
  }),
  row(
    'TensorFlow beside vLLM, which computes',
    { ...ofVllm, python: { ...ofVllm.python, tensorflow: '2.16.1' } },
    native,
    vllm,
    {
      args: ['--gpu-memory-utilization=0.25'],
    },
  ),
  row('JAX on a board that is handed out in turn', ofJax, open, jax),
  row('JAX that takes what it needs', { ...ofJax, env: { XLA_PYTHON_CLIENT_PREALLOCATE: 'False' } }, native, jax),
  row(
    'JAX by the allocator of the platform',
    { ...ofJax, env: { XLA_PYTHON_CLIENT_ALLOCATOR: 'platform' } },
    native,
    jax,
  ),
  row(
    'JAX that takes a quarter, of a board for four',
    { ...ofJax, env: { XLA_PYTHON_CLIENT_MEM_FRACTION: '.25' } },
    native,
    jax,
  ),
  row('JAX that takes a third, of a board for four', { ...ofJax, env: { XLA_CLIENT_MEM_FRACTION: '.33' } }, open, jax),
  row('vLLM on a board that is handed out in turn', ofVllm, open, vllm, { says: 'takes 90% of the memory' }),
  row('vLLM that takes half, of a board for two', ofVllm, native, vllm, {
    replicas: 2,
    args: ['--gpu-memory-utilization', '0.5'],
  }),
  row('vLLM that takes half, of a board for four', ofVllm, open, vllm, { args: ['--gpu_memory_utilization=0.5'] }),
  row('vLLM that takes all', ofVllm, open, vllm, {
    args: ['--gpu-memory-utilization', '1.0'],
    says: 'takes 100% of the memory',
  }),
  row('JAX with a share of more than all', { ...ofJax, env: { XLA_PYTHON_CLIENT_MEM_FRACTION: '1.5' } }, open, jax, {
    says: 'takes 75% of the memory',
  }),
  row('JAX with a share of nothing', { ...ofJax, env: { XLA_PYTHON_CLIENT_MEM_FRACTION: '0' } }, open, jax),
  row('vLLM with a share that is none', ofVllm, open, vllm, { args: ['--gpu-memory-utilization=much'] }),
  row(
    'PyTorch alone, which takes what it needs',
    { python: { torch: '2.6.0+cu124' }, cuda: '12.4' },
    native,
    tensorflow,
  ),
];
