import type { CaseRow } from '../case-row.ts';
import { type Answer, runtimeRow, newest, never, native } from './runtime-case.ts';

const torchList = 'PyTorch, RELEASE.md and build_cuda.sh (2026-11)';
const torch: readonly CaseRow[] = (
  [
    ['2.7.0+cu126', 'H100', native],
    ['2.7.0+cu126', 'V100-R580', native],
    ['2.7.0+cu126', 'B200', ['incompatible', 'torch-wheel']],
    ['2.8.0+cu128', 'V100-R580', native],
    ['2.7.1+cu128', 'V100-R580', ['incompatible', 'torch-wheel']],
    ['2.11.0+cu128', 'V100-R580', ['incompatible', 'torch-wheel']],
    ['2.10.0+cu128', 'V100-R580', native],
    ['2.8.0+cu128', 'B300', native],
    ['2.8.0+cu128', 'GB10', native],
    ['2.8.0+cu128', 'Thor', ['incompatible', 'torch-wheel']],
    ['2.8.0+cu129', 'B200', native],
    ['2.9.0+cu130', 'V100-R580', ['incompatible', 'torch-wheel']],
    ['2.9.0+cu130', 'T4', native],
    ['2.14.0+cu132', 'T4', native],
    ['2.14.0+cu126', 'P100-R580', native],
    ['2.8.0+cu128', 'P100-R580', ['incompatible', 'torch-wheel']],
    ['2.12.0+cu132', 'B300', native],
  ] satisfies readonly (readonly [string, string, Answer])[]
).map(([version, device, [compatibility, rule]]) => ({
  name: `torch ${version} on ${device}, its libraries not among those that were read`,
  device: `${device.replace('-R580', '')} ${device.endsWith('-R580') ? '580.95.05 13.0' : newest}`,
  image: { cuda: '12.4', python: { torch: version } },
  compatibility,
  rule,
  source: torchList,
}));
const torchOthers: readonly CaseRow[] = [
  runtimeRow(
    'kernels that were read decide over the published list',
    { cuda: '12.6', python: { torch: '2.7.0+cu126' }, libraries: { 'torch/lib/libtorch_cuda.so': 'sm_90 sm_120' } },
    native,
    torchList,
    { device: `RTX-5090 ${newest}` },
  ),
  runtimeRow(
    'kernels of Windows that were read decide over the published list',
    { cuda: '12.8', python: { torch: '2.8.0+cu128' }, libraries: { 'torch/lib/torch_cuda.dll': 'sm_60 sm_61 sm_120' } },
    native,
    'ComfyUI issue 9929: the build for Windows has 6.1 (2025-09-18)',
    { device: 'P100 580.95.05 13.0' },
  ),
  runtimeRow(
    'the published list is of x86 wheels',
    { cuda: '12.6', python: { torch: '2.7.0+cu126' }, architecture: 'arm64' },
    native,
    torchList,
    { device: `B200 ${newest}` },
  ),
  runtimeRow(
    'a build that names no variant is of no list',
    { cuda: '12.6', python: { torch: '2.7.0' } },
    native,
    torchList,
    {
      device: `B200 ${newest}`,
    },
  ),
  runtimeRow(
    'a variant that was never published is of no list',
    { cuda: '12.6', python: { torch: '2.7.0+cu121' } },
    native,
    torchList,
    { device: `B200 ${newest}` },
  ),
  runtimeRow(
    'a wheel is there and the capability is not known',
    { cuda: '12.6', python: { torch: '2.7.0+cu126' } },
    ['unknown', 'torch-wheel'],
    never,
    { deviceFacts: { computeCapability: null } },
  ),
];

/** Wheels of PyTorch by their CUDA variant. */
export const torchWheelCases: readonly CaseRow[] = [...torch, ...torchOthers];
