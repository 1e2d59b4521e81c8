import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow } from '../case-row.ts';
import { stateRow, type Answer } from '../states/state-cases.ts';

const wsl = 'vLLM issue 5161 (2024-05-31)';
const native: Answer = ['native', 'driver-native'];

const ready: DeviceState = { iommu: 'off', shmBytes: 2 ** 34 };
const ncclRow = (name: string, device: string, nccl: string, answer: Answer, rest: Partial<CaseRow> = {}): CaseRow =>
  stateRow(name, device, ready, answer, wsl, {
    image: { python: { 'nvidia-nccl-cu12': nccl } },
    hardware: { devices: 2, memoryGib: 4 },
    ...rest,
  });
const underWsl: readonly CaseRow[] = [
  ncclRow('NCCL 2.18 over two boards under WSL', 'RTX-4090 552.22 12.4', '2.18.1', ['incompatible', 'wsl-devices']),
  ncclRow('NCCL 2.20 over two boards under WSL', 'RTX-4090 551.76 12.4', '2.20.5', ['incompatible', 'wsl-devices']),
  ncclRow('NCCL 2.21 over two boards under WSL', 'RTX-4090 552.22 12.4', '2.21.5', ['unknown', 'wsl-devices']),
  ncclRow('NCCL 2.27 over two boards under WSL', 'RTX-4090 581.15 13.0', '2.27.5', ['unknown', 'wsl-devices'], {
    says: 'may not',
  }),
  ncclRow('NCCL 2.18 over two boards on Linux', 'RTX-4090 550.90.07 12.4', '2.18.1', native),
  ncclRow(
    'NCCL 2.18 over two boards of a WSL that was read',
    'RTX-4090 560.35.03 12.6',
    '2.18.1',
    ['incompatible', 'wsl-devices'],
    {
      deviceFacts: { state: { ...ready, host: 'wsl' } },
    },
  ),
  ncclRow('NCCL on one board under WSL', 'RTX-4090 552.22 12.4', '2.18.1', native, { hardware: { memoryGib: 4 } }),
  ncclRow(
    'NCCL over two boards, on a driver of Linux before all others that are known',
    'V100 418.87 10.1',
    '2.4.8',
    native,
    {
      image: { cuda: '10.1', python: { 'nvidia-nccl-cu12': '2.4.8' } },
    },
  ),
  stateRow('two boards under WSL without NCCL', 'RTX-4090 552.22 12.4', ready, native, wsl, {
    hardware: { devices: 2, memoryGib: 4 },
  }),
];

const preview = 'WSL issues 6014 (2020-12-15), 6702 (2021-03-19) and 6772 (2021-04-07)';
const wslDrivers: readonly CaseRow[] = (
  [
    ['461.92 11.2', 'wsl', ['unknown', 'wsl-driver']],
    ['464.11 11.3', 'wsl', ['unknown', 'wsl-driver']],
    ['465.89 11.3', 'wsl', native],
    ['472.12 11.4', 'wsl', native],
    ['460.32.03 11.2', undefined, native],
  ] satisfies readonly (readonly [string, 'wsl' | undefined, Answer])[]
).map(([driver, host, answer]) => ({
  ...stateRow(
    `driver ${driver.split(' ')[0]} on ${host === undefined ? 'Linux' : 'a WSL'}`,
    `T4 ${driver}`,
    host === undefined ? {} : { host },
    answer,
    preview,
  ),
  image: { cuda: '11.2', libraries: { 'app/libapp.so': 'sm_75' } },
}));

/** What the driver of Windows brings for a Linux of WSL, and NCCL over several boards there. */
export const wslCases: readonly CaseRow[] = [...underWsl, ...wslDrivers];
