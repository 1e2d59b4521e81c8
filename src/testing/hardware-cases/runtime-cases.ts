import type { Compatibility } from '../../core/contract/contract.ts';
import type { TensorRtEngine } from '../../core/hardware/model/model-facts.ts';
import type { CaseRow, ImageRow } from './case-row.ts';

const ortPage = 'ONNX Runtime, CUDA execution provider, requirements (2026-11)';
const torchList = 'PyTorch, RELEASE.md and build_cuda.sh (2026-11)';
const trtMatrix = 'TensorRT support matrices (2026-11)';
const trtGuide = 'TensorRT Developer Guide, engine portability, version and hardware compatibility (2026-11)';
const never = 'what is not known is never a pass';
const newest = '615.10.01 13.4';
const native = ['native', 'driver-native'] as const;
type Answer = readonly [compatibility: Compatibility, rule: string];

const wrong: Answer = ['incompatible', 'onnxruntime-cuda'];
/** [ONNX Runtime, CUDA, cuDNN] on a driver that runs all of them. */
const ort: readonly CaseRow[] = (
  [
    ['1.7.0', '11.0.3', '8.0.4', native],
    ['1.12.1', '11.4', '8.2.4', native],
    ['1.16.3', '11.8', '8.7.0', native],
    ['1.16.3', '12.2', '8.9.7', wrong],
    ['1.16.3', '11.8', '9.1.0', wrong],
    ['1.17.1', '12.2', '8.9.7', native],
    ['1.17.1', '11.8', '8.9.7', native],
    ['1.21.0', '12.6', '9.5.1', native],
    ['1.27.0', '13.0', '9.13.0', native],
    ['1.29.0', '13.0', '9.13.0', native],
    ['1.18.0', '12.4', '8.9.7', native],
    ['1.18.0', '12.4', '9.1.0', wrong],
    ['1.18.1', '12.4', '9.1.0', native],
    ['1.18.1', '12.4', '8.9.7', wrong],
    ['1.20.1', '12.6', '9.5.1', native],
    ['1.20.1', '11.8', '9.5.1', wrong],
    ['1.20.1', '13.0', '9.13.0', wrong],
    ['1.22.0', '12.8', '9.8.0', native],
    ['1.22.0', '12.8', '8.9.7', wrong],
    ['1.28.2', '13.0', '9.13.0', native],
    ['1.28.2', '12.9', '9.13.0', native],
    ['1.28.2', '11.8', '9.13.0', wrong],
    ['1.28.0', '13.0', '9.13.0', native],
    ['1.28.0', '12.9', '9.13.0', wrong],
    ['1.26.0', '13.0', '9.13.0', wrong],
    ['1.26.0', '12.9', '9.13.0', native],
    ['1.31.1', '13.0', '9.13.0', native],
    ['1.31.1', '12.9', '9.8.0', wrong],
    ['1.20.1', '12.6', null, wrong],
    ['1.6.0', '10.2', '8.0.3', ['unknown', 'onnxruntime-cuda']],
    ['1.40.0', '13.4', '9.20.0', ['unknown', 'onnxruntime-cuda']],
  ] satisfies readonly (readonly [string, string, string | null, Answer])[]
).map(([version, cuda, cudnn, [compatibility, rule]]) => ({
  name: `onnxruntime-gpu ${version} with CUDA ${cuda} and cuDNN ${cudnn ?? 'none'}`,
  device: `A100-40 ${newest}`,
  image: { cuda, python: { 'onnxruntime-gpu': version }, ...(cudnn === null ? {} : { components: { cudnn } }) },
  compatibility,
  rule,
  source: compatibility === 'unknown' ? never : ortPage,
}));

const of = (
  name: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({
  name,
  device: `A100-40 ${newest}`,
  image,
  compatibility,
  rule,
  source,
  ...rest,
});

const ortOthers: readonly CaseRow[] = [
  of(
    'cuDNN was not found, and the version of one file could not be read',
    {
      cuda: '12.6',
      python: { 'onnxruntime-gpu': '1.20.1' },
      unknown: { 'libraries opt/libcudnn.so.9': 'versions: it is damaged' },
    },
    ['unknown', 'onnxruntime-cuda'],
    never,
  ),
  of(
    'cuDNN of a distribution for CUDA 11',
    { cuda: '11.8', python: { 'onnxruntime-gpu': '1.16.3', 'nvidia-cudnn-cu11': '8.7.0.84' } },
    native,
    ortPage,
  ),
  of(
    'cuDNN of a distribution for CUDA 13',
    { cuda: '13.0', python: { 'onnxruntime-gpu': '1.28.2', 'nvidia-cudnn-cu13': '9.13.0' } },
    native,
    ortPage,
  ),
  of(
    'ONNX Runtime of a version that is no version',
    { cuda: '12.6', python: { 'onnxruntime-gpu': 'main' } },
    ['unknown', 'onnxruntime-cuda'],
    never,
  ),
  of(
    'cuDNN of a Python distribution counts',
    { cuda: '12.6', python: { 'onnxruntime-gpu': '1.20.1', 'nvidia-cudnn-cu12': '9.5.1.17' } },
    native,
    ortPage,
  ),
  of(
    'cuDNN was not found, and was not looked for everywhere',
    { cuda: '12.6', python: { 'onnxruntime-gpu': '1.20.1' }, unknown: { components: 'a layer is damaged' } },
    ['unknown', 'onnxruntime-cuda'],
    never,
  ),
  of(
    'the CPU build of ONNX Runtime asks for no CUDA',
    { cuda: '12.6', python: { onnxruntime: '1.6.0' } },
    native,
    ortPage,
  ),
];

const provider = 'usr/lib/python3/onnxruntime/capi/libonnxruntime_providers_cuda.so';
const links = 'ELF specification, DT_NEEDED: the loader refuses a library whose needs are not there';
const linked = (needs: string, cuda: string, cudnn: string): ImageRow => ({
  cuda,
  python: { 'onnxruntime-gpu': '1.40.0' },
  libraries: { [provider]: 'sm_80' },
  needs: { [provider]: needs },
  components: { cudnn },
});

/** A version that no table has yet is told by what its own provider is linked to. */
const ortLinks: readonly CaseRow[] = [
  of(
    'a provider that links no CUDA leaves it to the table',
    { ...linked('libc.so.6 libcudnn.so.9', '12.6', '9.5.1'), python: { 'onnxruntime-gpu': '1.20.1' } },
    native,
    links,
  ),
  of('links of a provider that no table has', linked('libcudart.so.12 libcudnn.so.9', '12.8', '9.8.0'), native, links),
  of('links to the CUDA of another major', linked('libcudart.so.13 libcudnn.so.9', '12.8', '9.8.0'), wrong, links),
  of('links to the cuDNN of another major', linked('libcudart.so.12 libcudnn.so.9', '12.8', '8.9.7'), wrong, links),
  of(
    'links that leave out cuDNN, of a version that no table has',
    linked('libcudart.so.12', '12.8', '9.8.0'),
    ['unknown', 'onnxruntime-cuda'],
    never,
  ),
  of(
    'links that leave out cuDNN, to the CUDA of another major',
    linked('libcudart.so.13', '12.8', '9.8.0'),
    wrong,
    links,
  ),
  of(
    'links to CUDA 12 of a version that is published for 13, with the cuDNN of the table',
    { ...linked('libcudart.so.12', '12.8', '9.8.0'), python: { 'onnxruntime-gpu': '1.31.1' } },
    native,
    links,
  ),
  of(
    'links that say otherwise than the table',
    { ...linked('libcudart.so.13 libcudnn.so.9', '13.0', '9.13.0'), python: { 'onnxruntime-gpu': '1.20.1' } },
    native,
    links,
  ),
];

const torch: readonly CaseRow[] = (
  [
    ['2.7.0+cu126', 'H100', native],
    ['2.7.0+cu126', 'V100-R580', native],
    ['2.7.0+cu126', 'B200', ['incompatible', 'torch-wheel']],
    ['2.8.0+cu128', 'V100-R580', native],
    ['2.7.1+cu128', 'V100-R580', ['incompatible', 'torch-wheel']],
    ['2.11.0+cu128', 'V100-R580', ['incompatible', 'torch-wheel']],
    ['2.10.0+cu128', 'V100-R580', native],
    ['2.8.0+cu128', 'B300', native],
    ['2.8.0+cu128', 'GB10', native],
    ['2.8.0+cu128', 'Thor', ['incompatible', 'torch-wheel']],
    ['2.8.0+cu129', 'B200', native],
    ['2.9.0+cu130', 'V100-R580', ['incompatible', 'torch-wheel']],
    ['2.9.0+cu130', 'T4', native],
    ['2.14.0+cu132', 'T4', native],
    ['2.14.0+cu126', 'P100-R580', native],
    ['2.8.0+cu128', 'P100-R580', ['incompatible', 'torch-wheel']],
    ['2.12.0+cu132', 'B300', native],
  ] satisfies readonly (readonly [string, string, Answer])[]
).map(([version, device, [compatibility, rule]]) => ({
  name: `torch ${version} on ${device}, its libraries not among those that were read`,
  device: `${device.replace('-R580', '')} ${device.endsWith('-R580') ? '580.95.05 13.0' : newest}`,
  image: { cuda: '12.4', python: { torch: version } },
  compatibility,
  rule,
  source: torchList,
}));

const torchOthers: readonly CaseRow[] = [
  of(
    'kernels that were read decide over the published list',
    { cuda: '12.6', python: { torch: '2.7.0+cu126' }, libraries: { 'torch/lib/libtorch_cuda.so': 'sm_90 sm_120' } },
    native,
    torchList,
    { device: `RTX-5090 ${newest}` },
  ),
  of(
    'the published list is of x86 wheels',
    { cuda: '12.6', python: { torch: '2.7.0+cu126' }, architecture: 'arm64' },
    native,
    torchList,
    { device: `B200 ${newest}` },
  ),
  of('a build that names no variant is of no list', { cuda: '12.6', python: { torch: '2.7.0' } }, native, torchList, {
    device: `B200 ${newest}`,
  }),
  of(
    'a variant that was never published is of no list',
    { cuda: '12.6', python: { torch: '2.7.0+cu121' } },
    native,
    torchList,
    { device: `B200 ${newest}` },
  ),
  of(
    'a wheel is there and the capability is not known',
    { cuda: '12.6', python: { torch: '2.7.0+cu126' } },
    ['unknown', 'torch-wheel'],
    never,
    { deviceFacts: { computeCapability: null } },
  ),
];

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
    ['7.2.3', '11.1', 'A100-40', ['unknown', 'tensorrt-cuda']],
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

const tensorRtOthers: readonly CaseRow[] = [
  of(
    'TensorRT of the plain distribution',
    { cuda: '12.9', python: { tensorrt: '11.1.0' } },
    ['incompatible', 'tensorrt-cuda'],
    trtMatrix,
  ),
  of(
    'TensorRT of the distribution for CUDA 13',
    { cuda: '12.9', python: { 'tensorrt-cu13': '11.1.0' } },
    ['incompatible', 'tensorrt-cuda'],
    trtMatrix,
  ),
  of(
    'TensorRT of a version that is no version',
    { cuda: '12.9', components: { tensorrt: 'main' } },
    ['unknown', 'tensorrt-cuda'],
    never,
  ),
  of(
    'TensorRT of a Python distribution counts',
    { cuda: '12.9', python: { 'tensorrt-cu12': '11.1.0' } },
    ['incompatible', 'tensorrt-cuda'],
    trtMatrix,
  ),
  of(
    'TensorRT without a CUDA runtime, and the capability is not known',
    { cuda: null, components: { tensorrt: '10.5.0' } },
    ['unknown', 'tensorrt-capability'],
    never,
    { deviceFacts: { computeCapability: null } },
  ),
  of(
    'TensorRT 10.5 on Volta, in words',
    { cuda: '12.6', components: { tensorrt: '10.5.0' } },
    ['incompatible', 'tensorrt-capability'],
    trtMatrix,
    { device: 'V100 560.35.05 12.6', says: 'runs on capability 7.5 to ' },
  ),
  of(
    'TensorRT 11.1 on Volta, in words',
    { cuda: '13.3', components: { tensorrt: '11.1.0' } },
    ['incompatible', 'tensorrt-capability'],
    trtMatrix,
    { device: 'V100 610.10.01 13.3', says: 'runs on capability 7.5 and later' },
  ),
  of(
    'TensorRT is there and the capability is not known',
    { cuda: '12.6', components: { tensorrt: '10.5.0' } },
    ['unknown', 'tensorrt-capability'],
    never,
    { deviceFacts: { computeCapability: null } },
  ),
];

const built: TensorRtEngine = {
  version: '10.3.0',
  computeCapability: '8.0',
  product: 'NVIDIA A100-SXM4-40GB',
  hardwareCompatibility: 'none',
  versionCompatible: false,
};
type EngineLine = readonly [engine: Partial<TensorRtEngine>, runtime: string, device: string, answer: Answer];
const version: Answer = ['incompatible', 'engine-version'];
const device: Answer = ['incompatible', 'engine-device'];
const engines: readonly CaseRow[] = (
  [
    [{}, '10.3.0', 'A100-40', native],
    [{}, '10.3.1', 'A100-40', version],
    [{}, '10.3.0.30', 'A100-40', native],
    [{ version: '8.6.0', versionCompatible: true }, '8.6.1', 'A100-40', native],
    [{}, '10.2.0', 'A100-40', version],
    [{}, '10.4.0', 'A100-40', version],
    [{ versionCompatible: true }, '10.4.0', 'A100-40', native],
    [{ versionCompatible: true }, '10.3.1', 'A100-40', native],
    [{ versionCompatible: true }, '10.2.0', 'A100-40', version],
    [{ versionCompatible: true }, '11.1.0', 'A100-40', native],
    [{ version: '8.6.1', versionCompatible: true }, '10.3.0', 'A100-40', native],
    [{ version: '8.6.1', versionCompatible: true }, '11.1.0', 'A100-40', version],
    [{ version: '8.6.1', versionCompatible: true }, '8.6.3', 'A100-40', native],
    [{ version: '8.5.3', versionCompatible: true }, '8.6.1', 'A100-40', version],
    [{ version: '11.1.0', versionCompatible: true }, '10.15.1', 'A100-40', version],
    [{ version: '10.3.0.26' }, '10.3.0', 'A100-40', native],
    [{ version: '10.3.0.26', versionCompatible: null }, '10.3.0', 'A100-40', native],
    [{ versionCompatible: null }, '10.3.0.30', 'A100-40', native],
    [{}, '10.3.0', 'A100-80', device],
    [{}, '10.3.0', 'H100', device],
    [{ hardwareCompatibility: 'ampere-plus' }, '10.3.0', 'A100-80', native],
    [{ hardwareCompatibility: 'ampere-plus' }, '10.3.0', 'L4', native],
    [{ hardwareCompatibility: 'ampere-plus' }, '10.3.0', 'T4', device],
    [{ hardwareCompatibility: 'same-compute-capability' }, '10.3.0', 'A100-80', native],
    [{ hardwareCompatibility: 'same-compute-capability' }, '10.3.0', 'A30', native],
    [{ hardwareCompatibility: 'same-compute-capability' }, '10.3.0', 'A10', device],
    [
      { hardwareCompatibility: 'same-compute-capability', computeCapability: '7.5', product: 'Tesla T4' },
      '10.3.0',
      'T4',
      native,
    ],
    [
      { hardwareCompatibility: 'same-compute-capability', computeCapability: '7.0', product: null },
      '10.3.0',
      'V100',
      device,
    ],
    [{ hardwareCompatibility: null }, '10.3.0', 'A100-40', ['unknown', 'engine-device']],
    [{ product: null }, '10.3.0', 'A100-40', ['unknown', 'engine-device']],
    [{ product: null }, '10.3.0', 'H100', device],
    [
      { hardwareCompatibility: 'same-compute-capability', computeCapability: null },
      '10.3.0',
      'A100-40',
      ['unknown', 'engine-device'],
    ],
    [{ version: null }, '10.3.0', 'A100-40', ['unknown', 'engine-version']],
    [{ versionCompatible: null }, '10.4.0', 'A100-40', ['unknown', 'engine-version']],
    [{ versionCompatible: null }, '10.3.0', 'A100-40', native],
    [{ product: null, computeCapability: null }, '10.3.0', 'A100-40', ['unknown', 'engine-device']],
  ] satisfies readonly EngineLine[]
).map(([differs, runtime, on, [compatibility, rule]]) => ({
  name: `engine ${JSON.stringify(differs)} with TensorRT ${runtime} on ${on}`,
  device: `${on} ${on === 'V100' ? '580.95.05 13.0' : newest}`,
  image: { cuda: runtime.startsWith('11') ? '13.3' : '12.6', components: { tensorrt: runtime } },
  model: { format: 'tensorrt', engine: { ...built, ...differs } },
  compatibility,
  rule,
  source: compatibility === 'unknown' ? never : trtGuide,
}));

const trt = { cuda: '12.6', components: { tensorrt: '10.3.0' } };
const engineOthers: readonly CaseRow[] = [
  of('an engine of which nothing could be read', trt, ['unknown', 'engine-version'], never, {
    model: { format: 'tensorrt', engine: null },
  }),
  of('an engine, and no TensorRT in the image', { cuda: '12.6' }, ['unknown', 'engine-version'], never, {
    model: { format: 'tensorrt', engine: built },
  }),
  of('an engine on a device whose product is not known', trt, ['unknown', 'engine-device'], never, {
    model: { format: 'tensorrt', engine: built },
    deviceFacts: { product: null },
  }),
  of('an AMPERE_PLUS engine on a device whose capability is not known', trt, ['unknown', 'engine-device'], never, {
    model: { format: 'tensorrt', engine: { ...built, hardwareCompatibility: 'ampere-plus' } },
    deviceFacts: { computeCapability: null },
  }),
  of(
    'an engine of one capability on a device whose capability is not known',
    trt,
    ['unknown', 'engine-device'],
    never,
    {
      model: { format: 'tensorrt', engine: { ...built, hardwareCompatibility: 'same-compute-capability' } },
      deviceFacts: { computeCapability: null },
    },
  ),
  of('a file of an unknown format beside TensorRT may be an engine', trt, ['unknown', 'engine-version'], never, {
    model: { format: 'unknown' },
  }),
  of('a model that nobody looked at beside TensorRT may be an engine', trt, ['unknown', 'engine-version'], never, {
    model: null,
  }),
  of('a file of an unknown format without TensorRT is none', { cuda: '12.6' }, native, trtGuide, {
    model: { format: 'unknown' },
  }),
  of('a model of another format says nothing of engines', trt, native, trtGuide, { model: { format: 'onnx' } }),
  of('an engine inside a file of another format counts', trt, device, trtGuide, {
    model: { format: 'unknown', engine: built },
    device: `H100 ${newest}`,
  }),
];

const contract = 'docs/contract.md: hardware.runtime';
const contracts: readonly CaseRow[] = [
  of('the runtime in the image is inside', { python: { onnxruntime: '1.20.1' } }, native, contract, {
    hardware: { runtime: { onnxruntime: '>=1.20 <1.22' } },
  }),
  of(
    'the runtime in the image is below',
    { python: { onnxruntime: '1.19.2' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { onnxruntime: '>=1.20 <1.22' } } },
  ),
  of(
    'the runtime in the image is above',
    { python: { onnxruntime: '1.22.0' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { onnxruntime: '>=1.20 <1.22' } } },
  ),
  of(
    'the GPU build of a runtime is that runtime',
    { cuda: '12.6', python: { 'onnxruntime-gpu': '1.22.0' }, components: { cudnn: '9.5.1' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { onnxruntime: '<1.22' } } },
  ),
  of('pytorch is the distribution torch', { python: { torch: '2.7.0' } }, native, contract, {
    hardware: { runtime: { pytorch: '>=2.7' } },
  }),
  of(
    'tensorrt of the library',
    { cuda: '12.6', components: { tensorrt: '10.3.0' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { tensorrt: '>=10.4' } } },
  ),
  of('tensorrt of a wheel', { cuda: '12.6', python: { 'tensorrt-cu12': '10.4.0' } }, native, contract, {
    hardware: { runtime: { tensorrt: '>=10.4' } },
  }),
  of('a runtime by its own name', { python: { vllm: '0.11.0' } }, native, contract, {
    hardware: { runtime: { vllm: '>=0.11' } },
  }),
  of('the lock pins the runtime that the image does not hold', {}, native, contract, {
    hardware: { runtime: { onnxruntime: '>=1.30' } },
    runtime: { onnxruntime: '1.30.0' },
  }),
  of(
    'the image decides over the lock',
    { python: { onnxruntime: '1.20.1' } },
    ['incompatible', 'contract-runtime'],
    contract,
    { hardware: { runtime: { onnxruntime: '>=1.30' } }, runtime: { onnxruntime: '1.30.0' } },
  ),
  of('the runtime is asked for and nobody knows it', {}, ['unknown', 'contract-runtime'], never, {
    hardware: { runtime: { vllm: '>=0.11' } },
  }),
  of('the version of the runtime is no version', { python: { vllm: 'main' } }, ['unknown', 'contract-runtime'], never, {
    hardware: { runtime: { vllm: '>=0.11' } },
  }),
];

export const runtimeCases: readonly CaseRow[] = [
  ...ort,
  ...ortOthers,
  ...ortLinks,
  ...torch,
  ...torchOthers,
  ...tensorRt,
  ...tensorRtOthers,
  ...engines,
  ...engineOthers,
  ...contracts,
];
