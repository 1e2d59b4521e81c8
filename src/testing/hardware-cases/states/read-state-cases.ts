import type { CaseRow, HardwareRow } from '../case-row.ts';
import { stateRow, type Answer } from './state-cases.ts';

const peers = 'NCCL User Guide, "Troubleshooting" (2026-11)';
const debug = 'NVIDIA GPU Debug Guidelines (2026-11)';
const never = 'what is not known is never a pass';
const native: Answer = ['native', 'driver-native'];
const h100 = 'H100 550.54.14 12.4';
const l40s = 'L40S 550.54.14 12.4';
const two: HardwareRow = { devices: 2 };

const hung = 'nccl-tests issue 117 (2023-01-31)';
const modes = 'Triton Inference Server issue 1321 (2020-04-16)';
const rtx4090 = (driver: string): string => `RTX-4090 ${driver} 12.4`;
const peersOf4090 = (name: string, driver: string, answer: Answer, rest: Partial<CaseRow> = {}): CaseRow =>
  stateRow(name, rtx4090(driver), { iommu: 'off' }, answer, hung, {
    hardware: two,
    image: { cuda: '12.0' },
    ...rest,
    deviceFacts: { driverCuda: '12.0', ...rest.deviceFacts },
  });

const peersRead: readonly CaseRow[] = [
  peersOf4090('two RTX 4090 whose driver offers what hangs', '525.85.12', ['incompatible', 'peer-access']),
  peersOf4090('two RTX 4090 of the first driver that does not', '525.105.17', native),
  peersOf4090('two boards of an old driver, of an unknown product', '525.85.12', ['unknown', 'peer-access'], {
    deviceFacts: { product: null, migLayout: [] },
  }),
  peersOf4090('one RTX 4090', '525.85.12', native, { hardware: {} }),
  peersOf4090('two RTX 4090 that exchange nothing directly', '525.85.12', native, {
    image: { cuda: '12.0', env: { NCCL_P2P_DISABLE: '1' } },
  }),
  stateRow('two boards of which the driver says that they are no peers', l40s, { peerAccess: 'none' }, native, peers, {
    hardware: two,
  }),
  stateRow(
    'two boards that are no peers, and an IOMMU that translates',
    l40s,
    { peerAccess: 'none', iommu: 'translating' },
    native,
    peers,
    { hardware: two },
  ),
  stateRow('two boards that are peers', l40s, { peerAccess: 'ok' }, ['unknown', 'peer-access'], never, {
    hardware: two,
  }),
  stateRow(
    'two peers, and an IOMMU that translates',
    l40s,
    { peerAccess: 'ok', iommu: 'translating' },
    ['incompatible', 'peer-access'],
    peers,
    { hardware: two },
  ),
  stateRow(
    'two boards whose bridge of NVLink was read',
    'RTX-A6000 550.54.14 12.4',
    { nvlink: 'active', iommu: 'translating' },
    native,
    peers,
    { hardware: two },
  ),
  stateRow(
    'two boards of NVLink whose links are down',
    'A100-40 550.54.14 12.4',
    { nvlink: 'inactive', iommu: 'translating' },
    ['incompatible', 'peer-access'],
    peers,
    { hardware: two },
  ),
];

const sliced = { hardware: { sharing: ['time-slicing', 'mps', 'exclusive'], memoryGib: 1 } satisfies HardwareRow };
const computeModes: readonly CaseRow[] = [
  stateRow('compute mode prohibited', h100, { computeMode: 'prohibited' }, ['incompatible', 'compute-mode'], modes),
  stateRow('compute mode exclusive, for one alone', h100, { computeMode: 'exclusive-process' }, native, modes),
  stateRow(
    'compute mode exclusive, in turn',
    h100,
    { computeMode: 'exclusive-process' },
    ['incompatible', 'compute-mode'],
    modes,
    { ...sliced, deviceFacts: { sharing: 'time-slicing', replicas: 2 } },
  ),
  stateRow('compute mode exclusive, under MPS', h100, { computeMode: 'exclusive-process' }, native, modes, {
    ...sliced,
    deviceFacts: { sharing: 'mps', replicas: 2 },
  }),
  stateRow('the usual compute mode, in turn', h100, {}, native, modes, {
    ...sliced,
    deviceFacts: { sharing: 'time-slicing', replicas: 2 },
  }),
];

const slowed: readonly CaseRow[] = (
  [
    [{ link: 'narrow' }, 'link-narrow'],
    [{ link: 'slow' }, 'link-slow'],
    [{ fabric: 'completed', fabricHealth: 'degraded' }, 'fabric-degraded'],
    [{ eccPending: 'on' }, 'ecc-pending'],
    [{ eccPending: 'off' }, 'ecc-pending'],
    [{ rowRemapping: 'pending' }, 'rows-pending'],
    [{ persistence: 'off' }, 'persistence-off'],
    [{ numa: 'remote' }, 'numa-remote'],
  ] as const
).map(([state, warning]) =>
  stateRow(`a state that stops nothing: ${JSON.stringify(state)}`, h100, state, native, debug, { warnings: [warning] }),
);

export const readStateCases: readonly CaseRow[] = [...peersRead, ...computeModes, ...slowed];
