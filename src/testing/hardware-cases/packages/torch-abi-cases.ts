import type { TorchAbi } from '../../../core/image/image-facts.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

const source = 'PyTorch, release notes of 2.6; vLLM issue 13608 (2025-04-03); flash-attention issue 1691 (2025-06-02)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'torch-abi'];

const ofTorch = 'opt/torch/lib/libtorch_cuda.so';
const extension = 'opt/app/_C.so';
const attention = 'opt/flash_attn_2_cuda.cpython-312-x86_64-linux-gnu.so';

/** An extension of one ABI beside torch, which may tell its own. */
const row = (
  name: string,
  torch: string,
  [own, other]: readonly [own: TorchAbi | null, other: TorchAbi | null],
  [compatibility, rule]: Answer,
  { path = extension, ...more }: ImageRow & { readonly path?: string } = {},
): CaseRow => ({
  name: `an extension beside torch ${torch}: ${name}`,
  device: 'A10 580.95.05 13.0',
  image: {
    cuda: '12.4',
    libraries: { [path]: 'sm_80 sm_86 sm_90', [ofTorch]: 'sm_80 sm_86 sm_90' },
    torchAbi: { ...(own === null ? {} : { [ofTorch]: own }), ...(other === null ? {} : { [path]: other }) },
    ...more,
    python: { torch, ...more.python },
  },
  model: { format: 'safetensors', precisions: ['fp16'] },
  compatibility,
  rule,
  source,
});

/** Libraries that were built for a torch of the other C++ ABI. */
export const torchAbiCases: readonly CaseRow[] = [
  row('of the other ABI', '2.6.0+cu124', ['old', 'cxx11'], refused),
  row('of the same ABI', '2.6.0+cu124', ['old', 'old'], native),
  row('of the newer ABI, as torch', '2.7.0+cu126', ['cxx11', 'cxx11'], native),
  row('of the older ABI', '2.7.0+cu126', ['cxx11', 'old'], refused),
  row('whose ABI was not read', '2.7.0+cu126', ['cxx11', null], native),
  row('by the wheel of torch', '2.5.1+cu124', [null, 'cxx11'], refused),
  row('by the wheel of torch, of the same ABI', '2.5.1+cu124', [null, 'old'], native),
  row('by the wheel of torch for 12.6', '2.6.0+cu126', [null, 'old'], refused),
  row('by the wheel of torch for 12.6, of the same ABI', '2.6.0+cu126', [null, 'cxx11'], native),
  row('by the wheel of torch for 12.4', '2.6.0+cu124', [null, 'cxx11'], refused),
  row('by the wheel of torch of PyPI', '2.6.0', [null, 'cxx11'], refused),
  row('by the first wheel of torch with the newer ABI alone', '2.7.0+cu118', [null, 'old'], refused),
  row("by somebody's own build of torch", '2.6.0a0+df5bbc0', [null, 'cxx11'], native),
  row("that fits somebody's own build of torch not", '2.6.0a0+df5bbc0', ['cxx11', 'old'], refused),
  row('by a build of torch that no row names', '2.6.0+cpu', [null, 'cxx11'], native),
  row('for attention, beside a framework that does without', '2.6.0+cu124', ['old', 'cxx11'], native, {
    path: 'opt/flash_attn_2_cuda.so',
    python: { diffusers: '0.32.0' },
  }),
  row('for attention, beside Transformers, which imports it', '2.6.0+cu124', ['old', 'cxx11'], refused, {
    path: attention,
    python: { transformers: '4.49.0', 'flash-attn': '2.6.3' },
  }),
  row('for attention, beside the first Transformers that imports it', '2.1.2+cu121', ['old', 'cxx11'], refused, {
    path: attention,
    python: { transformers: '4.34.0', 'flash-attn': '2.3.0' },
  }),
  row('for attention, beside a Transformers before that', '2.1.2+cu121', ['old', 'cxx11'], native, {
    path: attention,
    python: { transformers: '4.33.3', 'flash-attn': '2.3.0' },
  }),
  row('for attention, beside the last Transformers that imports it', '2.6.0+cu124', ['old', 'cxx11'], refused, {
    path: attention,
    python: { transformers: '4.53.3' },
  }),
  row('for attention, beside a Transformers that imports what was chosen', '2.6.0+cu124', ['old', 'cxx11'], native, {
    path: attention,
    python: { transformers: '4.54.0', 'flash-attn': '2.7.4.post1' },
  }),
  row('for attention before 2.1, which Transformers leaves alone', '2.1.2+cu121', ['old', 'cxx11'], native, {
    path: attention,
    python: { transformers: '4.36.0', 'flash-attn': '2.0.9' },
  }),
  row('for attention of 2.1, the first that Transformers imports', '2.1.2+cu121', ['old', 'cxx11'], refused, {
    path: attention,
    python: { transformers: '4.36.0', 'flash-attn': '2.1' },
  }),
  row('for attention, of the ABI of torch, beside Transformers', '2.6.0+cu124', ['old', 'old'], native, {
    path: attention,
    python: { transformers: '4.49.0', 'flash-attn': '2.7.4.post1' },
  }),
  row(
    'for attention, beside an engine that imports no model of Transformers',
    '2.6.0+cu124',
    ['old', 'cxx11'],
    native,
    {
      path: attention,
      python: { transformers: '4.49.0', 'flash-attn': '2.7.4.post1', vllm: '0.8.4' },
    },
  ),
  row(
    'for attention, beside TensorRT-LLM, which imports models of Transformers',
    '2.7.0+cu128',
    ['cxx11', 'old'],
    refused,
    {
      path: attention,
      python: { transformers: '4.51.3', 'flash-attn': '2.7.4.post1', 'tensorrt-llm': '0.20.0', tensorrt: '10.9.0' },
    },
  ),
  row('of a part of attention that nothing imports', '2.6.0+cu124', ['old', 'cxx11'], native, {
    path: 'opt/fused_dense_lib.so',
    python: { transformers: '4.49.0', 'flash-attn': '2.6.3' },
  }),
  row('of a wheel that says the other ABI', '2.6.0+cu124', [null, null], refused, {
    python: { transformers: '4.49.0', 'flash-attn': '2.7.4.post1+cu12torch2.6cxx11abiTRUE' },
  }),
  row('of a wheel that says the ABI of torch', '2.6.0+cu124', [null, null], native, {
    python: { transformers: '4.49.0', 'flash-attn': '2.7.4.post1+cu12torch2.6cxx11abifalse' },
  }),
  row('of a wheel that says the older ABI, beside a newer torch', '2.7.1+cu128', [null, null], refused, {
    python: { 'causal-conv1d': '1.5.0.post8+cu12torch2.7cxx11abiFALSE' },
  }),
  row('of a wheel that says the ABI of a newer torch', '2.7.1+cu128', [null, null], native, {
    python: { 'causal-conv1d': '1.5.0.post8+cu12torch2.7cxx11abiTRUE' },
  }),
  row('of a wheel of attention that nothing imports', '2.6.0+cu124', [null, null], native, {
    python: { vllm: '0.8.4', 'flash-attn': '2.7.4.post1+cu12torch2.6cxx11abiTRUE' },
  }),
  row('for attention, beside nothing that does without', '2.6.0+cu124', ['old', 'cxx11'], refused, {
    path: 'opt/flash_attn_2_cuda.so',
  }),
  {
    ...row('of the other ABI, in words', '2.6.0+cu124', ['old', 'cxx11'], refused),
    says: 'opt/app/_C.so is built for the new C++ ABI, and torch 2.6.0+cu124 for the old one: its symbols are not found',
  },
];
