import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';
import type { Answer } from '../states/state-cases.ts';

const tegra = 'unsloth-zoo pull request 1235 (2026-09-15)';
const virtual = 'Unsloth issues 1446 and 1639 (2025-02-24); openvdb issue 2255 (2026-07-21)';
const parts = 'NVIDIA AI Enterprise, "Unified Virtual Memory (UVM)" (2026-11)';
const turbomind = 'LMDeploy issue 2414 (2024-10-11)';
const calls = 'LMDeploy issues 340 (2023-08-31) and 708 (2023-11-18)';
const async = 'CUDA Runtime API, "Stream Ordered Memory Allocator" (2026-11)';
const xgboost = 'XGBoost issue 12217 (2026-05-18)';
const wsl = 'PyTorch issue 192330 (2026-08-06)';
const never = 'what is not known is never a pass';

const native: Answer = ['native', 'driver-native'];
const minor: Answer = ['minor-version', 'driver-minor-version'];
const refused: Answer = ['incompatible', 'memory-services'];
const open: Answer = ['unknown', 'memory-services'];

const expandable: ImageRow = {
  env: { PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:True' },
  python: { torch: '2.6.0+cu124' },
};
const pools: ImageRow = {
  env: { PYTORCH_CUDA_ALLOC_CONF: 'backend:cudaMallocAsync' },
  python: { torch: '2.6.0' },
};
const turbo: ImageRow = { python: { lmdeploy: '0.6.1' } };

const row = (
  name: string,
  device: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({ name, device, image, compatibility, rule, source, hardware: { memoryGib: 4 }, ...rest });

const l40s = 'L40S 550.90.07 12.4';
/** A virtual GPU with a licence, on a board that is an L40S. */
const virtualOf = (product: string, state: DeviceState = {}): Partial<CaseRow> => ({
  deviceFacts: { product, brand: 'nvidia-vcs', state: { licence: 'licensed', ...state } },
});

const onJetson: readonly CaseRow[] = [
  row('expandable segments on a Jetson', 'Orin 540.4.0 12.6', expandable, refused, tegra, { says: 'out of memory' }),
  row(
    'expandable segments by the newer variable on a Jetson',
    'Orin 540.4.0 12.6',
    { ...expandable, env: { PYTORCH_ALLOC_CONF: 'max_split_size_mb:64, expandable_segments : True' } },
    refused,
    tegra,
  ),
  row(
    'expandable segments that are off, on a Jetson',
    'Orin 540.4.0 12.6',
    { ...expandable, env: { PYTORCH_CUDA_ALLOC_CONF: 'expandable_segments:False' } },
    minor,
    tegra,
  ),
  row(
    'expandable segments of a torch that does not know them, on a Jetson',
    'Orin 540.4.0 12.6',
    { ...expandable, python: { torch: '2.0.1' } },
    minor,
    tegra,
  ),
  row(
    'expandable segments without torch, on a Jetson',
    'Orin 540.4.0 12.6',
    { ...expandable, python: {} },
    minor,
    tegra,
  ),
  row('expandable segments on a Thor', 'Thor 580.00 13.0', expandable, open, never, { says: 'nobody told' }),
  row('expandable segments on a GB10', 'GB10 580.95.05 13.0', expandable, native, tegra),
  row('expandable segments on a board', l40s, expandable, native, tegra),
  row('pools on a Jetson', 'Orin 540.4.0 12.6', pools, minor, tegra),
];

const onVirtual: readonly CaseRow[] = [
  row('expandable segments on a virtual GPU without unified memory', l40s, expandable, refused, virtual, {
    ...virtualOf('NVIDIA L40S-48C', { unifiedMemory: 'off' }),
    says: 'error 801',
  }),
  row('expandable segments on a virtual GPU with it', l40s, expandable, native, virtual, {
    ...virtualOf('NVIDIA L40S-48C', { unifiedMemory: 'on' }),
  }),
  row('expandable segments on a virtual GPU of which it was not read', l40s, expandable, open, never, {
    ...virtualOf('NVIDIA L40S-48C'),
  }),
  row('expandable segments on a part of an L40S', l40s, expandable, refused, parts, virtualOf('NVIDIA L40S-24C')),
  row(
    'expandable segments on a part of an L40S that has unified memory all the same',
    l40s,
    expandable,
    native,
    parts,
    {
      ...virtualOf('NVIDIA L40S-24C', { unifiedMemory: 'on' }),
    },
  ),
  row('pools on half a T4', 'T4 550.90.07 12.4', pools, refused, parts, virtualOf('GRID T4-8C')),
  row('pools on a whole T4, as a virtual GPU', 'T4 550.90.07 12.4', pools, open, never, virtualOf('GRID T4-16C')),
  row('pools on half an A100 of 40 GB', 'A100-40 550.90.07 12.4', pools, refused, parts, virtualOf('NVIDIA A100-20C')),
  row('pools on an A100-40C, which may be half a board', 'A100-80 550.90.07 12.4', pools, open, never, {
    ...virtualOf('NVIDIA A100-40C'),
  }),
  row('pools on a virtual GPU of an instance of MIG', 'A100-40 550.90.07 12.4', pools, open, never, {
    ...virtualOf('GRID A100X-1-10C'),
  }),
  row('pools on a part of a board of no table', l40s, pools, open, never, virtualOf('NVIDIA Q9000-4C')),
  row('pools on a board', l40s, pools, native, virtual),
  row('TurboMind on a part of a board', l40s, turbo, refused, turbomind, virtualOf('NVIDIA L40S-24C')),
  row(
    'TurboMind on a virtual GPU of which nothing was read',
    l40s,
    turbo,
    open,
    turbomind,
    virtualOf('NVIDIA L40S-48C'),
  ),
  row('LMDeploy with its other backend on a part of a board', l40s, turbo, native, turbomind, {
    ...virtualOf('NVIDIA L40S-24C'),
    args: ['serve', 'api_server', '--backend', 'pytorch'],
  }),
  row('the same in one word', l40s, turbo, native, turbomind, {
    ...virtualOf('NVIDIA L40S-24C'),
    args: ['--backend=pytorch'],
  }),
  row('TurboMind on a board', l40s, turbo, native, turbomind),
  row('XGBoost 3.2 on a part of a board', l40s, { python: { xgboost: '3.2.0' } }, refused, xgboost, {
    ...virtualOf('NVIDIA L40S-24C'),
  }),
  row('XGBoost 2.1 on a part of a board', l40s, { python: { xgboost: '2.1.4' } }, native, xgboost, {
    ...virtualOf('NVIDIA L40S-24C'),
  }),
  row('XGBoost 3.3 on a part of a board', l40s, { python: { xgboost: '3.3.0' } }, native, xgboost, {
    ...virtualOf('NVIDIA L40S-24C'),
  }),
  row(
    'CTranslate2 that is told to take pools, on a part of a board',
    l40s,
    { python: { ctranslate2: '4.6.0' }, env: { CT2_CUDA_ALLOCATOR: 'cuda_malloc_async' } },
    refused,
    'CTranslate2 pull request 472 (2021-05-06)',
    virtualOf('NVIDIA L40S-24C'),
  ),
  row(
    'CTranslate2 that is told to take none, on a part of a board',
    l40s,
    { python: { ctranslate2: '4.6.0' }, env: { CT2_CUDA_ALLOCATOR: 'cub_caching' } },
    native,
    'CTranslate2 pull request 472 (2021-05-06)',
    virtualOf('NVIDIA L40S-24C'),
  ),
  row(
    'NCCL over parts of boards',
    l40s,
    { python: { 'nvidia-nccl-cu12': '2.27.5' } },
    ['incompatible', 'unified-memory'],
    parts,
    {
      ...virtualOf('NVIDIA L40S-24C', { iommu: 'off', shmBytes: 2 ** 34 }),
      hardware: { devices: 2, memoryGib: 4 },
      says: 'a part of its board',
    },
  ),
];

const both: ImageRow = { ...expandable, python: { torch: '2.6.0', lmdeploy: '0.6.1' } };
const ofSeveral: readonly CaseRow[] = [
  row('a program that is refused beside one that is not', 'Orin 540.4.0 12.6', both, refused, tegra, {
    says: 'expandable_segments',
  }),
  row('a program of which nobody told beside one that is not refused', 'Thor 580.00 13.0', both, open, never),
  row(
    'a program that is refused behind one that is not',
    'T4 450.80.02 11.0',
    { ...both, cuda: '11.0' },
    refused,
    async,
    {
      says: 'lmdeploy',
    },
  ),
];

const byDriver: readonly CaseRow[] = [
  row('pools on a driver of CUDA 11.0', 'T4 450.80.02 11.0', { ...pools, cuda: '11.0' }, refused, async, {
    says: 'error 36',
  }),
  row('pools on a driver of CUDA 11.1', 'T4 455.32 11.1', { ...pools, cuda: '11.1' }, refused, async),
  row('pools on a driver of CUDA 11.2', 'T4 460.32.03 11.2', { ...pools, cuda: '11.2' }, native, async),
  row(
    'expandable segments on a driver of CUDA 11.0',
    'T4 450.80.02 11.0',
    { ...expandable, cuda: '11.0', python: { torch: '2.6.0' } },
    native,
    async,
  ),
  row('expandable segments under WSL', 'RTX-4090 552.22 12.4', expandable, open, wsl, { says: 'WSL' }),
  row('expandable segments under a WSL that was read', 'RTX-4090 560.35.03 12.6', expandable, open, wsl, {
    deviceFacts: { state: { host: 'wsl' } },
  }),
  row('expandable segments on Linux', 'RTX-4090 560.35.03 12.6', expandable, native, wsl),
  row('pools under WSL', 'RTX-4090 552.22 12.4', pools, native, wsl),
  row(
    'TurboMind 0.0 on a driver of CUDA 11.4',
    'A30 470.82.01 11.4',
    { cuda: '11.8', python: { lmdeploy: '0.0.14' } },
    ['incompatible', 'driver-calls'],
    calls,
  ),
  row(
    'TurboMind 0.0 on a driver of CUDA 11.7',
    'A30 515.48.07 11.7',
    { cuda: '11.8', python: { lmdeploy: '0.0.14' } },
    minor,
    calls,
  ),
  row(
    'TurboMind 0.0 on a driver of CUDA 11.6',
    'A30 510.47.03 11.6',
    { cuda: '11.8', python: { lmdeploy: '0.0.14' } },
    ['unknown', 'driver-calls'],
    never,
  ),
  row(
    'TurboMind 0.2 on a driver of CUDA 11.4',
    'A30 470.82.01 11.4',
    { cuda: '11.8', python: { lmdeploy: '0.2.6' } },
    ['incompatible', 'driver-calls'],
    calls,
  ),
  row(
    'TurboMind 0.3 on a driver of CUDA 11.4',
    'A30 470.82.01 11.4',
    { cuda: '11.8', python: { lmdeploy: '0.3.0' } },
    minor,
    calls,
  ),
  row(
    'TurboMind 0.0 on a driver of CUDA 11.4, beside a package that stands in for it',
    'A30 470.82.01 11.4',
    { cuda: '11.8', python: { lmdeploy: '0.0.14' }, compat: '520.61.05' },
    minor,
    calls,
  ),
  row(
    'TurboMind 0.0 on a driver of CUDA 11.2, beside a package that may stand in for it',
    'A30 460.106 11.2',
    { cuda: '11.8', python: { lmdeploy: '0.0.14' }, compat: '520.61.05' },
    ['unknown', 'driver'],
    calls,
  ),
];

export const memoryServiceCases: readonly CaseRow[] = [...onJetson, ...onVirtual, ...ofSeveral, ...byDriver];
