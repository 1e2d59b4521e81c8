import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';
import { stateRow, type Answer } from './state-cases.ts';

const uvm = 'llama.cpp issue 7218 (2024-05-23)';
const reload = 'nvidia-container-toolkit issues 48 (2023-02-07) and 1227 (2025-08-07)';
const noCgroups = 'nvidia-container-toolkit issue 381 (2024-03-04)';
const locked = 'nccl-tests issue 206 (2024-04-18)';
const pages = 'NumPy issue 16677 (2020-06-24); PyTorch builder pull request 682 (2021-03-24)';
const huge = 'Mooncake, deployment guide, "Memory allocator" (2026-06-10)';
const morecore = 'libhugetlbfs issue 61 (2021-07-29)';
const modes = 'NVIDIA nvtrust issue 56 (2024-08-21)';
const spark = 'kubernetes-sigs/dra-driver-nvidia-gpu issue 1073 (2026-05-05)';
const never = 'what is not known is never a pass';
const named = 'a pass names what nobody read';
const native: Answer = ['native', 'driver-native'];
const h100 = 'H100 550.90.07 12.4';
const l40s = 'L40S 550.90.07 12.4';
const gh200 = 'GH200 550.90.07 12.4';
const health = 'health of the device';
const devicesKept = 'whether containers keep their devices';

const modules: readonly CaseRow[] = [
  stateRow('nvidia_uvm is not loaded', l40s, { uvm: 'missing' }, ['incompatible', 'uvm'], uvm, {
    says: 'error 999',
  }),
  stateRow('nvidia_uvm is loaded', l40s, { uvm: 'loaded' }, native, uvm),
  stateRow('nvidia_uvm, of which nothing was read', l40s, {}, native, uvm),
];

const lost: Answer = ['incompatible', 'container-devices'];
const containers: readonly CaseRow[] = [
  stateRow('a container that keeps its devices', l40s, { containerDevices: 'kept' }, native, reload),
  stateRow('a container that loses them at a reload', l40s, { containerDevices: 'until-reload' }, lost, reload, {
    says: 'daemon-reload',
  }),
  stateRow('a container that gets none', l40s, { containerDevices: 'withheld' }, lost, noCgroups, {
    says: 'no-cgroups = true',
  }),
  stateRow(
    'legacy mode, and nobody read what becomes of devices',
    l40s,
    { containerRuntime: 'legacy' },
    native,
    named,
    {
      notChecked: [health, devicesKept],
    },
  ),
  stateRow('legacy mode without require strings, the same', l40s, { containerRuntime: 'unchecked' }, native, named, {
    notChecked: [health, devicesKept],
  }),
  stateRow('CDI, and nobody read what becomes of devices', l40s, { containerRuntime: 'cdi' }, native, named, {
    notChecked: [health],
  }),
  stateRow(
    'legacy mode, and devices are kept',
    l40s,
    { containerRuntime: 'legacy', containerDevices: 'kept' },
    native,
    named,
    { notChecked: [health] },
  ),
];

const env = { NCCL_P2P_DISABLE: '1', NCCL_SHM_DISABLE: '1' };
const overNetwork = (
  name: string,
  state: DeviceState,
  answer: Answer,
  {
    env: more = env,
    nccl = '2.20.5',
    devices = 8,
  }: { env?: Record<string, string>; nccl?: string | null; devices?: number } = {},
  rest: Partial<CaseRow> = {},
): CaseRow =>
  stateRow(name, h100, { fabric: 'completed', shmBytes: 2 ** 31, ...state }, answer, locked, {
    image: { env: more, ...(nccl === null ? {} : { components: { nccl } }) },
    hardware: { devices },
    ...rest,
  });
const short: Answer = ['incompatible', 'locked-memory'];
const open: Answer = ['unknown', 'locked-memory'];
const mib8: DeviceState = { rdma: 'active', memlockBytes: 8 * 2 ** 20 };

const lockedMemory: readonly CaseRow[] = [
  overNetwork('8 MiB may be locked for RDMA', mib8, short, {}, { says: '8MiB may be locked' }),
  overNetwork('one byte less than a buffer', { rdma: 'active', memlockBytes: 9_637_887 }, short),
  overNetwork('just one buffer', { rdma: 'active', memlockBytes: 9_637_888 }, open),
  overNetwork(
    '64MiB may be locked',
    { rdma: 'active', memlockBytes: 2 ** 26 },
    open,
    {},
    { says: '64MiB may be locked' },
  ),
  overNetwork('one byte below no limit', { rdma: 'active', memlockBytes: 2 ** 50 - 1 }, open),
  overNetwork('without limit', { rdma: 'active', memlockBytes: 2 ** 50 }, native),
  overNetwork('without limit, and no network was read', { memlockBytes: 2 ** 50 }, native),
  overNetwork('no network of RDMA', { rdma: 'none', memlockBytes: 2 ** 20 }, native),
  overNetwork('no network of RDMA, and no limit was read', { rdma: 'none' }, native),
  overNetwork(
    '8 MiB, and no network was read',
    { memlockBytes: 2 ** 23 },
    open,
    {},
    { source: never, says: 'whether a port' },
  ),
  overNetwork(
    'a network, and no limit was read',
    { rdma: 'active' },
    open,
    {},
    { source: never, says: 'how much memory' },
  ),
  overNetwork('8 MiB, and shared memory is used', mib8, native, { env: { NCCL_P2P_DISABLE: '1' } }),
  overNetwork('8 MiB, and peers reach each other', mib8, native, { env: { NCCL_SHM_DISABLE: '1' } }),
  overNetwork('8 MiB, and the network is turned off', mib8, native, { env: { ...env, NCCL_IB_DISABLE: '1' } }),
  overNetwork('8 MiB, and the network is not turned off', mib8, short, { env: { ...env, NCCL_IB_DISABLE: '0' } }),
  overNetwork('8 MiB without NCCL', mib8, native, { nccl: null }),
  overNetwork('8 MiB for one device', mib8, native, { devices: 1 }),
  overNetwork('8 MiB for two devices', mib8, short, { devices: 2 }),
  overNetwork('8 MiB in no image', mib8, ['unknown', 'image-accelerator'], {}, { image: null }),
];

const aligned = (pageSizes: Readonly<Record<string, number>> | undefined): ImageRow => ({
  architecture: 'arm64',
  ...(pageSizes === undefined ? {} : { pageSizes }),
});
const kib64: DeviceState = { kernelModule: 'open', pageBytes: 65_536, confidential: 'off' };
const larger: Answer = ['incompatible', 'page-size'];
const paged = (
  name: string,
  state: DeviceState,
  image: ImageRow,
  answer: Answer,
  rest: Partial<CaseRow> = {},
): CaseRow => stateRow(name, gh200, state, answer, pages, { image, ...rest });

const pageSizes: readonly CaseRow[] = [
  paged('pages of 64 KiB, and a library for 4 KiB', kib64, aligned({ 'lib/a.so': 4096 }), larger, {
    says: 'lib/a.so is aligned to 4096 bytes, and the kernel has pages of 65536',
  }),
  paged('pages of 64 KiB, and a library for 16 KiB', kib64, aligned({ 'lib/a.so': 16_384 }), larger),
  paged(
    'pages of 16 KiB, and a library for 16 KiB',
    { ...kib64, pageBytes: 16_384 },
    aligned({ 'a.so': 16_384 }),
    native,
  ),
  paged(
    'pages of 4 KiB, and a library for 4 KiB',
    { ...kib64, pageBytes: 4096 },
    aligned({ 'lib/a.so': 4096 }),
    native,
  ),
  paged(
    'the smallest of several alignments counts',
    { ...kib64, pageBytes: 16_384 },
    aligned({ 'lib/a.so': 16_384, 'lib/b.so': 4096, 'lib/c.so': 16_384 }),
    larger,
    { says: 'lib/b.so' },
  ),
  paged('pages of 64 KiB, and libraries for all', kib64, aligned({}), native),
  paged('pages of 64 KiB, and nobody looked at libraries', kib64, aligned(undefined), native),
  paged(
    'a library for 4 KiB, and nobody read the pages',
    { kernelModule: 'open', confidential: 'off' },
    aligned({ 'lib/a.so': 4096 }),
    native,
    { notChecked: [health, 'page size of the kernel'] },
  ),
  paged(
    'libraries for all, and nobody read the pages',
    { kernelModule: 'open', confidential: 'off' },
    aligned({}),
    native,
    {
      notChecked: [health],
    },
  ),
  paged(
    'a library for 4 KiB, and pages that were read',
    { ...kib64, pageBytes: 4096 },
    aligned({ 'a.so': 4096 }),
    native,
    {
      notChecked: [health],
    },
  ),
];

const wanted = (
  name: string,
  hugePageBytes: number | undefined,
  variables: Readonly<Record<string, string>>,
  answer: Answer,
  source = huge,
): CaseRow =>
  stateRow(name, l40s, hugePageBytes === undefined ? {} : { hugePageBytes }, answer, source, {
    image: { env: variables },
  });
const mooncake = { MC_STORE_USE_HUGEPAGE: '1' };

const hugePages: readonly CaseRow[] = [
  wanted('huge pages are wanted, and none are free', 0, mooncake, ['incompatible', 'huge-pages']),
  wanted('huge pages are wanted, and some are free', 2 ** 21, mooncake, native),
  wanted('huge pages are wanted, and nobody counted them', undefined, mooncake, ['unknown', 'huge-pages'], never),
  wanted('huge pages are wanted by any value', 0, { MC_STORE_USE_HUGEPAGE: '0' }, ['incompatible', 'huge-pages']),
  wanted('nobody wants huge pages', 0, {}, native),
  wanted('an empty variable', 0, { MC_STORE_USE_HUGEPAGE: '' }, native),
  wanted('malloc wants huge pages', 0, { HUGETLB_MORECORE: 'yes' }, ['incompatible', 'huge-pages'], morecore),
  wanted('malloc wants no huge pages', 0, { HUGETLB_MORECORE: 'no' }, native, morecore),
];

const confidential: readonly CaseRow[] = [
  stateRow(
    'a board that knows confidential mode, of which nobody read it',
    h100,
    { fabric: 'completed' },
    native,
    named,
    {
      notChecked: [health, 'confidential mode'],
    },
  ),
  stateRow(
    'a board outside of confidential mode, as it was read',
    h100,
    { fabric: 'completed', confidential: 'off' },
    native,
    modes,
    { notChecked: [health] },
  ),
  stateRow('a board that knows no confidential mode', l40s, {}, native, modes, { notChecked: [health] }),
  stateRow('a board of an unknown product', 'L40S 550.90.07 12.4', { confidential: 'off' }, native, modes, {
    deviceFacts: { product: null, migLayout: [] },
    notChecked: ['fabric state', health, 'NVSwitches and their Fabric Manager'],
  }),
];

const hostMemory: readonly CaseRow[] = [
  stateRow('a device with the memory of its machine', 'GB10 580.95.05 13.0', { hostMemory: 'shared' }, native, spark, {
    image: { architecture: 'arm64' },
    warnings: ['memory-of-host'],
  }),
  stateRow('a device with memory of its own', 'GB10 580.95.05 13.0', {}, native, spark, {
    image: { architecture: 'arm64' },
    warnings: [],
  }),
];

export const hostRuleCases: readonly CaseRow[] = [
  ...modules,
  ...containers,
  ...lockedMemory,
  ...pageSizes,
  ...hugePages,
  ...confidential,
  ...hostMemory,
];
