import type { Compatibility } from '../../../core/contract/contract.ts';
import type { CaseRow } from '../case-row.ts';

const olderNotes = 'CUDA Toolkit 11.6 release notes, driver table (2022-01-12)';
const archive = 'NVIDIA Jetson Linux archive, releases 32 and 35 (2026-11)';

const untoldIssue = 'NVIDIA/nvidia-docker issue 931 (2019-03)';
const windows = 'koboldcpp issue 1409 (2025-03): 474.14, a driver of Windows of branch R470, drives a K80';

type Answer = readonly [compatibility: Compatibility, rule: string];
const native: Answer = ['native', 'driver-native'];
const tooOld: Answer = ['incompatible', 'driver-too-old'];
const never: Answer = ['unknown', 'driver'];
const notYet: Answer = ['incompatible', 'driver-supports-device'];
const noMore: Answer = notYet;

const row = (
  device: string,
  cuda: string,
  targets: string,
  [compatibility, rule]: Answer,
  source = olderNotes,
): CaseRow => ({
  name: `CUDA ${cuda} image on ${device}`,
  device,
  image: { cuda, libraries: { 'app/libapp.so': targets } },
  compatibility,
  rule,
  source,
});

/** Toolkits before minor-version compatibility: each at its own first driver, and on the driver before it. */
const firstDrivers: readonly CaseRow[] = [
  row('K80 346.46 7.0', '7.0', 'sm_37', native),
  row('K80 346.45 7.0', '7.0', 'sm_37', tooOld),
  row('K80 352.31 7.5', '7.5', 'sm_37', native),
  row('K80 352.30 7.5', '7.5', 'sm_37', tooOld),
  row('K80 367.48 8.0', '8.0.61', 'sm_37', native),
  row('P100 367.48 8.0', '8.0', 'sm_60', native),
  row('K80 367.47 8.0', '8.0', 'sm_37', tooOld),
  row('V100 384.81 9.0', '9.0', 'sm_70', native),
  row('V100 384.80 9.0', '9.0', 'sm_70', tooOld),
  row('V100 387.26 9.1', '9.1', 'sm_70', native),
  row('V100 387.25 9.1', '9.1', 'sm_70', tooOld),
  row('V100 396.26 9.2', '9.2', 'sm_70', native),
  row('V100 396.25 9.2', '9.2', 'sm_70', tooOld),
  row('T4 410.48 10.0', '10.0', 'sm_75', native),
  row('T4 410.47 10.0', '10.0', 'sm_75', tooOld),
  row('T4 418.39 10.1', '10.1.243', 'sm_75', native),
  row('T4 418.38 10.1', '10.1', 'sm_75', tooOld),
  row('T4 440.33 10.2', '10.2', 'sm_75', native),
  row('T4 440.32 10.2', '10.2', 'sm_75', tooOld),
  row('V100 390.116 9.1', '9.0', 'sm_70', native),
  row('V100 410.129 10.0', '10.1', 'sm_70', tooOld),
  row('K80 361.93 9.0', '8.0', 'sm_37', never),
];

/** The branch of the first toolkit for a device is the first that shows it. */
const firstBranches: readonly CaseRow[] = [
  row('P100 361.93 8.0', '7.5', 'sm_60', notYet),
  row('V100 378.13 8.0', '8.0', 'sm_70', notYet),
  row('T4 396.37 9.2', '9.2', 'sm_75', notYet),
];

/** Drivers of a Jetson that are named as the release of their system. */
const jetsons: readonly CaseRow[] = [
  row('Orin 35.4.1 11.4', '11.4.298', 'sm_87', native, archive),
  row('Orin 35.4.1 11.4', '10.2', 'sm_87', native, archive),
  row('Orin 35.4.1 11.4', '12.2', 'sm_87', tooOld, archive),
  row('Orin 99.1.0 11.4', '11.4', 'sm_87', native, archive),
  row('Orin 100.1.0 11.4', '11.4', 'sm_87', never, archive),
  row('K80 35.4.1 11.4', '11.4', 'sm_37', never, archive),
];

/** Before 410 nvidia-smi tells no CUDA version, and the driver stands for it. */
const untold: readonly CaseRow[] = (
  [
    ['P100 390.77 9.1', '9.1', 'sm_60', native],
    ['P100 390.77 9.1', '9.0', 'sm_60', native],
    ['P100 390.77 9.1', '10.0', 'sm_60', tooOld],
    ['P100 384.81 9.0', '9.0', 'sm_60', native],
    ['P100 384.80 8.0', '9.0', 'sm_60', tooOld],
    ['K80 346.46 7.0', '7.0', 'sm_37', native],
    ['K80 346.45 7.0', '7.0', 'sm_37', never],
    ['V100 409.99 9.2', '9.2', 'sm_70', native],
    ['V100 410.48 10.0', '10.0', 'sm_70', never],
    ['Orin 35.4.1 11.4', '7.0', 'sm_87', never],
  ] satisfies readonly (readonly [string, string, string, Answer])[]
).map(([device, cuda, targets, answer]) => ({
  ...row(device, cuda, targets, answer, untoldIssue),
  name: `CUDA ${cuda} image on ${device}, of which nothing tells CUDA`,
  deviceFacts: { driverCuda: null },
}));

/** Drivers of Windows count on inside a branch. */
const windowsBranches: readonly CaseRow[] = [
  row('V100 582.16 13.0', '12.4', 'sm_70', native, windows),
  row('V100 584.99 13.0', '12.4', 'sm_70', native, windows),
  row('V100 585.10 13.0', '12.4', 'sm_70', noMore, windows),
  row('K80 474.14 11.4', '11.4', 'sm_37', native, windows),
  row('K80 475.14 11.4', '11.4', 'sm_37', noMore, windows),
];

export const olderDriverCases: readonly CaseRow[] = [
  ...firstDrivers,
  ...firstBranches,
  ...jetsons,
  ...untold,
  ...windowsBranches,
];
