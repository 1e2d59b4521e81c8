import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow, HardwareRow, ImageRow } from '../case-row.ts';

const advice = 'NCCL User Guide, "Troubleshooting", Shared memory (2026-11)';
const segments = 'SGLang documentation issue 5 (2025-03-05)';
const triton = 'Triton Inference Server issue 6195 (2023-08-16)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const unknown: Answer = ['unknown', 'shared-memory'];
const short: Answer = ['incompatible', 'shared-memory'];

const mib = 2 ** 20;
const gib = 2 ** 30;
const torch = (nccl: string): ImageRow => ({ python: { 'nvidia-nccl-cu12': nccl } });
const apart = (image: ImageRow): ImageRow => ({ ...image, env: { NCCL_P2P_DISABLE: '1' } });

const row = (
  name: string,
  state: DeviceState,
  [compatibility, rule]: Answer,
  source: string,
  {
    image = torch('2.20.5'),
    hardware = { devices: 4 },
    device = 'L40S 550.54.14 12.4',
  }: {
    readonly image?: ImageRow;
    readonly hardware?: HardwareRow;
    readonly device?: string;
  } = {},
): CaseRow => ({
  name: `/dev/shm: ${name}`,
  device,
  image,
  hardware,
  deviceFacts: { state: { iommu: 'off', ...state } },
  compatibility,
  rule,
  source,
});

const none = { peerAccess: 'none' } as const;

/** Eight boards behind NVSwitches map 8 x 7,340,384 bytes: 58,723,072. */
const onBaseboard = (name: string, shmBytes: number, answer: Answer, image = torch('2.21.5')): CaseRow =>
  row(
    name,
    { fabric: 'completed', nvlink: 'active', peerAccess: 'ok', shmBytes },
    answer,
    'torchtitan issue 853 (2025-02-17)',
    {
      image,
      hardware: { devices: 8 },
      device: 'H100 550.54.14 12.4',
    },
  );

const pull = 'vLLM pull requests 48879 and 50606, LMCache pull request 4309 (2026-07-31)';
const vllm = (version: string, env: Readonly<Record<string, string>> = {}): ImageRow => ({
  python: { vllm: version },
  env,
});
const queueRow = (
  name: string,
  shmBytes: number,
  answer: Answer,
  image = vllm('0.27.0'),
  { args, devices = 2 }: { readonly args?: readonly string[]; readonly devices?: number } = {},
): CaseRow => ({
  ...row(`queue of an engine: ${name}`, { shmBytes }, answer, pull, { image, hardware: { devices } }),
  ...(args === undefined ? {} : { args }),
});

/** vLLM asks for 251,658,240 bytes: ten parts of 24 MiB. */
const queues: readonly CaseRow[] = [
  queueRow('vLLM 0.27 in a container of 64 MiB', 64 * mib, short),
  queueRow('less a byte than vLLM asks for', 251_658_239, short),
  queueRow('what vLLM asks for', 251_658_240, unknown),
  queueRow('1 GiB', gib, native),
  queueRow('vLLM 0.26 in a container of 64 MiB', 64 * mib, native, vllm('0.26.1')),
  queueRow('a later vLLM', 64 * mib, short, vllm('1.2.0')),
  queueRow('a vLLM without a version', 64 * mib, native, vllm('main')),
  queueRow('parts of another size', 64 * mib, native, vllm('0.27.0', { VLLM_MQ_MAX_CHUNK_BYTES_MB: '4' })),
  queueRow('another engine', 64 * mib, native, { python: { sglang: '0.5.9' } }),
  queueRow('one board', 64 * mib, native, vllm('0.27.0'), { devices: 1 }),
  queueRow('two boards, each with the whole model', 64 * mib, native, vllm('0.27.0'), {
    args: ['--data-parallel-size', '2'],
  }),
  queueRow('two boards, of which one serves', 64 * mib, native, vllm('0.27.0'), {
    args: ['--tensor-parallel-size', '1'],
  }),
  {
    ...queueRow('vLLM says so beside NCCL', 200 * mib, short, {
      python: { vllm: '0.27.0', 'nvidia-nccl-cu12': '2.20.5' },
    }),
    says: 'vllm 0.27.0 asks for 240MiB free there',
  },
  {
    ...row('queue of an engine: NCCL that maps more', { ...none, shmBytes: 64 * mib }, short, segments, {
      image: { python: { vllm: '0.27.0', 'nvidia-nccl-cu12': '2.20.5' } },
      hardware: { devices: 16 },
    }),
    says: 'NCCL maps at least 294.1MiB there',
  },
];

/** Four devices map 4 x 2 x 9,637,888 bytes, which are 77,103,104: 73.53 MiB. */
export const sharedMemoryCases: readonly CaseRow[] = [
  row('four boards that are no peers in a container of 64 MiB', { ...none, shmBytes: 64 * mib }, short, segments),
  row('what four boards map at least, less a byte', { ...none, shmBytes: 77_103_103 }, short, segments),
  row('what four boards map at least', { ...none, shmBytes: 77_103_104 }, unknown, segments),
  row('two boards that are no peers in a container of 64 MiB', { ...none, shmBytes: 64 * mib }, unknown, segments, {
    hardware: { devices: 2 },
  }),
  row('two boards, below what they map at least', { ...none, shmBytes: 38_551_551 }, short, segments, {
    hardware: { devices: 2 },
  }),
  row('boards that could be peers, by an image that forbids it', { shmBytes: 64 * mib }, short, segments, {
    image: apart(torch('2.20.5')),
  }),
  row('boards that are peers in a container of 64 MiB', { peerAccess: 'ok', shmBytes: 64 * mib }, unknown, advice),
  row('boards of which nobody asked that', { shmBytes: 64 * mib }, unknown, advice),
  row('boards with NVLink that are no peers over PCIe', { ...none, nvlink: 'active', shmBytes: mib }, unknown, advice),
  onBaseboard('eight H100 in a container of 16 MiB', 16 * mib, short),
  onBaseboard('what eight H100 map at least, less a byte', 58_723_071, short),
  onBaseboard('what eight H100 map at least', 58_723_072, unknown),
  onBaseboard('eight H100 in a container of 1 GiB', gib, native),
  onBaseboard('eight H100 with an NCCL that allocates by CUDA', 16 * mib, unknown, torch('2.26.2')),
  row(
    'eight H100 whose image forbids peers',
    { fabric: 'completed', nvlink: 'active', shmBytes: 64 * mib },
    short,
    segments,
    {
      image: apart(torch('2.21.5')),
      hardware: { devices: 8 },
      device: 'H100 550.54.14 12.4',
    },
  ),
  row('the first NCCL that allocates it by CUDA', { ...none, shmBytes: 64 * mib }, unknown, segments, {
    image: torch('2.24.3'),
  }),
  row('that NCCL without an update', { ...none, shmBytes: 64 * mib }, unknown, segments, { image: torch('2.24') }),
  row('peers, and a size that nobody limited', { peerAccess: 'ok', shmBytes: 0 }, unknown, advice),
  row(
    'no peers, segments of another size, and a size that nobody limited',
    { ...none, shmBytes: 0 },
    unknown,
    segments,
    {
      image: { ...torch('2.20.5'), env: { NCCL_BUFFSIZE: '1' } },
    },
  ),
  row('the last NCCL that does not', { ...none, shmBytes: 64 * mib }, short, segments, { image: torch('2.23.4') }),
  row('a library of NCCL without a wheel', { ...none, shmBytes: 64 * mib }, short, segments, {
    image: { components: { nccl: '2.19.3' } },
  }),
  ...['NCCL_BUFFSIZE', 'NCCL_LL128_BUFFSIZE', 'NCCL_MAX_NCHANNELS', 'NCCL_MAX_CTAS', 'NCCL_SHM_DISABLE'].map((name) =>
    row(`segments of another size by ${name}`, { ...none, shmBytes: 64 * mib }, unknown, segments, {
      image: { ...torch('2.20.5'), env: { [name]: '1' } },
    }),
  ),
  row('1 GiB', { ...none, shmBytes: gib }, native, advice),
  row('1 GiB less a byte', { ...none, shmBytes: gib - 1 }, unknown, advice),
  row('several boards, and nobody read it', none, unknown, never),
  row('one board in a container of 64 MiB', { shmBytes: 64 * mib }, native, advice, { hardware: {} }),
  row('one board, and nobody read it', {}, native, advice, { hardware: {} }),
  row('several boards without NCCL', { ...none, shmBytes: 64 * mib }, native, advice, { image: {} }),
  row('what the contract states', { ...none, shmBytes: 256 * mib }, native, never, {
    hardware: { devices: 4, shmMib: 256 },
  }),
  row('a byte less than the contract states', { ...none, shmBytes: 256 * mib - 1 }, short, never, {
    hardware: { devices: 4, shmMib: 256 },
  }),
  row('a contract that states less than NCCL maps', { ...none, shmBytes: 64 * mib }, short, segments, {
    hardware: { devices: 4, shmMib: 64 },
  }),
  row('one board, and less than the contract states', { shmBytes: 64 * mib }, short, never, {
    hardware: { shmMib: 128 },
    image: {},
  }),
  row('one board, a contract that states it, and nobody read it', {}, unknown, never, {
    hardware: { shmMib: 128 },
    image: {},
  }),
  row('Triton in a container of 64 MiB', { shmBytes: 64 * mib }, unknown, triton, {
    hardware: {},
    image: { env: { TRITON_SERVER_VERSION: '2.36.0' } },
  }),
  row('Triton, and a size that nobody limited', { shmBytes: 0 }, unknown, triton, {
    hardware: {},
    image: { env: { TRITON_SERVER_VERSION: '2.36.0' } },
  }),
  row('Triton in a container of 1 GiB', { shmBytes: gib }, native, triton, {
    hardware: {},
    image: { env: { TRITON_SERVER_VERSION: '2.36.0' } },
  }),
  row('Triton that keeps its boards apart without NCCL', { ...none, shmBytes: 64 * mib }, unknown, triton, {
    image: { env: { TRITON_SERVER_VERSION: '2.36.0' } },
  }),
  ...queues,
];
