import type { DeviceState } from '../../core/pool/device-state.ts';
import type { CaseRow, HardwareRow, ImageRow } from './case-row.ts';

const fabric = 'NVIDIA Fabric Manager User Guide (2025-05-06)';
const modules = 'NVIDIA Driver Installation Guide, "Kernel Modules" (2026-11)';
const licence = 'NVIDIA vGPU, Client Licensing User Guide (2026-11)';
const peers = 'NCCL User Guide, "Troubleshooting" (2026-11)';
const debug = 'NVIDIA GPU Debug Guidelines (2026-11)';
const runtime = 'nvidia-container-toolkit issue 1470 (2025-11)';
const plugin = 'NVIDIA k8s-device-plugin, mps/device.go (2024-04)';
const pascal = 'NVIDIA Pascal Tuning Guide, "Compute Preemption" (2026-11)';
const mig = 'NCCL User Guide 2.32, "Using MIG instances" (2026-08-23)';
const contract = 'docs/reference/contract.md: hardware.require';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];

const row = (
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
  row('the fabric is up', h100, { fabric: 'completed' }, native, fabric),
  row('the fabric is not there', h100, { fabric: 'not-supported' }, native, fabric),
  row('the fabric was not started (802)', h100, { fabric: 'not-started' }, ['incompatible', 'fabric'], fabric),
  row('the fabric is on its way', h100, { fabric: 'in-progress' }, ['incompatible', 'fabric'], fabric),
  row('the fabric failed', h100, { fabric: 'failed' }, ['incompatible', 'fabric'], fabric),
];

const kernelModules: readonly CaseRow[] = [
  row(
    'proprietary modules on Blackwell',
    'B200 570.124.06 12.8',
    { kernelModule: 'proprietary' },
    ['incompatible', 'kernel-module'],
    modules,
  ),
  row('open modules on Blackwell', 'B200 570.124.06 12.8', { kernelModule: 'open' }, native, modules),
  row('proprietary modules on Hopper', h100, { kernelModule: 'proprietary' }, native, modules),
  row('open modules on Turing', 'T4 550.54.14 12.4', { kernelModule: 'open' }, native, modules),
  row(
    'open modules on Volta',
    'V100 550.54.14 12.4',
    { kernelModule: 'open' },
    ['incompatible', 'kernel-module'],
    modules,
  ),
  row('proprietary modules on Volta', 'V100 550.54.14 12.4', { kernelModule: 'proprietary' }, native, modules),
];

const vgpu = { product: 'GRID A100X-1-10C', brand: 'nvidia-vcs' };
const licences: readonly CaseRow[] = [
  row('a virtual GPU whose licence nobody read', 'A100-40 550.54.14 12.4', {}, ['unknown', 'vgpu-licence'], never, {
    deviceFacts: vgpu,
  }),
  row('a virtual GPU with its licence', 'A100-40 550.54.14 12.4', { licence: 'licensed' }, native, licence, {
    deviceFacts: vgpu,
  }),
  row(
    'a virtual GPU without a licence',
    'A100-40 550.54.14 12.4',
    { licence: 'unlicensed' },
    ['incompatible', 'vgpu-licence'],
    licence,
    { deviceFacts: vgpu },
  ),
  row('a virtual GPU by its brand alone', 'A100-40 550.54.14 12.4', {}, ['unknown', 'vgpu-licence'], never, {
    deviceFacts: { brand: 'nvidia-vws', product: null },
  }),
  row('a virtual GPU by its name alone', 'A100-40 550.54.14 12.4', {}, ['unknown', 'vgpu-licence'], never, {
    deviceFacts: { product: 'NVIDIA GRID A100X-1-10C', brand: null },
  }),
  row('a virtual GPU by the end of its name', l40s, {}, ['unknown', 'vgpu-licence'], never, {
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
    row(
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
  row(
    'two boards over PCIe, and an IOMMU that translates',
    l40s,
    { iommu: 'translating' },
    ['incompatible', 'peer-access'],
    peers,
    { hardware: two },
  ),
  row('two boards over PCIe, and an IOMMU that passes through', l40s, { iommu: 'passthrough' }, native, peers, {
    hardware: two,
  }),
  row('two boards over PCIe, and no IOMMU', l40s, { iommu: 'off' }, native, peers, { hardware: two }),
  row('two boards over PCIe, and nobody read the IOMMU', l40s, {}, ['unknown', 'peer-access'], never, {
    hardware: two,
  }),
  row('one board, and an IOMMU that translates', l40s, { iommu: 'translating' }, native, peers),
  row(
    'two boards by NVLink, and an IOMMU that translates',
    'A100-40 550.54.14 12.4',
    { iommu: 'translating' },
    native,
    peers,
    { hardware: two },
  ),
  row('two H100 of HBM3', h100, {}, native, peers, { hardware: two }),
  row('two boards that exchange nothing directly', l40s, { iommu: 'translating' }, native, peers, {
    hardware: two,
    image: { env: { NCCL_P2P_DISABLE: '1' } },
  }),
  row('two boards that may exchange directly', l40s, { iommu: 'translating' }, ['incompatible', 'peer-access'], peers, {
    hardware: two,
    image: { env: { NCCL_P2P_DISABLE: '0' } },
  }),
  row('two boards of an unknown product', l40s, {}, ['unknown', 'peer-access'], never, {
    hardware: two,
    deviceFacts: { product: null, migLayout: [] },
  }),
];

const health: readonly CaseRow[] = [
  row('the driver asks for nothing', h100, { recovery: 'none', rowRemapping: 'none' }, native, debug),
  row('the driver asks for a reset', h100, { recovery: 'gpu-reset' }, ['incompatible', 'health'], debug),
  row(
    'the driver asks for a reboot',
    h100,
    { recovery: 'node-reboot', rowRemapping: 'none' },
    ['incompatible', 'health'],
    debug,
  ),
  row('rows are remapped at the next reset', h100, { rowRemapping: 'pending' }, native, debug),
  row('no spare rows are left', h100, { rowRemapping: 'failed', recovery: 'none' }, ['incompatible', 'health'], debug),
];

const strict: ImageRow = { cuda: '12.9', env: { NVIDIA_REQUIRE_CUDA: 'cuda>=12.9' } };
const enforced: readonly CaseRow[] = [
  row(
    'a runtime that checks refuses',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'legacy' },
    ['incompatible', 'require-enforced'],
    runtime,
    { image: strict },
  ),
  row('a runtime that checks lets pass', 'RTX-4090 575.57.08 12.9', { containerRuntime: 'legacy' }, native, runtime, {
    image: strict,
  }),
  row(
    'a runtime that does not check',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'jit-cdi' },
    ['minor-version', 'driver-minor-version'],
    runtime,
    { image: strict, warnings: ['require-false-refusal'] },
  ),
  row(
    'a runtime whose mode nobody read',
    'RTX-4090 570.211.01 12.8',
    {},
    ['minor-version', 'driver-minor-version'],
    runtime,
    { image: strict, warnings: ['require-false-refusal'] },
  ),
  row(
    'a runtime that checks, and the check is off',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'legacy' },
    ['minor-version', 'driver-minor-version'],
    runtime,
    { image: { ...strict, env: { ...strict.env, NVIDIA_DISABLE_REQUIRE: 'true' } } },
  ),
  row(
    'a runtime that checks what it cannot read',
    'RTX-4090 575.57.08 12.9',
    { containerRuntime: 'legacy' },
    ['incompatible', 'require-enforced'],
    runtime,
    { image: { ...strict, env: { NVIDIA_REQUIRE_CUDA: 'cuda>=' } } },
  ),
  row(
    'a runtime that checks, and nothing is required',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'legacy' },
    ['minor-version', 'driver-minor-version'],
    runtime,
    { image: { cuda: '12.9' } },
  ),
];

const shared = (sharing: 'mps' | 'time-slicing') => ({ sharing, replicas: 2 });
const tolerated: HardwareRow = { sharing: ['mps', 'time-slicing', 'mig', 'exclusive'], memoryGib: 1 };
const sharing: readonly CaseRow[] = [
  row('MPS on Pascal', 'P100 550.54.14 12.4', {}, ['incompatible', 'sharing-support'], plugin, {
    hardware: tolerated,
    deviceFacts: shared('mps'),
  }),
  row('MPS on Volta', 'V100 550.54.14 12.4', {}, native, plugin, { hardware: tolerated, deviceFacts: shared('mps') }),
  row(
    'MPS on a board whose capability is not known',
    'A100-40 550.54.14 12.4',
    {},
    ['unknown', 'sharing-support'],
    never,
    { hardware: tolerated, deviceFacts: { ...shared('mps'), computeCapability: null } },
  ),
  row('MPS on a MIG instance', 'A100-40 550.54.14 12.4', {}, ['incompatible', 'sharing-support'], plugin, {
    hardware: tolerated,
    deviceFacts: { ...shared('mps'), migLayout: [{ profile: '3g.20gb', memoryBytes: 20_937_965_568 }] },
  }),
  row('time slices on Pascal', 'P100 550.54.14 12.4', {}, native, pascal, {
    hardware: tolerated,
    deviceFacts: shared('time-slicing'),
  }),
  row('time slices on Maxwell', 'P100 550.54.14 12.4', {}, ['incompatible', 'sharing-support'], pascal, {
    hardware: tolerated,
    deviceFacts: { ...shared('time-slicing'), computeCapability: '5.2' },
    image: { libraries: { 'a.so': 'sm_50' } },
  }),
  row('time slices on a MIG instance', 'A100-40 550.54.14 12.4', {}, native, pascal, {
    hardware: tolerated,
    deviceFacts: { ...shared('time-slicing'), migLayout: [{ profile: '3g.20gb', memoryBytes: 20_937_965_568 }] },
  }),
];

const instances = { migLayout: [{ profile: '3g.20gb', memoryBytes: 20_937_965_568 }], sharing: 'mig' as const };
const overInstances = (name: string, image: ImageRow, answer: Answer, source = mig): CaseRow =>
  row(name, 'A100-40 550.54.14 12.4', { iommu: 'off' }, answer, source, {
    image,
    deviceFacts: instances,
    hardware: { devices: 2, sharing: ['mig'] },
  });
const nccl: readonly CaseRow[] = [
  overInstances('two instances with NCCL 2.32', { components: { nccl: '2.32.3' } }, native),
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

const required = (
  name: string,
  device: string,
  state: DeviceState,
  require: HardwareRow['require'],
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow =>
  row(name, device, state, answer, contract, {
    ...rest,
    hardware: { ...rest.hardware, ...(require === undefined ? {} : { require }) },
  });
const unmet: Answer = ['incompatible', 'required-facts'];
const requirements: readonly CaseRow[] = [
  required('the fabric must have been read', h100, {}, ['fabric'], unmet),
  required('the fabric was read', h100, { fabric: 'completed' }, ['fabric'], native),
  required('the fabric must have been read, and the board has none', 'A100-40 550.54.14 12.4', {}, ['fabric'], native),
  required('the kernel module must have been read on Blackwell', 'B200 570.124.06 12.8', {}, ['kernel-module'], unmet),
  required('the kernel module must have been read on Volta', 'V100 550.54.14 12.4', {}, ['kernel-module'], unmet),
  required(
    'the kernel module was read on Volta',
    'V100 550.54.14 12.4',
    { kernelModule: 'proprietary' },
    ['kernel-module'],
    native,
  ),
  required(
    'the kernel module must have been read on Turing, where both run',
    'T4 550.54.14 12.4',
    {},
    ['kernel-module'],
    native,
  ),
  required('the IOMMU must have been read for two devices', 'A100-40 550.54.14 12.4', {}, ['iommu'], unmet, {
    hardware: two,
  }),
  required('the IOMMU was read for two devices', 'A100-40 550.54.14 12.4', { iommu: 'off' }, ['iommu'], native, {
    hardware: two,
  }),
  required('the IOMMU must have been read for one device', 'A100-40 550.54.14 12.4', {}, ['iommu'], native),
  required('the health must have been read', h100, {}, ['health'], unmet),
  required('the health was read by its rows', h100, { rowRemapping: 'none' }, ['health'], native),
  required('the health was read by what the driver asks for', h100, { recovery: 'none' }, ['health'], native),
  required('one of two was read', h100, { recovery: 'none' }, ['fabric', 'health'], unmet),
  required('both were read', h100, { recovery: 'none', fabric: 'completed' }, ['fabric', 'health'], native),
  required(
    'the mode of the runtime must have been read where it would refuse',
    'RTX-4090 570.211.01 12.8',
    {},
    ['container-runtime'],
    unmet,
    { image: strict },
  ),
  required(
    'the mode of the runtime was read where it would refuse',
    'RTX-4090 570.211.01 12.8',
    { containerRuntime: 'cdi' },
    ['container-runtime'],
    ['minor-version', 'driver-minor-version'],
    { image: strict },
  ),
  required(
    'the mode of the runtime must have been read where nothing refuses',
    'RTX-4090 575.57.08 12.9',
    {},
    ['container-runtime'],
    native,
    { image: strict },
  ),
];

export const stateCases: readonly CaseRow[] = [
  ...fabrics,
  ...kernelModules,
  ...licences,
  ...peerCases,
  ...health,
  ...enforced,
  ...sharing,
  ...nccl,
  ...requirements,
];
