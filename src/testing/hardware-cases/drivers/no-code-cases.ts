import type { CaseRow, ImageRow } from '../case-row.ts';
import type { Answer } from '../states/state-cases.ts';

const base =
  'CUDA images on Docker Hub: "base" holds the CUDA runtime alone (2026-11); dashdot issue 1226 (2025-07-14)';
const pods = 'scaleway docs-content pull request 2165 (2023-09-19)';
const samples = 'nvidia-docker issues 317 (2017-02-21) and 414 (2017-07-03); k8s-device-plugin issue 33 (2018-02-28)';
const compiled = 'CUDA Compatibility, "Application Considerations" (2026-11)';
const mojo = 'modular issue 6520 (2026-05-11); mojo-gpu-puzzles pull request 257 (2026-06-27)';
const older = 'modular issue 6572 (2026-05-20)';
const never = 'what is not known is never a pass';

const loaded = 'device code that programs load or compile while they run';

const native: Answer = ['native', 'driver-native'];
const minor: Answer = ['minor-version', 'driver-minor-version'];
const open: Answer = ['unknown', 'kernels'];

const row = (
  name: string,
  device: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device,
  image: { cuda: '12.4', libraries: {}, ...image },
  hardware: { memoryGib: 1 },
  compatibility,
  rule,
  source,
  ...rest,
});

/** No library is required, and nothing compiles. */
const ofDriver: readonly CaseRow[] = [
  row('a CUDA runtime alone', 'A100-40 550.54.14 12.4', {}, native, pods, {
    warnings: ['kernels-none'],
    notChecked: ['health of the device', 'NVSwitches and their Fabric Manager', loaded],
  }),
  row('a CUDA runtime alone, and no compiler', 'A100-40 550.54.14 12.4', { compilers: [] }, native, base, {
    notChecked: ['health of the device', 'NVSwitches and their Fabric Manager', loaded],
  }),
  row(
    'a CUDA runtime alone, and a compiler of C',
    'A100-40 550.54.14 12.4',
    { compilers: ['usr/bin/gcc'] },
    native,
    base,
  ),
  row(
    'a CUDA runtime alone on a board that no library of CUDA 12 knows',
    'K80 470.223.02 11.4',
    { cuda: '11.4' },
    native,
    base,
  ),
  ...['libraries', 'components', 'python'].map((field) =>
    row(
      `a CUDA runtime alone in an image whose ${field} were not read whole`,
      'A100-40 550.54.14 12.4',
      { unknown: { [field]: 'it ends too early' } },
      open,
      never,
    ),
  ),
  row('a CUDA runtime alone on an older driver of its major', 'A100-40 535.183.01 12.2', {}, minor, base),
  row(
    'a CUDA runtime alone on a driver of an older major',
    'A100-40 470.223.02 11.4',
    {},
    ['incompatible', 'driver-too-old'],
    base,
  ),
  row(
    'a CUDA runtime alone, whose require string the driver refuses',
    'RTX-4090 535.183.01 12.2',
    { env: { NVIDIA_REQUIRE_CUDA: 'cuda>=12.4' } },
    ['incompatible', 'require-enforced'],
    base,
    {
      deviceFacts: { state: { containerRuntime: 'legacy' } },
    },
  ),
  row(
    'a CUDA runtime with libraries that are never required',
    'A100-40 550.54.14 12.4',
    { libraries: { 'usr/local/cuda/extras/CUPTI/lib64/libcupti.so.12': 'sm_90' } },
    native,
    base,
  ),
  row(
    'a CUDA runtime with libraries of a driver',
    'A100-40 550.54.14 12.4',
    { libraries: { 'usr/local/cuda/compat/libnvidia-ptxjitcompiler.so.1': 'sm_90' } },
    native,
    base,
  ),
  row(
    'a CUDA runtime alone on a board of no table: its capability decides nothing',
    'A100-40 550.54.14 12.4',
    {},
    native,
    base,
    { deviceFacts: { computeCapability: '8.5' } },
  ),
  row('a CUDA runtime alone on a board of unknown capability', 'A100-40 550.54.14 12.4', {}, open, never, {
    deviceFacts: { computeCapability: null },
  }),
];

/** What was read does not show the code that is there. */
const ofOthers: readonly CaseRow[] = [
  row(
    'a CUDA runtime and torch, of which no library was read',
    'A100-40 550.54.14 12.4',
    { python: { torch: '2.6.0+cu124' } },
    open,
    never,
  ),
  row(
    'a CUDA runtime and cupy of its wheel, of which no library was read',
    'A100-40 550.54.14 12.4',
    { python: { 'cupy-cuda12x': '13.3.0' } },
    open,
    never,
  ),
  row(
    'a CUDA runtime and numba, which compiles by itself',
    'A100-40 550.54.14 12.4',
    { python: { numba: '0.60.0' } },
    open,
    never,
  ),
  row(
    'a CUDA runtime and cuBLAS, of which no library was read',
    'A100-40 550.54.14 12.4',
    { components: { cublas: '12.4.5' } },
    open,
    never,
  ),
  row(
    'a CUDA runtime and libraries of which one could not be read',
    'A100-40 550.54.14 12.4',
    { unknown: { 'libraries opt/app/libapp.so': 'device: too large' } },
    open,
    never,
  ),
];

const app = 'opt/app/libapp.so';
const toNvrtc = { libraries: { [app]: '' }, needs: { [app]: 'libcuda.so.1 libnvrtc.so.12' } };
const nvcc = { compilers: ['usr/local/cuda-12.4/bin/nvcc', 'usr/bin/gcc'] };
const ofCompilers: readonly CaseRow[] = [
  row(
    'a compiler of C alone, of a toolkit that knows no Blackwell',
    'RTX-5090 570.124.06 12.8',
    { compilers: ['usr/bin/gcc'] },
    native,
    base,
  ),
  row(
    'nvcc of the first toolkit that knows the board',
    'L4 520.61.05 11.8',
    { compilers: ['usr/local/cuda-11.8/bin/nvcc'], cuda: '11.8' },
    native,
    compiled,
  ),
  row('nvcc that knows the board, and a driver that takes its PTX', 'A100-40 550.54.14 12.4', nvcc, native, compiled, {
    warnings: ['kernels-none'],
  }),
  row(
    'NVRTC that knows the board',
    'A100-40 550.54.14 12.4',
    { compilers: [], components: { nvrtc: '12.4.127' } },
    native,
    compiled,
  ),
  row(
    'NVRTC of a wheel that knows the board',
    'A100-40 550.54.14 12.4',
    { python: { 'nvidia-cuda-nvrtc-cu12': '12.4.127' } },
    native,
    compiled,
  ),
  row('a library that is linked to NVRTC', 'A100-40 550.54.14 12.4', toNvrtc, native, compiled),
  row(
    'a library that is linked to NVRTC, and an older driver',
    'A100-40 535.183.01 12.2',
    toNvrtc,
    ['unknown', 'kernels-ptx'],
    'perses pull request 869 and issue 864 (2021-09-17)',
  ),
  row(
    'a library that is linked to the driver alone, and an older driver',
    'A100-40 535.183.01 12.2',
    { libraries: { [app]: '' }, needs: { [app]: 'libcuda.so.1' } },
    minor,
    base,
  ),
  row(
    'nvcc, and an older driver, which refuses its PTX and takes its machine code',
    'A100-40 535.183.01 12.2',
    nvcc,
    ['unknown', 'kernels-ptx'],
    compiled,
  ),
  row('nvcc that knows no Blackwell', 'RTX-5090 570.124.06 12.8', nvcc, open, compiled),
  row('nvcc that no longer knows Pascal', 'P100 580.65.06 13.0', { ...nvcc, cuda: '13.0' }, open, compiled),
  row('nvcc that still knows Pascal', 'P100 580.65.06 13.0', nvcc, native, compiled),
  row('nvcc on a Jetson', 'Orin 540.4.0 12.6', { ...nvcc, cuda: '12.6' }, minor, compiled),
];

const deviceQuery = 'usr/local/cuda/samples/bin/deviceQuery';
const ofSamples: readonly CaseRow[] = [
  row(
    'a sample of the toolkit alone: it is the program of the image',
    'K80 375.66 8.0',
    { cuda: '8.0', libraries: { [deviceQuery]: 'sm_30 sm_35 sm_50 sm_60 compute_60' } },
    native,
    samples,
    { hardware: { memoryGib: 1 } },
  ),
  row(
    'a sample alone, without a kernel for the board',
    'V100 470.223.02 11.4',
    { cuda: '8.0', libraries: { [deviceQuery]: 'sm_30 sm_35 sm_50 sm_60' } },
    ['incompatible', 'kernels'],
    samples,
  ),
  row(
    'a sample of the demo suite alone, without a kernel for the board',
    'V100 470.223.02 11.4',
    { cuda: '8.0', libraries: { 'usr/local/cuda/extras/demo_suite/vectorAdd': 'sm_60' } },
    ['incompatible', 'kernels'],
    samples,
  ),
  row(
    'a sample beside a library that is required: the sample decides nothing',
    'V100 470.223.02 11.4',
    { cuda: '11.4', libraries: { [deviceQuery]: 'sm_60', 'opt/app/libapp.so': 'sm_70' } },
    native,
    samples,
    { warnings: ['kernels-optional'] },
  ),
  row(
    'a sample beside a profiler, which stays optional',
    'V100 470.223.02 11.4',
    {
      cuda: '11.4',
      libraries: { [deviceQuery]: 'sm_70', 'usr/local/cuda/extras/CUPTI/lib64/libcupti.so.11.4': 'sm_80' },
    },
    native,
    samples,
  ),
];

const max: ImageRow = {
  cuda: '12.6',
  compilers: ['usr/local/cuda-12.6/bin/nvcc'],
  python: { max: '26.3.0', mojo: '0.26.3' },
};
const ptxas = { MODULAR_NVPTX_COMPILER_PATH: '/usr/local/cuda-12.6/bin/ptxas' };
const ofMojo: readonly CaseRow[] = [
  row('MAX on a driver before 580', 'Orin 540.4.0 12.6', max, ['incompatible', 'driver-calls'], mojo),
  row('MAX with a ptxas of the driver', 'Orin 540.4.0 12.6', { ...max, env: ptxas }, minor, mojo),
  row(
    'MAX with an empty path of ptxas',
    'Orin 540.4.0 12.6',
    { ...max, env: { MODULAR_NVPTX_COMPILER_PATH: '' } },
    ['incompatible', 'driver-calls'],
    mojo,
  ),
  row('MAX on a driver of 580', 'RTX-4090 580.65.06 13.0', { ...max, cuda: '13.0' }, native, mojo),
  row(
    'MAX with a ptxas on a driver that lacks a call',
    'RTX-4090 535.161.07 12.2',
    { ...max, cuda: '12.2', env: ptxas },
    ['incompatible', 'driver-calls'],
    older,
  ),
  row(
    'MAX with a ptxas on a driver between the reports',
    'RTX-4090 550.54.14 12.4',
    { ...max, cuda: '12.4', env: ptxas },
    ['unknown', 'driver-calls'],
    older,
  ),
  row(
    'MAX of an older version on an older driver',
    'RTX-4090 550.54.14 12.4',
    { ...max, cuda: '12.4', python: { max: '25.4.0' } },
    native,
    mojo,
  ),
];

const requires: readonly CaseRow[] = [
  row(
    'a CUDA runtime alone, and the contract asks for device code',
    'A100-40 550.54.14 12.4',
    {},
    ['incompatible', 'required-facts'],
    never,
    {
      hardware: { memoryGib: 1, require: ['device-code'] },
    },
  ),
  row(
    'a library with device code, and the contract asks for device code',
    'A100-40 550.54.14 12.4',
    { libraries: { 'opt/libapp.so': 'sm_80' } },
    native,
    never,
    {
      hardware: { memoryGib: 1, require: ['device-code'] },
    },
  ),
];

export const noCodeCases: readonly CaseRow[] = [
  ...ofDriver,
  ...ofOthers,
  ...ofCompilers,
  ...ofSamples,
  ...ofMojo,
  ...requires,
];
