import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow, HardwareRow, ImageRow } from '../case-row.ts';

const fabric = 'NVIDIA Fabric Manager User Guide (2025-05-06)';
const modules = 'NVIDIA Driver Installation Guide, "Kernel Modules" (2026-11)';
const licence = 'NVIDIA vGPU, Client Licensing User Guide (2026-11)';
const peers = 'NCCL User Guide, "Troubleshooting" (2026-11)';
const debug = 'NVIDIA GPU Debug Guidelines (2026-11)';
const plugin = 'NVIDIA k8s-device-plugin, mps/device.go (2024-04)';
const pascal = 'NVIDIA Pascal Tuning Guide, "Compute Preemption" (2026-11)';
const mig = 'NCCL User Guide 2.32, "Using MIG instances" (2026-08-23)';
const never = 'what is not known is never a pass';

export type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];

export const stateRow = (
  name: string,
  device: string,
  state: DeviceState,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device,
  compatibility,
  rule,
  source,
  ...rest,
  deviceFacts: { state, ...rest.deviceFacts },
});

const h100 = 'H100 550.54.14 12.4';
const l40s = 'L40S 550.54.14 12.4';
const two: HardwareRow = { devices: 2 };

const fabrics: readonly CaseRow[] = [
  stateRow('the fabric is up', h100, { fabric: 'completed' }, native, fabric),
  stateRow('the fabric is not there', h100, { fabric: 'not-supported' }, native, fabric),
  stateRow('the fabric was not started (802)', h100, { fabric: 'not-started' }, ['incompatible', 'fabric'], fabric),
  stateRow('the fabric is on its way', h100, { fabric: 'in-progress' }, ['incompatible', 'fabric'], fabric),
  stateRow('the fabric failed', h100, { fabric: 'failed' }, ['incompatible', 'fabric'], fabric),
];

const kernelModules: readonly CaseRow[] = [
  stateRow(
    'proprietary modules on Blackwell',
    'B200 570.124.06 12.8',
    { kernelModule: 'proprietary' },
    ['incompatible', 'kernel-module'],
    modules,
  ),
  stateRow('open modules on Blackwell', 'B200 570.124.06 12.8', { kernelModule: 'open' }, native, modules),
  stateRow('proprietary modules on Hopper', h100, { kernelModule: 'proprietary' }, native, modules),
  stateRow(
    'proprietary modules on Grace Hopper',
    'GH200 550.54.14 12.4',
    { kernelModule: 'proprietary' },
    ['incompatible', 'kernel-module'],
    'NVIDIA/cloud-native-docs pull request 6 (2024-01-31)',
  ),
  stateRow('open modules on Grace Hopper', 'GH200 550.54.14 12.4', { kernelModule: 'open' }, native, modules),
  stateRow(
    'proprietary modules on an unknown product of 9.0',
    h100,
    { kernelModule: 'proprietary' },
    ['unknown', 'kernel-module'],
    never,
    { deviceFacts: { product: null } },
  ),
  stateRow('proprietary modules on an unknown product of 8.9', l40s, { kernelModule: 'proprietary' }, native, modules, {
    deviceFacts: { product: null },
  }),
  stateRow('open modules on an unknown product of 9.0', h100, { kernelModule: 'open' }, native, modules, {
    deviceFacts: { product: null },
  }),
  stateRow('open modules on Turing', 'T4 550.54.14 12.4', { kernelModule: 'open' }, native, modules),
  stateRow(
    'open modules on Volta',
    'V100 550.54.14 12.4',
    { kernelModule: 'open' },
    ['incompatible', 'kernel-module'],
    modules,
  ),
  stateRow('proprietary modules on Volta', 'V100 550.54.14 12.4', { kernelModule: 'proprietary' }, native, modules),
];

const vgpu = { product: 'GRID A100X-1-10C', brand: 'nvidia-vcs' };
const licences: readonly CaseRow[] = [
  stateRow(
    'a virtual GPU whose licence nobody read',
    'A100-40 550.54.14 12.4',
    {},
    ['unknown', 'vgpu-licence'],
    never,
    {
      deviceFacts: vgpu,
    },
  ),
  stateRow('a virtual GPU with its licence', 'A100-40 550.54.14 12.4', { licence: 'licensed' }, native, licence, {
    deviceFacts: vgpu,
  }),
  stateRow(
    'a virtual GPU without a licence',
    'A100-40 550.54.14 12.4',
    { licence: 'unlicensed' },
    ['incompatible', 'vgpu-licence'],
    licence,
    { deviceFacts: vgpu },
  ),
  stateRow('a virtual GPU by its brand alone', 'A100-40 550.54.14 12.4', {}, ['unknown', 'vgpu-licence'], never, {
    deviceFacts: { brand: 'nvidia-vws', product: null },
  }),
  stateRow('a virtual GPU by its name alone', 'A100-40 550.54.14 12.4', {}, ['unknown', 'vgpu-licence'], never, {
    deviceFacts: { product: 'NVIDIA GRID A100X-1-10C', brand: null },
  }),
  stateRow('a virtual GPU by the end of its name', l40s, {}, ['unknown', 'vgpu-licence'], never, {
    deviceFacts: { product: 'NVIDIA L40S-48Q', brand: null, migLayout: [] },
  }),
  ...[
    'grid',
    'nvidia-vapps',
    'nvidia-vpc',
    'nvidia-vcs',
    'nvidia-virtual-applications',
    'nvidia-virtual-pc',
    'nvidia-virtual-compute-server',
    'nvidia-rtx-virtual-workstation',
  ].map((brand) =>
    stateRow(
      `a virtual GPU of the brand ${brand}`,
      'A100-40 550.54.14 12.4',
      { licence: 'unlicensed' },
      ['incompatible', 'vgpu-licence'],
      licence,
      { deviceFacts: { brand, product: null } },
    ),
  ),
];

const peerCases: readonly CaseRow[] = [
  stateRow(
    'two boards over PCIe, and an IOMMU that translates',
    l40s,
    { iommu: 'translating' },
    ['incompatible', 'peer-access'],
    peers,
    { hardware: two },
  ),
  stateRow('two boards over PCIe, and an IOMMU that passes through', l40s, { iommu: 'passthrough' }, native, peers, {
    hardware: two,
  }),
  stateRow('two boards over PCIe, and no IOMMU', l40s, { iommu: 'off' }, native, peers, { hardware: two }),
  stateRow('two boards over PCIe, and nobody read the IOMMU', l40s, {}, ['unknown', 'peer-access'], never, {
    hardware: two,
  }),
  stateRow('one board, and an IOMMU that translates', l40s, { iommu: 'translating' }, native, peers),
  stateRow(
    'two boards by NVLink, and an IOMMU that translates',
    'A100-40 550.54.14 12.4',
    { iommu: 'translating' },
    native,
    peers,
    { hardware: two },
  ),
  stateRow('two H100 of HBM3', h100, {}, native, peers, { hardware: two }),
  stateRow('two boards that exchange nothing directly', l40s, { iommu: 'translating' }, native, peers, {
    hardware: two,
    image: { env: { NCCL_P2P_DISABLE: '1' } },
  }),
  stateRow(
    'two boards that may exchange directly',
    l40s,
    { iommu: 'translating' },
    ['incompatible', 'peer-access'],
    peers,
    {
      hardware: two,
      image: { env: { NCCL_P2P_DISABLE: '0' } },
    },
  ),
  stateRow('two boards of an unknown product', l40s, {}, ['unknown', 'peer-access'], never, {
    hardware: two,
    deviceFacts: { product: null, migLayout: [] },
  }),
];

const health: readonly CaseRow[] = [
  stateRow('the driver asks for nothing', h100, { recovery: 'none', rowRemapping: 'none' }, native, debug),
  stateRow('the driver asks for a reset', h100, { recovery: 'gpu-reset' }, ['incompatible', 'health'], debug),
  stateRow(
    'the driver asks for a reboot',
    h100,
    { recovery: 'node-reboot', rowRemapping: 'none' },
    ['incompatible', 'health'],
    debug,
  ),
  stateRow('rows are remapped at the next reset', h100, { rowRemapping: 'pending' }, native, debug),
  stateRow(
    'no spare rows are left',
    h100,
    { rowRemapping: 'failed', recovery: 'none' },
    ['incompatible', 'health'],
    debug,
  ),
];

const shared = (sharing: 'mps' | 'time-slicing') => ({ sharing, replicas: 2 });
const tolerated: HardwareRow = { sharing: ['mps', 'time-slicing', 'mig', 'exclusive'], memoryGib: 1 };
const sharing: readonly CaseRow[] = [
  stateRow('MPS on Pascal', 'P100 550.54.14 12.4', {}, ['incompatible', 'sharing-support'], plugin, {
    hardware: tolerated,
    deviceFacts: shared('mps'),
  }),
  stateRow('MPS on Volta', 'V100 550.54.14 12.4', {}, native, plugin, {
    hardware: tolerated,
    deviceFacts: shared('mps'),
  }),
  stateRow(
    'MPS on a board whose capability is not known',
    'A100-40 550.54.14 12.4',
    {},
    ['unknown', 'sharing-support'],
    never,
    { hardware: tolerated, deviceFacts: { ...shared('mps'), computeCapability: null } },
  ),
  stateRow('MPS on a MIG instance', 'A100-40 550.54.14 12.4', {}, ['incompatible', 'sharing-support'], plugin, {
    hardware: tolerated,
    deviceFacts: { ...shared('mps'), migLayout: [{ profile: '3g.20gb', memoryBytes: 20_937_965_568 }] },
  }),
  stateRow('time slices on Pascal', 'P100 550.54.14 12.4', {}, native, pascal, {
    hardware: tolerated,
    deviceFacts: shared('time-slicing'),
  }),
  stateRow('time slices on Maxwell', 'P100 550.54.14 12.4', {}, ['incompatible', 'sharing-support'], pascal, {
    hardware: tolerated,
    deviceFacts: { ...shared('time-slicing'), computeCapability: '5.2' },
    image: { libraries: { 'a.so': 'sm_50' } },
  }),
  stateRow('time slices on a MIG instance', 'A100-40 550.54.14 12.4', {}, native, pascal, {
    hardware: tolerated,
    deviceFacts: { ...shared('time-slicing'), migLayout: [{ profile: '3g.20gb', memoryBytes: 20_937_965_568 }] },
  }),
];

const instances = { migLayout: [{ profile: '3g.20gb', memoryBytes: 20_937_965_568 }], sharing: 'mig' as const };
const overInstances = (name: string, image: ImageRow, answer: Answer, source = mig): CaseRow =>
  stateRow(name, 'A100-40 550.54.14 12.4', { iommu: 'off', shmBytes: 2 ** 30 }, answer, source, {
    image,
    deviceFacts: instances,
    hardware: { devices: 2, sharing: ['mig'] },
  });
const nccl: readonly CaseRow[] = [
  overInstances('two instances with NCCL 2.32', { components: { nccl: '2.32.3' } }, native),
  overInstances('two instances with the first NCCL that joins them', { components: { nccl: '2.32.0' } }, native),
  overInstances('two instances with NCCL 2.31', { components: { nccl: '2.31.9' } }, ['incompatible', 'mig-devices']),
  overInstances(
    'two instances with the wheel of NCCL 2.32 for CUDA 12',
    { python: { 'nvidia-nccl-cu12': '2.32.3' } },
    native,
  ),
  overInstances(
    'two instances with the wheel of NCCL 2.32 for CUDA 13',
    { python: { 'nvidia-nccl-cu13': '2.32.3' } },
    native,
  ),
  overInstances(
    'two instances with the wheel of NCCL 2.32 for CUDA 11',
    { python: { 'nvidia-nccl-cu11': '2.32.3' } },
    native,
  ),
  overInstances('two instances without NCCL', {}, ['incompatible', 'mig-devices']),
  overInstances(
    'two instances, and nobody knows which NCCL',
    { unknown: { 'libraries usr/lib/libnccl.so.2': 'versions: it is damaged' } },
    ['unknown', 'mig-devices'],
    never,
  ),
];

export const stateCases: readonly CaseRow[] = [
  ...fabrics,
  ...kernelModules,
  ...licences,
  ...peerCases,
  ...health,
  ...sharing,
  ...nccl,
];
