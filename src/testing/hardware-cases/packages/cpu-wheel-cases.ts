import type { CaseRow, ImageRow } from '../case-row.ts';
import type { Answer } from '../states/state-cases.ts';

const torchOnArm = 'PyTorch issues 123835 (2024-04-11), 160162 (2025-08-08) and 168065 (2025-11-18)';
const tensorflowOnArm =
  'TensorFlow issue 121157 (2026-06-13); wheels of 2.10.1, 2.13.1 and 2.17.0 for aarch64 (2026-11)';
const whisperOnArm = 'CTranslate2 pull request 2019 (2026-02-25); speaches issue 620 (2026-03-11)';
const cpu = 'PyTorch, "Get Started" (2026-11)';
const own = 'a build of somebody is compiled for what lies there';
const never = 'what is not known is never a pass';

const noCuda: Answer = ['incompatible', 'cpu-wheels'];
const hidden: Answer = ['unknown', 'kernels'];

const row = (
  name: string,
  python: Readonly<Record<string, string>>,
  [compatibility, rule]: Answer,
  source: string,
  image: ImageRow = {},
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: 'GH200 580.95.05 13.0',
  image: { cuda: '12.8', architecture: 'arm64', libraries: {}, python, ...image },
  model: { format: 'safetensors' },
  hardware: { memoryGib: 8 },
  compatibility,
  rule,
  source,
  ...rest,
});

const x86: Partial<CaseRow> = { device: 'A10 580.95.05 13.0' };
const trt: ImageRow = { components: { tensorrt: '10.9.0' } };

/** A distribution of an image for x86-64, by versions. */
const published = (of: string, source: string, versions: readonly (readonly [string, Answer])[]): readonly CaseRow[] =>
  versions.map(([version, answer]) =>
    row(`${of} ${version} alone in an image`, { [of]: version }, answer, source, { architecture: 'amd64' }, x86),
  );

/** Images with a CUDA runtime whose programs are of wheels for the CPU. */
export const cpuWheelCases: readonly CaseRow[] = [
  row('torch of PyPI for Arm alone in an image', { torch: '2.2.2' }, noCuda, torchOnArm, {}, { says: 'holds no CUDA' }),
  row('the last torch of PyPI for Arm without CUDA', { torch: '2.10.2' }, noCuda, torchOnArm),
  row('torch of PyPI for Arm from 2.11 on', { torch: '2.11.0' }, hidden, never),
  row('torch for Arm of the index for CUDA', { torch: '2.9.1+cu128' }, hidden, never),
  row('torch for Arm that somebody built', { torch: '2.2.0a0+6c8c5ad' }, hidden, own),
  row('torch for Jetson', { torch: '2.1.0+nv23.5' }, hidden, own),
  row('torch of PyPI for Arm with cuDNN of the image', { torch: '2.2.2', numpy: '1.26.4' }, noCuda, torchOnArm, {
    components: { cudnn: '9.0.0', cublas: '12.1.3' },
  }),
  row('torch of PyPI for Arm in an image that compiles by nvcc', { torch: '2.2.2' }, noCuda, torchOnArm, {
    compilers: ['usr/local/cuda/bin/nvcc'],
  }),
  row('torch of PyPI for Arm beside a library of the image', { torch: '2.2.2' }, ['native', 'driver-native'], own, {
    libraries: { 'opt/app/libapp.so': 'sm_90' },
  }),
  row('torch of PyPI for Arm beside a program that compiles', { torch: '2.2.2', numba: '0.60.0' }, hidden, never),
  row('torch of PyPI for Arm beside CuPy', { torch: '2.2.2', 'cupy-cuda12x': '13.3.0' }, hidden, never),
  row('torch of PyPI for Arm in an image whose distributions were not read', { torch: '2.2.2' }, hidden, never, {
    unknown: { python: 'it ends too early' },
  }),
  row('torch of PyPI for Arm in an image whose libraries were not read', { torch: '2.2.2' }, hidden, never, {
    unknown: { libraries: 'it ends too early' },
  }),
  row('torch of PyPI for Arm in an image whose components were not read', { torch: '2.2.2' }, hidden, never, {
    unknown: { components: 'it ends too early' },
  }),
  row('torch of PyPI for x86-64 alone in an image', { torch: '2.2.2' }, hidden, never, { architecture: 'amd64' }, x86),
  row(
    'torch for the CPU alone in an image',
    { torch: '2.6.0+cpu' },
    noCuda,
    cpu,
    { architecture: 'amd64' },
    { ...x86, says: 'torch 2.6.0+cpu of the image holds no CUDA, and no library of the image has device code' },
  ),
  row('torch for the CPU on Arm', { torch: '2.12.0+cpu' }, noCuda, cpu),
  row('a version of another package that ends so', { ctranslate2: '4.6.0+cpu' }, hidden, never, {
    components: { cudnn: '9.3.0', cublas: '12.8.3' },
  }),
  row(
    'torch for the CPU beside TensorFlow',
    { torch: '2.6.0+cpu', tensorflow: '2.17.0' },
    hidden,
    never,
    { architecture: 'amd64' },
    x86,
  ),
  row(
    'torch for the CPU beside TensorFlow for Arm',
    { torch: '2.6.0+cpu', tensorflow: '2.17.0' },
    noCuda,
    tensorflowOnArm,
    {},
    { says: 'torch 2.6.0+cpu, tensorflow 2.17.0 of the image hold no CUDA' },
  ),
  row('TensorFlow of PyPI for Arm', { tensorflow: '2.21.0' }, noCuda, tensorflowOnArm),
  row('TensorFlow 2.10 of PyPI for Arm', { tensorflow: '2.10.0' }, noCuda, tensorflowOnArm),
  row('TensorFlow for Arm before PyPI had one', { tensorflow: '2.9.1' }, hidden, never, {
    cuda: '11.2',
    components: { cudnn: '8.1.1' },
  }),
  row('TensorFlow for Arm that nobody looked at', { tensorflow: '2.22.0' }, hidden, never),
  row('TensorFlow of NGC for Arm', { tensorflow: '2.17.0+nv25.02' }, hidden, own),
  row('CTranslate2 of PyPI for Arm', { ctranslate2: '4.6.0', 'faster-whisper': '1.1.1' }, noCuda, whisperOnArm, {
    components: { cudnn: '9.3.0', cublas: '12.8.3' },
  }),
  row('CTranslate2 4.7 of PyPI for Arm', { ctranslate2: '4.7.1' }, noCuda, whisperOnArm, {
    components: { cudnn: '9.3.0', cublas: '12.8.3' },
  }),
  row('CTranslate2 for Arm that nobody looked at', { ctranslate2: '4.8.0' }, hidden, never, {
    components: { cudnn: '9.3.0', cublas: '12.8.3' },
  }),
  row('CTranslate2 for Arm that somebody built', { ctranslate2: '4.6.0' }, ['native', 'driver-native'], own, {
    components: { cudnn: '9.3.0', cublas: '12.8.3' },
    libraries: { 'usr/local/lib/libctranslate2.so.4': 'sm_90' },
  }),
  ...published('llama-cpp-python', 'llama-cpp-python issues 576 (2023-08-05) and 1779 (2024-10-07)', [
    ['0.1.77', noCuda],
    ['0.3.16', noCuda],
    ['0.3.16+cu124', hidden],
  ]),
  row(
    'llama-cpp-python with code of GGML',
    { 'llama-cpp-python': '0.3.16' },
    ['native', 'driver-native'],
    own,
    { architecture: 'amd64', libraries: { 'opt/llama_cpp/lib/libggml-cuda.so': 'sm_86' } },
    x86,
  ),
  row('llama-cpp-python beside torch', { 'llama-cpp-python': '0.3.16', torch: '2.11.0' }, hidden, never),
  ...published('pywhispercpp', 'pywhispercpp, README (2025-10)', [
    ['1.3.0', noCuda],
    ['1.4.1', noCuda],
    ['1.4.1+cuda', hidden],
  ]),
  ...published('tensorflow', 'TensorFlow, release 1.15.0 (2019-10-16)', [
    ['0.12.1', noCuda],
    ['1.14.0', noCuda],
    ['1.15.0', ['incompatible', 'linked-runtime']],
  ]),
  row(
    'TensorFlow 1.14 beside that for devices',
    { tensorflow: '1.14.0', 'tensorflow-gpu': '1.14.0' },
    ['incompatible', 'linked-runtime'],
    'TensorFlow, "Tested build configurations" (2023)',
    { architecture: 'amd64' },
    x86,
  ),
  ...published('jaxlib', 'JAX, "Installation" (2026-07)', [
    ['0.1.75', noCuda],
    ['0.10.2', noCuda],
    ['0.4.13+cuda12.cudnn89', hidden],
  ]),
  row(
    'JAX with its library for the CPU',
    { jax: '0.10.2', jaxlib: '0.10.2' },
    noCuda,
    'JAX, "Installation" (2026-07)',
    {},
    {
      says: 'jax 0.10.2, jaxlib 0.10.2 of the image hold no CUDA',
    },
  ),
  row(
    'JAX with a plugin for CUDA',
    { jax: '0.10.2', jaxlib: '0.10.2', 'jax-cuda12-plugin': '0.10.2', 'jax-cuda12-pjrt': '0.10.2' },
    hidden,
    never,
    { components: { cudnn: '9.8.0' } },
  ),
  ...published('paddlepaddle', 'PaddlePaddle, "Installation" (2026-06)', [
    ['2.6.2', noCuda],
    ['3.3.1', noCuda],
  ]),
  row('PaddlePaddle beside that for devices', { paddlepaddle: '3.3.1', 'paddlepaddle-gpu': '3.3.1' }, hidden, never),
  ...published('mxnet', 'mxnet and mxnet-cu112 on PyPI (2022-05-10)', [
    ['1.4.1', noCuda],
    ['1.9.1', noCuda],
  ]),
  row('MXNet for CUDA 11.2', { 'mxnet-cu112': '1.9.1' }, hidden, never),
  row('an image without any program of a wheel', { numpy: '1.26.4' }, ['native', 'driver-native'], own),
  row('a torch without CUDA and a model that TensorRT opens', { torch: '2.2.2' }, hidden, never, trt, {
    model: { format: 'onnx', precisions: ['fp32'] },
  }),
  row('a torch without CUDA and an engine of TensorRT', { torch: '2.2.2' }, ['unknown', 'engine-version'], never, trt, {
    model: { format: 'tensorrt' },
  }),
  row('a torch without CUDA beside TensorRT, and a model of torch', { torch: '2.2.2' }, noCuda, torchOnArm, trt),
  row(
    'a torch without CUDA beside TensorRT, and a model that nobody looked at',
    { torch: '2.2.2' },
    ['unknown', 'engine-version'],
    never,
    trt,
    { model: null },
  ),
  row(
    'a torch without CUDA, and a model that nobody looked at',
    { torch: '2.2.2' },
    noCuda,
    torchOnArm,
    {},
    { model: null },
  ),
  row(
    'a torch without CUDA, and an ONNX file that nothing else opens',
    { torch: '2.2.2' },
    noCuda,
    torchOnArm,
    {},
    {
      model: { format: 'onnx' },
    },
  ),
];
