import type { CaseRow, ImageRow } from '../case-row.ts';

const built = 'TensorFlow, "Build from source", tested build configurations (2025); issue 60913 (2025-02-04)';
const jax = 'jax-cuda12-plugin, metadata (2026-01); JAX issue 22416 (2024-07-15)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
type Python = Readonly<Record<string, string>>;
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'linked-runtime'];

const row = (
  name: string,
  python: Python,
  cuda: string,
  cudnn: string | null,
  [compatibility, rule]: Answer,
  source: string,
  image: ImageRow = {},
): CaseRow => ({
  name,
  // Libraries of CUDA before 11 know no Ampere.
  device: `${Number.parseInt(cuda, 10) < 11 ? 'T4' : 'A10'} 580.95.05 13.0`,
  image: { cuda, ...(cudnn === null ? {} : { components: { cudnn } }), python, ...image },
  compatibility,
  rule,
  source,
});
const ofOwn = 'tensorflow issue 57385 (1.15.4 compiled by CUDA 11.1); issue 31319 (1.14.0 of conda by CUDA 10.1)';
const tf = (
  version: string,
  cuda: string,
  cudnn: string | null,
  answer: Answer,
  more: Python = {},
  image: ImageRow = {},
): CaseRow =>
  row(
    `TensorFlow ${version} with CUDA ${cuda}, cuDNN ${cudnn ?? 'of none'} ${Object.entries(more).flat().join(' ')}`,
    { tensorflow: version, ...more },
    cuda,
    cudnn,
    answer,
    built,
    image,
  );
const plugin = (version: string, cudnn: string | null, answer: Answer, more: Python = {}): CaseRow =>
  row(
    `JAX ${version} with cuDNN ${cudnn ?? 'of none'} ${Object.entries(more).flat().join(' ')}`,
    { jax: version, jaxlib: version, 'jax-cuda12-plugin': version, ...more },
    '12.8',
    cudnn,
    answer,
    jax,
  );
/** The same of the plugin for CUDA 13. */
const plugin13 = (version: string, cuda: string, cudnn: string, answer: Answer): CaseRow =>
  row(
    `JAX ${version} for CUDA 13 with CUDA ${cuda}, cuDNN ${cudnn}`,
    { jax: version, jaxlib: version, 'jax-cuda13-plugin': version },
    cuda,
    cudnn,
    answer,
    jax,
  );
/** JAX whose jaxlib holds CUDA itself, as conda-forge builds it. */
const withoutPlugin = (jax: string, cuda: string, cudnn: string | null, answer: Answer, more: Python = {}): CaseRow =>
  row(
    `JAX ${jax} without a plugin, CUDA ${cuda}, cuDNN ${cudnn ?? 'of none'} ${Object.entries(more).flat().join(' ')}`,
    { jax, jaxlib: '0.4.30', ...more },
    cuda,
    cudnn,
    answer,
    'jaxlib-feedstock issue 277 (2024-07-31); jax/_src/xla_bridge.py of the wheels 0.4.29 to 0.6.2',
  );
/** A jaxlib whose version says what it was compiled with. */
const labelled = (jaxlib: string, cuda: string, cudnn: string | null, answer: Answer, more: Python = {}): CaseRow =>
  row(
    `jaxlib ${jaxlib} with CUDA ${cuda}, cuDNN ${cudnn ?? 'of none'} ${Object.entries(more).flat().join(' ')}`,
    { jax: '0.4.11', jaxlib, ...more },
    cuda,
    cudnn,
    answer,
    'JAX issues 15268, 15508 and 16038 (2023-05-18)',
  );

const names = 'TensorFlow, "Build from source"; issue 34736 (2019-12-01)';

export const frameworkCases: readonly CaseRow[] = [
  withoutPlugin('0.4.31', '12.0', '8.9.7', refused),
  withoutPlugin('0.4.31', '12.0', '9.0.0', refused),
  withoutPlugin('0.4.31', '12.0', '9.1.0', native),
  withoutPlugin('0.4.31', '12.0', null, refused),
  withoutPlugin('0.4.31', '11.8', '9.1.0', refused),
  withoutPlugin('0.4.30', '12.0', '8.9.7', native),
  withoutPlugin('0.5.3', '12.6', '8.9.7', refused),
  withoutPlugin('0.6.0', '12.6', '8.9.7', native),
  withoutPlugin('0.4.31', '12.0', '8.9.7', native, { torch: '2.4.0' }),
  ...(
    [
      ['2.4.1', '11.0', '8.0.5', '7.6.5'],
      ['2.5.0', '11.2', '8.1.0', '8.0.5'],
      ['2.11.1', '11.2', '8.1.1', '8.0.4'],
      ['2.12.0', '11.8', '8.6.0', '8.5.0'],
      ['2.13.1', '11.8', '8.9.7', '8.5.0'],
      ['2.14.0', '11.8', '8.7.0', '8.6.0'],
      ['2.15.1', '12.2', '8.9.4', '8.8.1'],
      ['2.17.0', '12.3', '8.9.7', '8.7.0'],
      ['2.18.0', '12.5', '9.3.0', '9.1.0'],
      ['2.20.0', '12.5', '9.10.2', '9.1.0'],
      ['2.21.0', '12.9', '9.10.2', '9.1.0'],
    ] as const
  ).flatMap(([version, cuda, cudnn, older]) => [
    tf(version, cuda, cudnn, native),
    tf(version, cuda, older, refused),
    row(`tensorflow-gpu ${version} with cuDNN ${older}`, { 'tensorflow-gpu': version }, cuda, older, refused, built),
  ]),
  {
    ...tf('2.12.0', '11.8', '8.4.1', refused),
    says: 'tensorflow 2.12.0 opens CUDA 11.x and cuDNN 8.x from 8.6 on by name; the image brings cuDNN 8.4.1',
  },
  tf('2.12.0', '12.2', '8.9.7', refused),
  tf('2.15.1', '11.8', '8.9.7', refused),
  tf('2.15.1', '11.8', '8.9.7', native, { 'nvidia-cublas-cu12': '12.2.5.6' }),
  tf('2.18.0', '12.5', '8.9.7', refused),
  tf('2.17.0', '12.3', '9.3.0', refused),
  tf('2.12.0', '11.8', null, refused),
  tf('2.12.0', '12.2', '8.6.0', ['incompatible', 'library-path'], { 'nvidia-cublas-cu11': '11.11.3.6' }),
  tf(
    '2.12.1',
    '12.2',
    '8.6.0',
    native,
    { 'nvidia-cublas-cu11': '11.11.3.6' },
    { env: { LD_LIBRARY_PATH: '/usr/lib/python3/dist-packages/nvidia/cublas/lib' } },
  ),
  ...(
    [
      ['tensorflow-gpu', '1.0.1', '8.0', '5.1.10', '7.5'],
      ['tensorflow-gpu', '1.2.1', '8.0', '5.1.10', '9.0'],
      ['tensorflow-gpu', '1.3.0', '8.0', '6.0.21', '9.0'],
      ['tensorflow-gpu', '1.4.1', '8.0', '6.0.21', '9.1'],
      ['tensorflow-gpu', '1.5.0', '9.0', '7.0.5', '10.0'],
      ['tensorflow-gpu', '1.12.3', '9.0', '7.4.2', '9.2'],
      ['tensorflow-gpu', '1.13.1', '10.0', '7.4.2', '9.0'],
      ['tensorflow-gpu', '1.14.0', '10.0', '7.6.5', '10.1'],
      ['tensorflow', '1.15.5', '10.0', '7.6.5', '10.1'],
      ['tensorflow-gpu', '1.15.5', '10.0', '7.6.5', '11.0'],
      ['tensorflow-gpu', '2.0.0', '10.0', '7.6.5', '10.1'],
      ['tensorflow', '2.1.0', '10.1', '7.6.5', '10.0'],
      ['tensorflow', '2.3.4', '10.1', '7.6.5', '10.2'],
      ['tensorflow-gpu', '2.2.0', '10.1', '7.6.5', '11.0'],
    ] as const
  ).flatMap(([name, version, cuda, cudnn, other]) => [
    row(`${name} ${version} with CUDA ${cuda}`, { [name]: version }, cuda, cudnn, native, names),
    row(`${name} ${version} with CUDA ${other}`, { [name]: version }, other, cudnn, refused, names),
    row(`${name} ${version} without a cuDNN that is told`, { [name]: version }, cuda, null, native, names),
  ]),
  {
    ...tf('2.1.0rc0', '10.0', '7.6.4', refused),
    says: 'tensorflow 2.1.0rc0 opens CUDA 10.1 and cuDNN 7.x from 7.6 on by name; the image brings CUDA 10.0',
  },
  ...(
    [
      ['tensorflow', '1.15.4', 'tensorflow_core/libtensorflow_framework.so.1', '11.1', native],
      ['tensorflow', '1.15.4', 'tensorflow_core/libtensorflow_framework.so.1', '10.0', refused],
      ['tensorflow-gpu', '1.14.0', 'tensorflow/python/_pywrap_tensorflow_internal.so', '11.1', native],
      ['tensorflow-gpu', '1.14.0', 'horovod/tensorflow.so', '11.1', refused],
    ] as const
  ).map(([name, version, library, ptxCuda, answer]) =>
    row(
      `${name} ${version} with CUDA 11.1, and ${library} compiled by CUDA ${ptxCuda}`,
      { [name]: version },
      '11.1',
      '8.0.4',
      answer,
      ofOwn,
      {
        libraries: { [`usr/lib/python3/dist-packages/${library}`]: 'sm_75 sm_80 sm_86 compute_86' },
        ptxCuda: { [`usr/lib/python3/dist-packages/${library}`]: ptxCuda },
      },
    ),
  ),
  {
    ...tf(
      '2.12.0',
      '12.1',
      '8.9.2',
      refused,
      {},
      { libraries: { 'x/tensorflow/libtensorflow_cc.so.2': 'sm_86 compute_90' } },
    ),
    name: 'TensorFlow 2.12 with CUDA 12.1 and PTX by the same: from CUDA 11 on PTX does not tell the minor version',
  },
  row('tensorflow 2.0, which is for processors', { tensorflow: '2.0.0' }, '10.1', null, native, names),
  row('tensorflow-gpu before the table', { 'tensorflow-gpu': '0.12.1' }, '9.0', '7.0.5', native, names),
  tf('2.3.0', '10.2', '7.6.5', native, { cudatoolkit: '10.2' }),
  tf('2.3.0', '10.1', '7.6.5', native),
  tf('2.22.0', '12.5', '9.1.0', native),
  tf('2.12.0', '11.8', '8.5.0', native, { torch: '2.0.1' }),
  tf('2.12.0', '11.8', '8.5.0', native, { vllm: '0.6.3' }),
  tf('2.12.0', '11.8', '8.5.0', native, { 'llama-cpp-python': '0.3.9' }, { instructions: {} }),
  tf('2.12.0', '11.8', '8.5.0', refused, { transformers: '4.38.2' }),
  tf('2.12.0', '11.8', '8.5.0', refused, { tensorrt: '8.6.1' }),
  tf('2.12.0+nv23.6', '12.1', '8.9.2', native),
  tf('2.12.0', '12.0', '8.8.0', native, { cudatoolkit: '12.0' }),
  tf('2.12.0', '12.0', '8.8.0', native, { 'cuda-version': '12.0' }),
  tf('2.12.0', '12.0', '8.8.0', native, { 'cuda-cudart': '12.0' }),
  tf('2.18.0', '12.5', null, native, { 'nvidia-cudnn-cu12': '9.3.0.75' }),
  tf('2.18.0', '12.5', null, refused, { 'nvidia-cudnn-cu12': '9.1.0.70' }),
  tf('2.18.0', '12.5', '9.1.0', native, { 'nvidia-cudnn-cu12': '9.3.0.75' }),
  tf('2.18.0', '12.5', '9.3.0', refused, { 'nvidia-cudnn-cu12': '9.1.0.70' }),
  tf('2.14.0', '11.8', null, native, { 'nvidia-cudnn-cu11': '8.7.0.84' }),
  tf('2.13.1', '11.8', null, ['incompatible', 'library-path'], { 'nvidia-cudnn-cu11': '8.6.0.163' }),
  tf('2.13.1', '11.8', '8.6.0', native, { 'nvidia-cudnn-cu11': '8.5.0.96' }),

  plugin('0.4.35', '9.1.0', native),
  plugin('0.4.35', '9.0.0', refused),
  plugin('0.5.0', '9.1.0', native),
  plugin('0.5.0', '9.0.0', refused),
  plugin('0.5.3', '9.1.0', native),
  plugin('0.6.2', '9.8.0', native),
  plugin('0.6.2', '9.1.0', refused),
  plugin('0.9.0', '9.13.1', native),
  plugin('0.9.0', '9.7.1', refused),
  plugin('0.9.0', '8.9.7', refused),
  plugin('0.9.0', null, refused),
  plugin('0.10.0', '9.1.0', refused),
  plugin('0.11.0', '9.1.0', native),
  plugin('0.9.0', '9.1.0', native, { 'nvidia-cudnn-cu12': '9.10.1.4' }),
  plugin('0.9.0', null, refused, { 'nvidia-cudnn-cu12': '9.7.1.26' }),
  plugin('0.9.0', '9.1.0', native, { torch: '2.9.0' }),
  plugin('0.4.34', '9.0.0', refused),
  plugin('0.4.30', '9.0.0', native),
  plugin('0.5.3', '9.0.0', refused),
  plugin('0.6.0', '9.7.1', refused),
  plugin('0.6.0', '9.8.0', native),
  plugin13('0.7.2', '13.0', '9.12.0', native),
  plugin13('0.7.2', '13.0', '9.11.0', refused),
  plugin13('0.10.0', '13.0', '9.10.1', refused),
  plugin13('0.8.0', '12.8', '9.12.0', refused),
  plugin13('0.11.0', '13.0', '9.10.1', native),
  labelled('0.4.11.dev20230517+cuda11.cudnn86', '11.8', '8.5.0', refused),
  labelled('0.4.11.dev20230517+cuda11.cudnn86', '11.8', '8.6.0', native),
  labelled('0.4.7+cuda11.cudnn82', '11.8', '8.5.0', native),
  labelled('0.4.7+cuda12.cudnn88', '12.1', '8.9.1', native),
  labelled('0.4.7+cuda12.cudnn88', '12.1', '8.7.0', refused),
  labelled('0.4.7+cuda12.cudnn88', '12.1', '9.1.0', refused),
  labelled('0.4.7+cuda12.cudnn88', '11.8', '8.9.1', refused),
  labelled('0.4.7+cuda12.cudnn88', '12.1', null, refused),
  labelled('0.4.7+cuda12.cudnn88', '12.1', '8.7.0', native, { 'nvidia-cudnn-cu12': '8.9.1.23' }),
  labelled('0.4.7+cuda12.cudnn88', '12.1', '8.7.0', native, { torch: '2.0.1' }),
  labelled('0.4.7+cuda12.cudnn88', '12.1', '8.7.0', native, { 'cuda-version': '12.0' }),
  labelled('0.4.7', '12.1', '8.7.0', native),
  labelled('0.1.71+cuda111', '11.8', '8.0.5', native),
  {
    ...labelled('0.4.7+cuda12.cudnn89', '12.1', '8.8.1', refused),
    says: 'jaxlib 0.4.7+cuda12.cudnn89 opens CUDA 12.x and cuDNN 8.x from 8.9 on by name; the image brings cuDNN 8.8.1',
  },
];
