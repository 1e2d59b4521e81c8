import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow } from '../case-row.ts';
import type { Answer } from '../states/state-cases.ts';

const onHost = 'nvidia-docker issue 1515 (2021-07-02); PyTorch issue 40671 (2020-06-28)';
const table = 'CUDA Compatibility, "Forward Compatibility", release 615 (2026-09-09)';
const tables = 'CUDA Toolkit release notes, drivers by toolkit (2026-11)';

const native: Answer = ['native', 'driver-native'];
const minor: Answer = ['minor-version', 'driver-minor-version'];
const refused: Answer = ['incompatible', 'host-library'];

const row = (
  name: string,
  device: string,
  cuda: string,
  [compatibility, rule]: Answer,
  source = onHost,
  facts: CaseRow['deviceFacts'] = {},
  state: DeviceState = {},
): CaseRow => ({
  name,
  device,
  deviceFacts: { ...facts, ...(Object.keys(state).length === 0 ? {} : { state }) },
  image: { cuda },
  hardware: { memoryGib: 4 },
  compatibility,
  rule,
  source,
});

/** Drivers that speak another CUDA than that of their branch. */
export const hostLibraryCases: readonly CaseRow[] = [
  row(
    'a Jetson of a brand that is not known, which was given a newer CUDA',
    'Orin 580.00 13.2',
    '12.6',
    native,
    tables,
    { brand: null },
  ),
  row('a GeForce whose driver speaks a newer CUDA than its branch', 'RTX-4090 535.183.01 12.4', '12.1', refused),
  row('the same of a newer major', 'RTX-4090 535.183.01 13.0', '12.1', refused),
  row('a TITAN whose driver speaks a newer CUDA than its branch', 'TITAN-RTX 460.73.01 11.4', '11.0', refused),
  row('a GeForce whose driver speaks the CUDA of its branch', 'RTX-4090 535.183.01 12.2', '12.1', native, tables),
  row(
    'a GeForce whose driver speaks an older CUDA than its branch',
    'RTX-4090 535.183.01 12.1',
    '12.1',
    native,
    tables,
  ),
  row('a GeForce on a branch of no table', 'RTX-4090 572.16 12.9', '12.8', native, tables),
  row('a board of a data centre by a package for its branch', 'V100 535.183.01 12.9', '12.1', native, table, {
    brand: 'tesla',
  }),
  row('a board of a brand of which some are covered', 'RTX-A6000 535.183.01 12.4', '12.1', native),
  row('a board whose brand is not known', 'RTX-4090 535.183.01 12.4', '12.1', ['unknown', 'host-library'], onHost, {
    brand: null,
  }),
  row(
    'a GeForce under WSL, whose driver is that of Windows',
    'RTX-4090 560.35 12.9',
    '12.6',
    native,
    tables,
    {},
    { host: 'wsl' },
  ),
  row('a Jetson that was given a newer CUDA', 'Orin 580.00 13.2', '12.6', native, tables),
  row('a GeForce that is too old by its branch, with a newer library', 'RTX-4090 525.85.12 12.4', '12.4', refused),
  row('a GeForce on an older driver of its own library', 'RTX-4090 525.85.12 12.0', '12.4', minor, tables),
];
