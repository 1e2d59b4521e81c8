import type { CaseRow, ImageRow } from '../case-row.ts';
import type { Answer } from '../states/state-cases.ts';

const newer = 'jetson-containers issues 1077 (2025-05-01), 699 (2024-10-25) and 725 (2024-11)';
const older = 'jetson-containers issue 164 (2022-06-19)';
const reverse = 'jetson-containers issue 802 (2025-01-28)';
const servers = 'images of NGC for Arm servers, which name the folder too (2026-11)';

const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'jetson-base'];
const onSix = 'Orin 540.4.0 12.6';
const onFive = 'Orin 35.4.1 11.4';

const folder = ['/usr/lib/aarch64-linux-gnu/tegra', '/usr/lib/aarch64-linux-gnu/tegra-egl'];
const five: ImageRow = { architecture: 'arm64', cuda: '11.4', searchPaths: folder };
const four: ImageRow = { ...five, cuda: '10.2' };

const row = (
  name: string,
  device: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source = newer,
): CaseRow => ({
  name,
  device,
  image,
  hardware: { memoryGib: 4 },
  compatibility,
  rule,
  source,
});

/** Images of one release of Jetson on hosts of another. */
export const jetsonCases: readonly CaseRow[] = [
  row(
    'CUDA 11.4 of an image that names other folders, on JetPack 6',
    onSix,
    { ...five, searchPaths: ['/usr/local/cuda/lib64'] },
    native,
  ),
  row('CUDA 11.7 that names the folder, on JetPack 6', onSix, { ...five, cuda: '11.7' }, native),
  row(
    'CUDA 11.4 of an image whose folders were not read, on JetPack 6',
    onSix,
    { ...five, searchPaths: null },
    ['unknown', 'jetson-base'],
    'what is not known is never a pass',
  ),
  row('an image of JetPack 5 on JetPack 6', onSix, five, refused),
  row('an image of JetPack 5 on JetPack 6, whose driver is told as its release', 'Orin 36.4.3 12.6', five, refused),
  row(
    'an image with a wheel for Jetson of JetPack 5 on JetPack 6',
    onSix,
    { ...five, searchPaths: null, python: { torch: '2.0.0+nv23.5' } },
    refused,
  ),
  row('an image of JetPack 5 whose glibc was read, on JetPack 6', onSix, { ...five, glibc: '2.31' }, [
    'incompatible',
    'driver-glibc',
  ]),
  row('CUDA 11.4 in a distribution with a newer glibc, on JetPack 6', onSix, { ...five, glibc: '2.35' }, native),
  row('an image of JetPack 5 on JetPack 5', onFive, five, native),
  row(
    'an image of JetPack 6 on JetPack 6',
    onSix,
    { architecture: 'arm64', cuda: '12.6', searchPaths: ['/usr/lib/aarch64-linux-gnu/nvidia'] },
    ['minor-version', 'driver-minor-version'],
  ),
  row(
    'an image of a newer CUDA that names the folder, on JetPack 6',
    onSix,
    { ...five, cuda: '12.6' },
    ['minor-version', 'driver-minor-version'],
    servers,
  ),
  row(
    'CUDA 11.8 that names the folder, on JetPack 6: a distribution with a newer glibc has it too',
    onSix,
    { ...five, cuda: '11.8' },
    native,
  ),
  row(
    'CUDA 11.4 of an image that names no folder of Jetson, on JetPack 6',
    onSix,
    { ...five, searchPaths: [] },
    native,
  ),
  row(
    'an image of JetPack 6 on JetPack 5',
    onFive,
    { ...five, cuda: '12.2' },
    ['incompatible', 'driver-too-old'],
    reverse,
  ),
  row('an image of JetPack 4 on JetPack 5', onFive, four, refused, older),
  row('an image of JetPack 4 on JetPack 6', onSix, four, refused, older),
  row('an image of JetPack 4 on JetPack 4', 'Orin 32.7.1 10.2', four, native, older),
  row('CUDA 10.2 in a distribution of JetPack 5, on JetPack 5', onFive, { ...four, glibc: '2.31' }, native, older),
  row('an image of JetPack 5 on a server for Arm', 'GH200 550.54.14 12.4', { ...five, cuda: '11.4' }, native, servers),
];

const l4t = 'isaac_ros_common issue 29 (2022-07-07): torch of l4t-pytorch r34.1.0 computes on an AGX Orin';
const mayBe: Answer = ['unknown', 'engine-version'];
const never = 'what is not known is never a pass';
const withTensorRt: ImageRow = {
  ...five,
  components: { tensorrt: '8.4.0', cudnn: '8.3.2' },
  libraries: { 'opt/torch/lib/libtorch_cuda.so': 'sm_72 sm_87' },
};

const beside = (
  name: string,
  python: Readonly<Record<string, string>>,
  answer: Answer,
  rest: Partial<CaseRow> = {},
  source = l4t,
): CaseRow => ({
  ...row(name, 'Orin 34.1.1 11.4', { ...withTensorRt, python }, answer, source),
  model: { format: 'unknown' },
  ...rest,
});

const mode = 'mode of the container runtime';
const open = ['health of the device', mode, 'format of the model, which may be an engine of TensorRT'];
const torch = { torch: '1.12.0a0+2c916ef.nv22.3' };

/** TensorRT lies in images of Jetson whether or not anything calls it. */
export const tensorRtBesideCases: readonly CaseRow[] = [
  beside('a file of torch in an image that holds TensorRT too', torch, native, { notChecked: open }),
  beside('a file of torch whose format must be known', torch, ['incompatible', 'required-facts'], {
    hardware: { memoryGib: 4, require: ['model-format'] },
    says: 'format of the model, which may be an engine of TensorRT',
  }),
  beside('an ONNX file whose format must be known', torch, native, {
    model: { format: 'onnx', precisions: ['fp32'] },
    hardware: { memoryGib: 4, require: ['model-format'] },
    notChecked: ['health of the device', mode],
  }),
  beside('a file of torch in an image without TensorRT whose format must be known', torch, native, {
    image: { ...withTensorRt, components: { cudnn: '8.3.2' }, python: torch },
    hardware: { memoryGib: 4, require: ['model-format'] },
  }),
  ...['tensorflow', 'tensorflow-gpu', 'jax', 'mxnet', 'paddlepaddle-gpu'].map((name) =>
    beside(`a file of ${name} in an image that holds TensorRT too`, { [name]: '0.0.1+nv' }, native),
  ),
  beside('a file that no program of the image opens beside TensorRT', { numpy: '1.22.0' }, mayBe, {}, never),
  beside('a file that nobody looked at in an image with torch and TensorRT', torch, mayBe, { model: null }, never),
  beside('an engine in an image with torch and TensorRT', torch, mayBe, { model: { format: 'tensorrt' } }, never),
  beside(
    'a file of torch in an image whose contract names TensorRT',
    torch,
    mayBe,
    { hardware: { memoryGib: 4, runtime: { tensorrt: '>=8' } }, runtime: { tensorrt: '8.4.0' } },
    never,
  ),
  ...[
    'tensorrt',
    'tensorrt-cu11',
    'tensorrt-cu12',
    'tensorrt-cu13',
    'tensorrt-llm',
    'torch-tensorrt',
    'torch2trt',
    'polygraphy',
  ].map((name) => beside(`a file of torch beside ${name}`, { ...torch, [name]: '0.0.1' }, mayBe, {}, never)),
];
