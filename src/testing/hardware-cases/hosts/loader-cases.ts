import type { DeviceState } from '../../../core/pool/device-state.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';
import { stateRow, type Answer } from '../states/state-cases.ts';

const stack = 'glibc 2.41, NEWS (2025-01-30); CTranslate2 issue 1849 (2025-02-04)';
const files = 'nvidia-docker issue 1488 (2021-04-13)';
const fileExists = 'nvidia-container-toolkit issue 289 (2023-12-04)';
const visible = 'CUDA C++ Programming Guide, "CUDA Environment Variables" (2026-11)';
const branches = 'CUDA Toolkit 13.1 release notes, "CUDA Toolkit and Corresponding Driver Versions" (2025-12-04)';

const native: Answer = ['native', 'driver-native'];
const l40s = 'L40S 550.90.07 12.4';
const health = 'health of the device';

const site = 'usr/lib/python3/dist-packages/x.libs/libx.so';
const noStack: Answer = ['incompatible', 'executable-stack'];
const stackRow = (name: string, image: ImageRow, answer: Answer, rest: Partial<CaseRow> = {}): CaseRow =>
  stateRow(name, l40s, {}, answer, stack, { image, ...rest });
const ct2 = { ctranslate2: '4.5.0' };
const stacks: readonly CaseRow[] = [
  stackRow(
    'a library that asks for an executable stack, with glibc 2.41',
    { glibc: '2.41', execStack: [site] },
    noStack,
  ),
  stackRow('the same with glibc 2.42', { glibc: '2.42', execStack: [site] }, noStack),
  stackRow('the same with glibc 2.40', { glibc: '2.40', execStack: [site] }, native),
  stackRow('the same with a glibc that nobody read', { execStack: [site] }, ['unknown', 'executable-stack']),
  stackRow(
    'the same with glibc 2.41 that is told to allow it',
    { glibc: '2.41', execStack: [site], env: { GLIBC_TUNABLES: 'glibc.rtld.execstack=2' } },
    native,
  ),
  stackRow(
    'the same with a glibc that nobody read, and that is told to allow it',
    { execStack: [site], env: { GLIBC_TUNABLES: 'glibc.malloc.check=0:glibc.rtld.execstack=2' } },
    native,
  ),
  stackRow(
    'the same with another setting of glibc',
    { glibc: '2.41', execStack: [site], env: { GLIBC_TUNABLES: 'glibc.rtld.execstack=1' } },
    noStack,
  ),
  stackRow('glibc 2.41, and no library asks', { glibc: '2.41', execStack: [], python: ct2 }, native),
  stackRow('CTranslate2 4.5 with glibc 2.41', { glibc: '2.41', python: ct2 }, noStack),
  stackRow('CTranslate2 4.5 with glibc 2.36', { glibc: '2.36', python: ct2 }, native, { notChecked: [health] }),
  stackRow('CTranslate2 4.5 with a glibc that nobody read', { python: ct2 }, native, {
    notChecked: [health, 'glibc of the image'],
  }),
  stackRow('CTranslate2 4.6 with glibc 2.41', { glibc: '2.41', python: { ctranslate2: '4.6.0' } }, native),
  stackRow(
    'the extension of Intel 2.6 with glibc 2.41',
    { glibc: '2.41', python: { 'intel-extension-for-pytorch': '2.6.10' } },
    noStack,
  ),
  stackRow(
    'the extension of Intel 2.4 with glibc 2.41',
    { glibc: '2.41', python: { 'intel-extension-for-pytorch': '2.4.0' } },
    native,
  ),
  stackRow(
    'the extension of Intel 2.7 with glibc 2.41',
    { glibc: '2.41', python: { 'intel-extension-for-pytorch': '2.7.0' } },
    native,
  ),
];

const mismatch: Answer = ['incompatible', 'driver-files'];
const folder = 'usr/lib/x86_64-linux-gnu';
const fileRow = (
  name: string,
  device: string,
  driverFiles: Readonly<Record<string, string>>,
  answer: Answer,
  source = files,
  state: DeviceState = {},
): CaseRow => stateRow(name, device, state, answer, source, { image: { driverFiles } });
const driverFiles: readonly CaseRow[] = [
  fileRow('the library of a newer driver in the image', l40s, { [`${folder}/libcuda.so.570.26`]: '570.26' }, mismatch),
  fileRow(
    'the library of the next driver in the image',
    l40s,
    { [`${folder}/libcuda.so.550.90.08`]: '550.90.08' },
    mismatch,
  ),
  fileRow(
    'the library of an older driver in the image',
    l40s,
    { [`${folder}/libcuda.so.535.54.03`]: '535.54.03' },
    native,
  ),
  fileRow(
    'the library of the same driver in the image',
    l40s,
    { [`${folder}/libcuda.so.550.90.07`]: '550.90.07' },
    native,
  ),
  fileRow(
    'libraries of an older and of a newer driver in the image',
    l40s,
    { [`${folder}/libcuda.so.535.54.03`]: '535.54.03', [`${folder}/libnvidia-ml.so.570.26`]: '570.26' },
    mismatch,
    files,
  ),
  fileRow('a library of a driver whose version nothing tells', l40s, { [`${folder}/libnvidia-ml.so.1`]: '' }, native),
  fileRow('no library of a driver in the image', l40s, {}, native),
  fileRow(
    'a library of an older driver under WSL',
    'RTX-4090 552.22 12.4',
    { [`${folder}/libnvidia-ml.so.1`]: '' },
    mismatch,
    fileExists,
  ),
  fileRow(
    'the same under a WSL that hands devices in by CDI',
    'RTX-4090 552.22 12.4',
    { [`${folder}/libnvidia-ml.so.1`]: '' },
    native,
    fileExists,
    { containerRuntime: 'cdi' },
  ),
  fileRow(
    'the same by CDI that the runtime writes',
    'RTX-4090 552.22 12.4',
    { [`${folder}/libnvidia-ml.so.1`]: '' },
    native,
    fileExists,
    { containerRuntime: 'jit-cdi' },
  ),
  fileRow(
    'the same under WSL in legacy mode',
    'RTX-4090 552.22 12.4',
    { [`${folder}/libnvidia-ml.so.1`]: '' },
    mismatch,
    fileExists,
    { containerRuntime: 'legacy' },
  ),
];

const hidden: Answer = ['incompatible', 'hidden-devices'];
const shown = (name: string, value: string, devices: number, answer: Answer): CaseRow =>
  stateRow(`CUDA_VISIBLE_DEVICES ${name}`, l40s, { iommu: 'off' }, answer, visible, {
    image: { env: { CUDA_VISIBLE_DEVICES: value } },
    hardware: { devices, memoryGib: 4 },
  });
const visibleDevices: readonly CaseRow[] = [
  shown('that is empty', '', 1, hidden),
  shown('of -1', '-1', 1, hidden),
  shown('of no device by name', 'NoDevFiles', 1, hidden),
  shown('of the first device', '0', 1, native),
  shown('of the second device of one', '1', 1, hidden),
  shown('of the first device of two', '0', 2, hidden),
  shown('of two devices', '0,1', 2, native),
  shown('of two devices in another order', '1, 0', 2, native),
  shown('of one device twice', '0,0', 2, hidden),
  shown('of more devices than there are', '0,1,2,3', 2, native),
  shown('that stops before the second', '0,7,1', 2, hidden),
  shown('by UUID', 'GPU-8932f937-d72c-4106-c12f-20bd9faed9f6', 1, native),
];

const tooOld: Answer = ['incompatible', 'driver-supports-device'];
const branchRow = (name: string, device: string, cuda: string, [compatibility, rule]: Answer): CaseRow => ({
  name,
  device,
  image: { cuda },
  compatibility,
  rule,
  source: branches,
});
const firstBranches: readonly CaseRow[] = [
  branchRow('Blackwell on a driver of R550', 'RTX-5090 550.163.01 12.4', '12.4', tooOld),
  branchRow('Blackwell on a driver of R565', 'B200 565.57.01 12.7', '12.4', tooOld),
  branchRow('Blackwell on the first driver', 'B200 570.26 12.8', '12.8', native),
  branchRow('Blackwell Ultra on a driver of R570', 'B300 570.133.20 12.8', '12.8', tooOld),
  branchRow('a GB10 on a driver of R570', 'GB10 570.133.20 12.8', '12.8', tooOld),
  branchRow('Ada on a driver of R515', 'L40S 515.105.01 11.7', '11.7', tooOld),
  branchRow('Hopper on the first driver', 'H100 520.61.05 11.8', '11.8', native),
  branchRow('Ampere of 8.6 on a driver of R450', 'A10 450.80.02 11.0', '11.0', tooOld),
  branchRow('Ampere of 8.0 on a driver of R450', 'A30 450.80.02 11.0', '11.0', native),
  branchRow('Turing on a driver of R418, of which the table tells nothing', 'T4 418.87 10.1', '10.1', native),
  branchRow('a Thor on a driver of another numbering', 'Thor 540.4.0 13.0', '13.0', ['unknown', 'driver']),
];

const dropped = 'NVIDIA container images for CUDA, issue 182 (2026-11)';
const compatRow = (name: string, device: string, image: ImageRow, [compatibility, rule]: Answer): CaseRow => ({
  name,
  device,
  image,
  compatibility,
  rule,
  source: dropped,
});
const onKepler: ImageRow = { cuda: '11.4', libraries: { 'app/libapp.so': 'sm_35 sm_60' } };
const noDevice: Answer = ['incompatible', 'compat-device'];
const elsewhere = { compatPath: 'opt/compat/libcuda.so.1' };
const dropping: readonly CaseRow[] = [
  compatRow('a K80 with a driver of R470', 'K80 470.82.01 11.4', onKepler, native),
  compatRow('a K80 with a driver of R535', 'K80 535.54.03 12.2', onKepler, tooOld),
  compatRow('a K80 with a package of R470', 'K80 470.82.01 11.4', { ...onKepler, compat: '470.82.01' }, native),
  compatRow('a K80 with a package of R495', 'K80 470.82.01 11.4', { ...onKepler, compat: '495.29.05' }, noDevice),
  compatRow(
    'a K80 with a package of R495 that lies where nobody looks',
    'K80 470.82.01 11.4',
    { ...onKepler, compat: '495.29.05', ...elsewhere },
    native,
  ),
  compatRow(
    'a V100 with a package of R590 on a driver of R580',
    'V100 580.65.06 13.0',
    { cuda: '12.8', compat: '590.44.01' },
    noDevice,
  ),
  compatRow(
    'a V100 with a package of R590 that the image loads',
    'V100 580.65.06 13.0',
    { cuda: '12.8', compat: '590.44.01', ...elsewhere, env: { LD_LIBRARY_PATH: '/opt/compat' } },
    noDevice,
  ),
  compatRow(
    'a V100 with a package of R590 that the image may load',
    'V100 580.65.06 13.0',
    { cuda: '12.8', compat: '590.44.01', ...elsewhere, searchPaths: null },
    ['unknown', 'compat-device'],
  ),
  compatRow('a V100 with a package of R580', 'V100 570.133.20 12.8', { cuda: '12.8', compat: '580.65.06' }, native),
  compatRow(
    'a V100 with a package whose branch nobody read',
    'V100 580.65.06 13.0',
    { cuda: '12.8', compat: null, ...elsewhere, env: { LD_LIBRARY_PATH: '/opt/compat' } },
    ['unknown', 'driver'],
  ),
  compatRow('an A30 with a package of R590', 'A30 580.65.06 13.0', { cuda: '13.0', compat: '590.44.01' }, native),
];

/** What the loader of an image takes, the devices that it is shown, and the first and last branches of its driver. */
export const loaderCases: readonly CaseRow[] = [
  ...stacks,
  ...driverFiles,
  ...visibleDevices,
  ...firstBranches,
  ...dropping,
];
