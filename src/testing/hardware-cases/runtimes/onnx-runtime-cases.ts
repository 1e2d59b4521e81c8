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
    'links that leave out cuDNN, runtimeRow a version that no table has',
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

/** ONNX Runtime beside a CUDA, a cuDNN and a driver. */
export const onnxRuntimeCases: readonly CaseRow[] = [...ort, ...ortOthers, ...ortLinks];
