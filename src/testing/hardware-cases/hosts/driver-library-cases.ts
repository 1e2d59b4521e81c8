import type { CaseRow } from '../case-row.ts';
import { stateRow, type Answer } from '../states/state-cases.ts';

const absent = 'meta-tegra pull request 1456 (2024-01-16); vgpu_unlock issue 51 (2021-05-19)';
const other = 'nvidia-container-toolkit issue 394 (2024-03-13); nvidia-docker issue 1451 (2021-01-20)';
const jetPack = 'nvidia-container-toolkit issue 543 (2024-06-14); jetson-containers issue 725 (2024-11-18)';
const never = 'what is not known is never a pass';
const named = 'a pass names what nobody read';

const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'driver-library'];
const l40s = 'L40S 550.90.07 12.4';
const mode = 'mode of the container runtime';
const health = 'health of the device';

const libraries: readonly CaseRow[] = [
  stateRow('a node without libcuda.so.1', 'L40S 550.90.07', { driverLibrary: 'missing' }, refused, absent, {
    says: 'no libcuda.so.1',
  }),
  stateRow(
    'a node without libcuda.so.1, for an image with cuda-compat',
    l40s,
    { driverLibrary: 'missing' },
    ['unknown', 'driver-library'],
    never,
    { image: { cuda: '12.4', compat: '550.54.15', compatPath: 'opt/compat/libcuda.so.1' } },
  ),
  stateRow('libraries that were updated beside a loaded module', l40s, { driverLibrary: 'mismatch' }, refused, other, {
    says: 'another version than its kernel module (550.90.07)',
  }),
  stateRow('the same, for an image with cuda-compat', l40s, { driverLibrary: 'mismatch' }, refused, other, {
    image: { cuda: '12.4', compat: '550.54.15', compatPath: 'opt/compat/libcuda.so.1' },
  }),
  stateRow(
    'the same, of a board that tells nothing more',
    'L40S 550.90.07',
    { driverLibrary: 'mismatch' },
    refused,
    other,
    {
      deviceFacts: { computeCapability: null, memoryBytes: null, brand: null, state: { driverLibrary: 'mismatch' } },
    },
  ),
  stateRow(
    'a driver for Linux inside a WSL',
    'RTX-4090 552.44 12.4',
    { host: 'wsl', driverLibrary: 'foreign' },
    ['unknown', 'driver-library'],
    'CUDA on WSL User Guide (2026-11); nvidia-docker issue 1508 (2021-09-15)',
    { says: 'may hide those of the driver of Windows' },
  ),
  stateRow(
    'a WSL that holds no driver for Linux',
    'RTX-4090 552.44 12.4',
    { host: 'wsl', driverLibrary: 'match' },
    native,
    other,
  ),
  stateRow('a library of the version of the module', l40s, { driverLibrary: 'match' }, native, other),
  stateRow('a library that nobody read', l40s, {}, native, other, { notChecked: [health] }),
];

const tooNew: Answer = ['incompatible', 'driver-glibc'];
const glibcRow = (device: string, glibc: string | undefined, answer: Answer, rest: Partial<CaseRow> = {}): CaseRow =>
  stateRow(`glibc ${glibc ?? 'not read'} on ${device}`, device, {}, answer, jetPack, {
    image: {
      cuda: '11.4',
      libraries: { 'app/libapp.so': 'sm_87 sm_89 compute_70' },
      ...(glibc === undefined ? {} : { glibc }),
    },
    ...rest,
  });
const glibcs: readonly CaseRow[] = [
  glibcRow('Orin 540.4.0 12.6', '2.31', tooNew, { says: 'GLIBC_2.34' }),
  glibcRow('Orin 540.3.0 12.4', '2.33', tooNew),
  glibcRow('Orin 540.4.0 12.6', '2.34', native),
  glibcRow('Orin 540.4.0 12.6', '2.35', native),
  glibcRow('Orin 540.4.0 12.6', undefined, native, { source: named, notChecked: [health, mode, 'glibc of the image'] }),
  glibcRow('Orin 35.4.1 11.4', '2.31', native),
  glibcRow('Orin 35.4.1 11.4', undefined, native, { notChecked: [health, mode] }),
  glibcRow('L40S 540.4.0 12.6', '2.31', native),
  glibcRow('L40S 540.4.0 12.6', undefined, native, { notChecked: [health] }),
];

/** Facts of the libraries of a driver on the node, and of what they need of an image. */
export const driverLibraryCases: readonly CaseRow[] = [...libraries, ...glibcs];
