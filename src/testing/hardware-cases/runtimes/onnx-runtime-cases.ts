import type { CaseRow, ImageRow } from '../case-row.ts';
import { type Answer, runtimeRow, newest, never, native } from './runtime-case.ts';

const ortPage = 'ONNX Runtime, CUDA execution provider, requirements (2026-11)';
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
    ['1.29.0', '12.9', '9.13.0', wrong],
    ['1.32.0', '13.0', '9.13.0', ['unknown', 'onnxruntime-cuda']],
    ['1.18.0', '12.4', '8.9.7', native],
    ['1.18.0', '12.4', '9.1.0', wrong],
    ['1.18.1', '12.4', '9.1.0', native],
    ['1.18.1', '12.4', '8.9.7', wrong],
    ['1.18.1', '11.8', '8.9.7', native],
    ['1.18.1', '11.8', '9.1.0', wrong],
    ['1.18.1', '13.0', '9.13.0', wrong],
    ['1.19.0', '11.8', '8.9.7', wrong],
    ['1.19.0', '12.4', '9.1.0', native],
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
    ['1.6.0', '10.2', '8.0.3', native],
    ['1.6.0', '10.1', '8.0.3', wrong],
    ['1.6.0', '11.0', '8.0.4', wrong],
    ['1.5.2', '10.2', '7.6.5', wrong],
    ['1.5.2', '10.2', '8.0.3', native],
    ['1.4.0', '10.1', '7.6.5', native],
    ['1.4.0', '10.2', '7.6.5', wrong],
    ['1.2.0', '10.1', '7.6.5', native],
    ['1.2.0', '10.0', '7.6.5', wrong],
    ['1.1.2', '10.0', '7.6.4', native],
    ['1.0.0', '10.0', '7.4.2', native],
    ['1.1.2', '10.1', '7.6.4', wrong],
    ['0.5.0', '10.0', '7.4.2', ['unknown', 'onnxruntime-cuda']],
    ['1.7.0', '10.2', '8.0.4', wrong],
    ['1.40.0', '13.4', '9.20.0', ['unknown', 'onnxruntime-cuda']],
  ] satisfies readonly (readonly [string, string, string | null, Answer])[]
).map(([version, cuda, cudnn, [compatibility, rule]]) => ({
  name: `onnxruntime-gpu ${version} with CUDA ${cuda} and cuDNN ${cudnn ?? 'none'}`,
  device: `A100-40 ${newest}`,
  model: { onnxIrVersion: 3 },
  image: { cuda, python: { 'onnxruntime-gpu': version }, ...(cudnn === null ? {} : { components: { cudnn } }) },
  compatibility,
  rule,
  source: compatibility === 'unknown' ? never : ortPage,
}));
const ortOthers: readonly CaseRow[] = [
  runtimeRow(
    'cuDNN was not found, and the version of one file could not be read',
    {
      cuda: '12.6',
      python: { 'onnxruntime-gpu': '1.20.1' },
      unknown: { 'libraries opt/libcudnn.so.9': 'versions: it is damaged' },
    },
    ['unknown', 'onnxruntime-cuda'],
    never,
  ),
  runtimeRow(
    'cuDNN of a distribution for CUDA 11',
    { cuda: '11.8', python: { 'onnxruntime-gpu': '1.16.3', 'nvidia-cudnn-cu11': '8.7.0.84' } },
    native,
    ortPage,
  ),
  runtimeRow(
    'cuDNN of a distribution for CUDA 13',
    { cuda: '13.0', python: { 'onnxruntime-gpu': '1.28.2', 'nvidia-cudnn-cu13': '9.13.0' } },
    native,
    ortPage,
  ),
  runtimeRow(
    'ONNX Runtime of a version that is no version',
    { cuda: '12.6', python: { 'onnxruntime-gpu': 'main' } },
    ['unknown', 'onnxruntime-cuda'],
    never,
  ),
  runtimeRow(
    'cuDNN of a Python distribution counts',
    { cuda: '12.6', python: { 'onnxruntime-gpu': '1.20.1', 'nvidia-cudnn-cu12': '9.5.1.17' } },
    native,
    ortPage,
  ),
  runtimeRow(
    'cuDNN was not found, and was not looked for everywhere',
    { cuda: '12.6', python: { 'onnxruntime-gpu': '1.20.1' }, unknown: { components: 'a layer is damaged' } },
    ['unknown', 'onnxruntime-cuda'],
    never,
  ),
  runtimeRow(
    'the CPU build of ONNX Runtime asks for no CUDA',
    { cuda: '12.6', python: { onnxruntime: '1.6.0' } },
    native,
    ortPage,
    { model: { onnxIrVersion: 7 } },
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
  runtimeRow(
    'a provider that links no CUDA leaves it to the table',
    { ...linked('libc.so.6 libcudnn.so.9', '12.6', '9.5.1'), python: { 'onnxruntime-gpu': '1.20.1' } },
    native,
    links,
  ),
  runtimeRow(
    'links of a provider that no table has',
    linked('libcudart.so.12 libcudnn.so.9', '12.8', '9.8.0'),
    native,
    links,
  ),
  runtimeRow(
    'links to the CUDA of another major',
    linked('libcudart.so.13 libcudnn.so.9', '12.8', '9.8.0'),
    wrong,
    links,
  ),
  runtimeRow(
    'links of CUDA 11, whose names hold 11.0 whatever its version is',
    { ...linked('libcudart.so.11.0 libcudnn.so.8', '11.8', '8.7.0'), python: { 'onnxruntime-gpu': '1.17.1' } },
    native,
    links,
  ),
  runtimeRow(
    'links of CUDA 10.1 beside 10.2, of a version that no table has',
    linked('libcudart.so.10.1 libcudnn.so.8', '10.2', '8.0.3'),
    wrong,
    links,
  ),
  runtimeRow(
    'links of CUDA 10.2, of a version that no table has',
    linked('libcudart.so.10.2 libcudnn.so.8', '10.2', '8.0.3'),
    native,
    links,
  ),
  runtimeRow(
    'links to the cuDNN of another major',
    linked('libcudart.so.12 libcudnn.so.9', '12.8', '8.9.7'),
    wrong,
    links,
  ),
  runtimeRow(
    'links that leave out cuDNN, of a version that no table has',
    linked('libcudart.so.12', '12.8', '9.8.0'),
    ['unknown', 'onnxruntime-cuda'],
    never,
  ),
  runtimeRow(
    'links that leave out cuDNN, to the CUDA of another major',
    linked('libcudart.so.13', '12.8', '9.8.0'),
    wrong,
    links,
  ),
  runtimeRow(
    'links to CUDA 12 of a version that is published for 13, with the cuDNN of the table',
    { ...linked('libcudart.so.12', '12.8', '9.8.0'), python: { 'onnxruntime-gpu': '1.31.1' } },
    native,
    links,
  ),
  runtimeRow(
    'links that say otherwise than the table',
    { ...linked('libcudart.so.13 libcudnn.so.9', '13.0', '9.13.0'), python: { 'onnxruntime-gpu': '1.20.1' } },
    native,
    links,
  ),
];

/** Before 1.8 the provider is part of the extension module. */
const module = 'onnxruntime/capi/onnxruntime_pybind11_state.so';
const firstShared =
  'ONNX Runtime issues 8052 and 8177: 1.8.0 is the first whose provider is a library of its own (2021-06-28)';
const ortModules: readonly CaseRow[] = (
  [
    ['0.5.0', 'libcudart.so.10.1 libcudnn.so.7', '10.1', '7.6.4', native],
    ['0.5.0', 'libcudart.so.10.0 libcudnn.so.7', '10.1', '7.6.4', wrong],
    ['1.1.2', 'libcudart.so.10.1 libcudnn.so.7', '10.1', '7.6.4', native],
    ['1.20.1', 'libstdc++.so.6', '12.6', '9.5.1', native],
  ] as const
).map(([version, needs, cuda, cudnn, answer]) =>
  runtimeRow(
    `${version} whose extension module is linked to ${needs}, with CUDA ${cuda}`,
    {
      cuda,
      components: { cudnn },
      python: { 'onnxruntime-gpu': version },
      libraries: { [module]: 'sm_70 sm_80 compute_80' },
      needs: { [module]: needs },
    },
    answer,
    firstShared,
    { model: { onnxIrVersion: 3 }, device: `V100 580.95.05 13.0` },
  ),
);

/** A provider without a Python distribution: its links tell what it needs. */
const library = 'opt/app/lib/libonnxruntime_providers_cuda.so';
const alone = 'sherpa-onnx issue 1465: libcublasLt.so.11 of a provider beside CUDA 12 (2024-10-25)';
const ortLibraries: readonly CaseRow[] = (
  [
    ['libcudart.so.11.0 libcudnn.so.8', '12.4', '8.9.7', {}, wrong],
    ['libcudart.so.11.0 libcudnn.so.8', '11.8', '8.9.7', {}, native],
    ['libcudart.so.12 libcudnn.so.9', '12.4', '8.9.7', {}, wrong],
    ['libcudart.so.11.0', '12.4', '8.9.7', {}, native],
    ['libcudart.so.11.0 libcudnn.so.8', '12.4', '8.9.7', { onnxruntime: '1.17.1' }, wrong],
  ] as const
).map(([needs, cuda, cudnn, components, answer]) =>
  runtimeRow(
    `a provider ${Object.values(components).join('')} alone that is linked to ${needs}, with CUDA ${cuda}`,
    {
      cuda,
      components: { cudnn, ...components },
      libraries: { [library]: 'sm_70 sm_80' },
      needs: { [library]: needs },
    },
    answer,
    alone,
    { model: { onnxIrVersion: 8 } },
  ),
);
const inWords: readonly CaseRow[] = [
  runtimeRow(
    'a provider alone whose CUDA lies beside a newer one',
    {
      cuda: '13.0',
      components: { cudnn: '8.9.7' },
      copies: { 'usr/lib/libcudart.so.11.0': '11.8.89', 'x/libcudart.so.13': '13.0.88' },
      libraries: { [library]: 'sm_80' },
      needs: { [library]: 'libcudart.so.11.0 libcudnn.so.8' },
    },
    native,
    alone,
    { model: { onnxIrVersion: 8 } },
  ),
  ...(
    [
      [null, ['unknown', 'onnxruntime-cuda']],
      [{ format: 'unknown' }, ['unknown', 'onnxruntime-cuda']],
      [{ format: 'unknown', unknown: { format: 'no format that is known' } }, native],
    ] as const
  ).map(([model, answer]) =>
    runtimeRow(
      `a provider alone beside ${JSON.stringify(model)}`,
      {
        cuda: '12.4',
        components: { cudnn: '8.9.7' },
        libraries: { [library]: 'sm_80' },
        needs: { [library]: 'libcudart.so.11.0 libcudnn.so.8' },
      },
      answer,
      alone,
      { model, hardware: { memoryGib: 4 } },
    ),
  ),
  runtimeRow(
    'a provider alone beside a model that it does not open',
    {
      cuda: '12.4',
      components: { cudnn: '8.9.7' },
      libraries: { [library]: 'sm_80' },
      needs: { [library]: 'libcudart.so.11.0 libcudnn.so.8' },
    },
    native,
    alone,
    { model: { format: 'safetensors', precisions: ['fp16'] } },
  ),
  {
    ...runtimeRow(
      'a provider alone, in words',
      {
        cuda: '12.4',
        components: { cudnn: '8.9.7' },
        libraries: { [library]: 'sm_80' },
        needs: { [library]: 'libcudart.so.11.0 libcudnn.so.8' },
      },
      wrong,
      alone,
    ),
    says: 'ONNX Runtime of an unknown version needs CUDA 11.x and cuDNN 8.x; the image brings CUDA 12.4',
  },
  {
    ...runtimeRow(
      'a wheel, in words',
      { cuda: '13.0', components: { cudnn: '9.13.0' }, python: { 'onnxruntime-gpu': '1.20.1' } },
      wrong,
      ortPage,
    ),
    says: 'onnxruntime-gpu 1.20.1 needs CUDA 12.x and cuDNN 9.x; the image brings CUDA 13.0',
  },
];

/** ONNX Runtime beside a CUDA, a cuDNN and a driver. */
export const onnxRuntimeCases: readonly CaseRow[] = [
  ...ort,
  ...ortOthers,
  ...ortLinks,
  ...ortModules,
  ...ortLibraries,
  ...inWords,
];
