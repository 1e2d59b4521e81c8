import type { CaseRow, ImageRow } from '../case-row.ts';
import { type Answer, runtimeRow, newest, never, native } from './runtime-case.ts';

const trtMatrix = 'TensorRT support matrices (2026-11)';
const trtWheels = 'PyPI, tensorrt-cu12 and tensorrt-cu13 (2026-11-30)';
const kepler = 'TensorRT issue 3589 (2024-01-12)';
const wrongCuda: Answer = ['incompatible', 'tensorrt-cuda'];
const wrongDevice: Answer = ['incompatible', 'tensorrt-capability'];
/** [TensorRT, CUDA, device]. */
const tensorRt: readonly CaseRow[] = (
  [
    ['8.6.1', '11.8', 'A100-40', native],
    ['8.6.1', '12.1', 'A100-40', native],
    ['8.6.1', '13.0', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.0.1', '12.4', 'A100-40', native],
    ['10.1.0', '11.8', 'A100-40', native],
    ['10.1.0', '10.2', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.3.0', '12.6', 'V100', native],
    ['10.4.0', '12.6', 'V100', native],
    ['10.5.0', '12.6', 'V100', ['incompatible', 'tensorrt-capability']],
    ['10.5.0', '12.6', 'T4', native],
    ['10.13.1', '11.8', 'A100-40', native],
    ['10.13.2', '11.8', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.13.2', '13.0', 'A100-40', native],
    ['10.13.1', '13.0', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.15.1', '13.1', 'A100-40', native],
    ['11.1.0', '13.3', 'A100-40', native],
    ['11.1.0', '12.9', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['11.5.0', '13.4', 'A100-40', native],
    ['4.0.1', '9.0', 'P100', ['unknown', 'tensorrt-cuda']],
    ['5.0.2', '9.0', 'P100', native],
    ['5.0.2', '9.2', 'P100', wrongCuda],
    ['5.0.2', '10.0', 'T4', native],
    ['5.0.2', '10.1', 'T4', wrongCuda],
    ['5.1.5', '10.0', 'T4', native],
    ['5.1.5', '10.1', 'V100', native],
    ['5.1.5', '10.2', 'V100', wrongCuda],
    ['5.1.5', '10.1', 'A100-40', wrongDevice],
    ['6.0.1', '9.0', 'V100', native],
    ['6.0.1', '10.0', 'V100', native],
    ['6.0.1', '10.1', 'V100', native],
    ['6.0.1', '10.2', 'T4', native],
    ['6.0.1', '10.2', 'A100-40', wrongDevice],
    ['6.0.1', '11.0', 'T4', wrongCuda],
    ['7.0.0', '10.0', 'T4', native],
    ['7.0.0', '10.1', 'T4', wrongCuda],
    ['7.0.0', '10.2', 'P100', native],
    ['7.0.0', '10.2', 'A10', wrongDevice],
    ['7.1.3', '10.2', 'T4', native],
    ['7.1.3', '11.0', 'A100-40', native],
    ['7.1.3', '11.0', 'A10', wrongDevice],
    ['7.1.3', '10.1', 'T4', wrongCuda],
    ['7.2.3', '11.1', 'A100-40', native],
    ['7.2.1', '11.1', 'A10', native],
    ['7.2.2', '10.2', 'T4', native],
    ['7.2.3', '11.2', 'L4', wrongDevice],
    ['7.2.3', '10.1', 'T4', wrongCuda],
    ['8.2.5', '10.1', 'T4', wrongCuda],
    ['8.2.5', '10.2', 'T4', native],
    ['11.0.0', '13.2', 'A100-40', native],
    ['8.0.1', '11.3', 'A100-40', native],
    ['8.0.1', '12.1', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['8.2.5', '11.5', 'A100-40', native],
    ['8.4.3', '11.6', 'A100-40', native],
    ['8.5.3', '11.8', 'A100-40', native],
    ['8.5.3', '12.0', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['12.0.0', '13.4', 'A100-40', ['unknown', 'tensorrt-cuda']],
    ['8.6.1', '12.1', 'P100', native],
    ['9.0.1', '12.2', 'A100-40', ['unknown', 'tensorrt-cuda']],
    ['9.1.0', '12.2', 'A100-40', native],
    ['9.2.0', '11.8', 'P100', native],
    ['9.3.0', '12.2', 'H100', native],
    ['9.3.0', '13.0', 'A100-40', ['incompatible', 'tensorrt-cuda']],
    ['10.3.0', '12.6', 'P100', ['incompatible', 'tensorrt-capability']],
  ] satisfies readonly (readonly [string, string, string, Answer])[]
).map(([version, cuda, device, [compatibility, rule]]) => ({
  name: `TensorRT ${version} with CUDA ${cuda} on ${device}`,
  device: `${device} ${device === 'V100' || device === 'P100' ? '580.95.05 13.0' : newest}`,
  image: { cuda, components: { tensorrt: version } },
  compatibility,
  rule,
  source: compatibility === 'unknown' ? never : trtMatrix,
}));
/** A board that R470 drives, and code for it. */
const k80: Partial<CaseRow> = { device: 'K80 470.82.01 11.4' };
const onKepler = (cuda: string, tensorrt: string): ImageRow => ({
  ...{ cuda, components: { tensorrt } },
  libraries: { 'app/libapp.so': 'sm_30 sm_37' },
});
const tensorRtOthers: readonly CaseRow[] = [
  runtimeRow(
    'TensorRT of the plain distribution',
    { cuda: '12.9', python: { tensorrt: '11.1.0' } },
    ['incompatible', 'tensorrt-cuda'],
    trtMatrix,
  ),
  runtimeRow(
    'TensorRT of the distribution for CUDA 13',
    { cuda: '12.9', python: { 'tensorrt-cu13': '11.1.0' } },
    ['incompatible', 'tensorrt-cuda'],
    trtMatrix,
  ),
  runtimeRow(
    'TensorRT of a version that is no version',
    { cuda: '12.9', components: { tensorrt: 'main' } },
    ['unknown', 'tensorrt-cuda'],
    never,
  ),
  runtimeRow(
    'TensorRT of the distribution for CUDA 12, of a release whose matrix names 13 alone',
    { cuda: '12.9', python: { 'tensorrt-cu12': '11.1.0' } },
    native,
    trtWheels,
  ),
  runtimeRow(
    'TensorRT of the distribution for CUDA 12 beside CUDA 13',
    { cuda: '13.0', python: { 'tensorrt-cu12': '10.13.2' } },
    wrongCuda,
    trtWheels,
    { says: 'is built for CUDA 12.x; the image brings 13.0' },
  ),
  runtimeRow(
    'TensorRT of the distribution for CUDA 12 beside CUDA 13, with a runtime of its own',
    { cuda: '13.0', python: { 'tensorrt-cu12': '10.13.2', 'nvidia-cuda-runtime-cu12': '12.9.79' } },
    native,
    trtWheels,
  ),
  runtimeRow(
    'TensorRT of the distribution for CUDA 12 beside CUDA 13, with a runtime of CUDA 11',
    { cuda: '13.0', python: { 'tensorrt-cu12': '10.13.2', 'nvidia-cuda-runtime-cu11': '11.8.89' } },
    wrongCuda,
    trtWheels,
  ),
  runtimeRow(
    'TensorRT of the distribution for CUDA 11 beside CUDA 12',
    { cuda: '12.4', python: { 'tensorrt-cu11': '10.3.0' } },
    wrongCuda,
    trtWheels,
  ),
  runtimeRow(
    'TensorRT of the distribution for CUDA 13 beside CUDA 12, of a release that is built for both',
    { cuda: '12.9', python: { tensorrt: '10.14.1', 'tensorrt-cu13': '10.14.1' } },
    wrongCuda,
    trtWheels,
  ),
  runtimeRow(
    'TensorRT 8.0 beside CUDA 12, in words',
    { cuda: '12.1', components: { tensorrt: '8.0.3' } },
    wrongCuda,
    trtMatrix,
    { says: 'is built for CUDA 10.2 and 11.0 to 11.3; the image brings 12.1' },
  ),
  runtimeRow(
    'TensorRT of the plain distribution beside either CUDA that the release is built for',
    { cuda: '12.9', python: { tensorrt: '10.14.1' } },
    native,
    trtMatrix,
  ),
  runtimeRow(
    'distributions of TensorRT for two majors: either may be called',
    { cuda: '13.0', python: { 'tensorrt-cu12': '10.14.1', 'tensorrt-cu13': '10.14.1' } },
    native,
    never,
  ),
  runtimeRow(
    'TensorRT of the system beside a distribution for another CUDA',
    { cuda: '12.9', components: { tensorrt: '10.14.1' }, python: { 'tensorrt-cu13': '10.14.1' } },
    native,
    trtMatrix,
  ),
  runtimeRow('TensorRT 6.0 on Kepler', onKepler('10.2', '6.0.1'), native, trtMatrix, k80),
  runtimeRow('TensorRT 8.4 on Kepler', onKepler('11.3', '8.4.3'), native, kepler, k80),
  runtimeRow('TensorRT 8.5 on Kepler', onKepler('11.3', '8.5.3'), native, kepler, k80),
  runtimeRow('TensorRT 8.6 on Kepler', onKepler('11.4', '8.6.1'), wrongDevice, kepler, k80),
  runtimeRow('TensorRT 7.1 on a board of 3.0', onKepler('10.2', '7.1.3'), native, trtMatrix, {
    ...k80,
    deviceFacts: { product: 'Tesla K10', computeCapability: '3.0' },
  }),
  runtimeRow('TensorRT 7.2 on a board of 3.0', onKepler('10.2', '7.2.3'), wrongDevice, trtMatrix, {
    ...k80,
    deviceFacts: { product: 'Tesla K10', computeCapability: '3.0' },
  }),
  runtimeRow(
    'TensorRT without a CUDA runtime, and the capability is not known',
    { cuda: null, components: { tensorrt: '10.5.0' } },
    ['unknown', 'tensorrt-capability'],
    never,
    { deviceFacts: { computeCapability: null } },
  ),
  runtimeRow(
    'TensorRT 10.5 on Volta, in words',
    { cuda: '12.6', components: { tensorrt: '10.5.0' } },
    ['incompatible', 'tensorrt-capability'],
    trtMatrix,
    { device: 'V100 560.35.05 12.6', says: 'runs on capability 7.5 to ' },
  ),
  runtimeRow(
    'TensorRT 11.1 on Volta, in words',
    { cuda: '13.3', components: { tensorrt: '11.1.0' } },
    ['incompatible', 'tensorrt-capability'],
    trtMatrix,
    { device: 'V100 610.10.01 13.3', says: 'runs on capability 7.5 and later' },
  ),
  runtimeRow(
    'TensorRT is there and the capability is not known',
    { cuda: '12.6', components: { tensorrt: '10.5.0' } },
    ['unknown', 'tensorrt-capability'],
    never,
    { deviceFacts: { computeCapability: null } },
  ),
];

/** TensorRT beside a CUDA and a device. */
export const tensorRtCases: readonly CaseRow[] = [...tensorRt, ...tensorRtOthers];
