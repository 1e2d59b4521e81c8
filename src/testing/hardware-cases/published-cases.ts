import type { CaseRow } from './case-row.ts';

const table = 'facts of the hardware contract, "Cases every verifier must get right" (2026-11)';
const torchCu126 = 'sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_90';
const note129 = {
  cudaVersion: '12.9',
  drivers: [535, 550, 560, 565, 570, 575],
  brands: [1, 2, 7, 8, 9, 10, 11, 12, 13, 14],
};
const engine = {
  version: '10.3.0',
  computeCapability: '8.0',
  product: 'NVIDIA A100-SXM4-40GB',
  hardwareCompatibility: 'none',
  versionCompatible: false,
} as const;
const trt = { cuda: '12.6', components: { tensorrt: '10.3.0' } };
const row = (facts: Omit<CaseRow, 'source'>): CaseRow => ({ ...facts, source: table });

/** The cases that every verifier must get right, one or more rows for each. */
export const publishedCases: readonly CaseRow[] = [
  row({
    name: 'V100, R580, CUDA 13 image: no kernels for sm_70, though the require string passes',
    device: 'V100 580.65.06 13.0',
    image: {
      cuda: '13.0',
      libraries: { 'app/libapp.so': 'sm_75 sm_80 sm_86 sm_90 sm_100 sm_120 compute_120' },
      env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.0' },
    },
    compatibility: 'incompatible',
    rule: 'kernels',
    warnings: ['require-false-pass'],
  }),
  row({
    name: 'RTX 4090, R535, CUDA 13 image with cuda-compat: GeForce is not covered (804)',
    device: 'RTX-4090 535.183.01 12.2',
    image: { cuda: '13.0', compat: '580.65.06' },
    compatibility: 'incompatible',
    rule: 'driver-too-old',
  }),
  row({
    name: 'A100, R535, CUDA 13.0 image with cuda-compat',
    device: 'A100-40 535.183.01 12.2',
    image: { cuda: '13.0', compat: '580.65.06' },
    compatibility: 'forward',
    rule: 'driver-forward',
  }),
  row({
    name: 'A100, R535, CUDA 13.0 image without cuda-compat',
    device: 'A100-40 535.183.01 12.2',
    image: { cuda: '13.0' },
    compatibility: 'incompatible',
    rule: 'driver-too-old',
  }),
  row({
    name: 'CUDA 13.3 image on a 13.2 driver, though the require string refuses',
    device: 'H100 595.45.04 13.2',
    image: { cuda: '13.3', env: { NVIDIA_REQUIRE_CUDA: 'cuda>=13.3' } },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    warnings: ['require-false-refusal'],
  }),
  row({
    name: 'CUDA 12.4 image, R525 driver',
    device: 'A100-40 525.85.12 12.0',
    image: { cuda: '12.4' },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
  }),
  row({
    name: 'B300 with kernels sm_100',
    device: 'B300 580.95.05 13.0',
    image: { cuda: '13.0', libraries: { 'app/libapp.so': 'sm_100' } },
    compatibility: 'native',
    rule: 'driver-native',
  }),
  row({
    name: 'B300 with kernels sm_100a only',
    device: 'B300 580.95.05 13.0',
    image: { cuda: '13.0', libraries: { 'app/libapp.so': 'sm_100a' } },
    compatibility: 'incompatible',
    rule: 'kernels',
  }),
  row({
    name: 'RTX 5090 with a cu126 PyTorch wheel: no sm_120 and no PTX',
    device: 'RTX-5090 570.124.06 12.8',
    image: {
      cuda: '12.6',
      python: { torch: '2.7.0+cu126' },
      libraries: { 'site-packages/torch/lib/libtorch_cuda.so': torchCu126 },
    },
    compatibility: 'incompatible',
    rule: 'kernels',
  }),
  row({
    name: 'RTX 5090 with a cu126 PyTorch wheel whose libraries were not read',
    device: 'RTX-5090 570.124.06 12.8',
    image: {
      cuda: '12.6',
      python: { torch: '2.7.0+cu126' },
      libraries: {},
      unknown: { libraries: 'a layer is damaged' },
    },
    compatibility: 'incompatible',
    rule: 'torch-wheel',
  }),
  row({
    name: 'L4 (8.9) with kernels 8.0 and 8.6',
    device: 'L4 550.54.14 12.4',
    image: { cuda: '12.4', libraries: { 'app/libapp.so': 'sm_80 sm_86' } },
    compatibility: 'native',
    rule: 'driver-native',
  }),
  row({
    name: 'TensorRT engine of an A100 on an H100',
    device: 'H100 560.35.05 12.6',
    image: trt,
    model: { format: 'tensorrt', engine },
    compatibility: 'incompatible',
    rule: 'engine-device',
  }),
  row({
    name: 'TensorRT engine built AMPERE_PLUS on an A100, on an H100 with the same TensorRT',
    device: 'H100 560.35.05 12.6',
    image: trt,
    model: { format: 'tensorrt', engine: { ...engine, hardwareCompatibility: 'ampere-plus' } },
    compatibility: 'native',
    rule: 'driver-native',
  }),
  row({
    name: 'the L4 of a mixed node, kernels from 8.0 on',
    device: 'L4 550.54.14 12.4',
    image: { cuda: '12.4', libraries: { 'app/libapp.so': 'sm_80 sm_90' } },
    compatibility: 'native',
    rule: 'driver-native',
  }),
  row({
    name: 'the T4 of a mixed node, kernels from 8.0 on',
    device: 'T4 550.54.14 12.4',
    image: { cuda: '12.4', libraries: { 'app/libapp.so': 'sm_80 sm_90' } },
    compatibility: 'incompatible',
    rule: 'kernels',
  }),
  row({
    name: 'a device of a mixed node of which only labels are known',
    device: 'L4 550.54.14 12.4',
    deviceFacts: { certainty: 'node' },
    image: { cuda: '12.4', libraries: { 'app/libapp.so': 'sm_80 sm_90' } },
    compatibility: 'unknown',
    rule: 'kernels',
  }),
  row({
    name: 'CUDA 12.9 image with its note on R550, which the published table no longer names',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: '13.0', compat: '580.65.06', note: { ...note129, cudaVersion: '13.0' } },
    compatibility: 'forward',
    rule: 'driver-forward',
  }),
];
