import type { CaseRow, ImageRow } from '../case-row.ts';

const versions = 'CTranslate2 issue 1806 (2024-10-28)';
const folders = 'whisper-ctranslate2 issue 27 (2023-04-23)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const refused: Answer = ['incompatible', 'linked-runtime'];
const notFound: Answer = ['incompatible', 'library-path'];

const wheels = '/opt/venv/lib/python3.11/site-packages/nvidia/cudnn/lib';
const blas = '/opt/venv/lib/python3.11/site-packages/nvidia/cublas/lib';
const noCudnn = 'CTranslate2, libraries of the wheels 4.6.0 to 4.8.5 (2026-11-30)';
const speech = { 'faster-whisper': '1.0.3' };

const row = (
  name: string,
  ctranslate2: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source = versions,
): CaseRow => ({
  name,
  device: 'A100-40 550.54.14 12.4',
  image: { ...image, python: { ctranslate2, ...image.python } },
  compatibility,
  rule,
  source,
});

export const linkedRuntimeCases: readonly CaseRow[] = [
  row('4.4 with CUDA 12, for translation', '4.4.0', {}, native),
  row('4.0 with CUDA 12, for translation', '4.0.0', {}, native),
  row('3.24 with CUDA 12', '3.24.0', {}, refused),
  row(
    '3.24 with CUDA 12, and the wheel of cuBLAS 11',
    '3.24.0',
    { python: { 'nvidia-cublas-cu11': '11.11.3' }, env: { LD_LIBRARY_PATH: blas } },
    native,
  ),
  row(
    '3.24 with CUDA 12, and the wheel of cuBLAS 11 that nothing names',
    '3.24.0',
    { python: { 'nvidia-cublas-cu11': '11.11.3' } },
    notFound,
    folders,
  ),
  row('3.24 with CUDA 11', '3.24.0', { cuda: '11.8' }, native),
  row('4.4 with CUDA 11', '4.4.0', { cuda: '11.8' }, refused),
  row('4.6 with CUDA 11', '4.6.0', { cuda: '11.8' }, refused),
  row('4.4 with cuDNN 8, for speech', '4.4.0', { components: { cudnn: '8.9.7' }, python: speech }, native),
  row('4.4 with cuDNN 9, for speech', '4.4.0', { components: { cudnn: '9.1.0' }, python: speech }, refused),
  row('4.5 with cuDNN 8, for speech', '4.5.0', { components: { cudnn: '8.9.7' }, python: speech }, refused),
  row('4.5 with cuDNN 9, for speech', '4.5.0', { components: { cudnn: '9.1.0' }, python: speech }, native),
  row('4.6 with cuDNN 9, for speech', '4.6.0', { components: { cudnn: '9.1.0' }, python: { whisperx: '3.4' } }, native),
  row(
    '3.24 with cuDNN 8, for speech',
    '3.24.0',
    { cuda: '11.8', components: { cudnn: '8.9.7' }, python: speech },
    native,
  ),
  row(
    '3.24 with cuDNN 9, for speech',
    '3.24.0',
    { cuda: '11.8', components: { cudnn: '9.1' }, python: speech },
    refused,
  ),
  row('4.6.2 without cuDNN, for speech', '4.6.2', { python: speech }, refused, noCudnn),
  row('4.6.3 without cuDNN, for speech', '4.6.3', { python: speech }, native, noCudnn),
  row('4.8.5 with cuDNN 8, for speech', '4.8.5', { components: { cudnn: '8.9.7' }, python: speech }, native, noCudnn),
  row('4.8.5 with CUDA 11, for speech', '4.8.5', { cuda: '11.8', python: speech }, refused, noCudnn),
  {
    ...row('4.8.5 with CUDA 11, in words', '4.8.5', { cuda: '11.8', python: speech }, refused, noCudnn),
    says: 'opens CUDA 12.x by name; the image brings CUDA 11.8',
  },
  row('4.5 without cuDNN, for speech', '4.5.0', { python: { 'whisper-ctranslate2': '0.4' } }, refused),
  row(
    '4.5 for speech, and nobody read which cuDNN',
    '4.5.0',
    { python: speech, unknown: { 'libraries usr/lib/libcudnn.so.9': 'versions: it is damaged' } },
    ['unknown', 'linked-runtime'],
    never,
  ),
  row(
    '4.5 without CUDA but a wheel of cuBLAS 12',
    '4.5.0',
    { cuda: '11.8', python: { 'nvidia-cublas-cu12': '12.4' }, searchPaths: [blas] },
    native,
  ),
  row(
    '4.5 without CUDA but a wheel of cuBLAS 12 that nothing names',
    '4.5.0',
    { cuda: '11.8', python: { 'nvidia-cublas-cu12': '12.4' } },
    notFound,
    folders,
  ),
  row(
    '4.5 with a wheel of cuBLAS 12 beside torch, which opens it first',
    '4.5.0',
    { cuda: '11.8', python: { 'nvidia-cublas-cu12': '12.4', torch: '2.5.1' } },
    native,
    folders,
  ),
  row(
    '4.5 with a wheel of cuBLAS 12, and nobody read the search paths',
    '4.5.0',
    { cuda: '11.8', python: { 'nvidia-cublas-cu12': '12.4' }, searchPaths: null },
    ['unknown', 'library-path'],
    never,
  ),
  row(
    '4.5 with CUDA 12, and a wheel of cuBLAS beside it',
    '4.5.0',
    { python: { 'nvidia-cublas-cu12': '12.4' } },
    native,
    folders,
  ),
  row(
    '4.5 with a wheel of cuBLAS 12, and another copy of the system',
    '4.5.0',
    {
      cuda: '11.8',
      python: { 'nvidia-cublas-cu12': '12.4' },
      copies: {
        'usr/lib/python3/site-packages/nvidia/cublas/lib/libcublas.so.12': '12.4',
        'opt/lib/libcublas.so.12': '12.4',
      },
    },
    native,
    folders,
  ),
  row(
    '4.5 with a wheel of cuBLAS 12 as the only copy of that major',
    '4.5.0',
    {
      cuda: '11.8',
      python: { 'nvidia-cublas-cu12': '12.4' },
      copies: {
        'usr/lib/python3/site-packages/nvidia/cublas/lib/libcublas.so.12': '12.4',
        'opt/lib/libcublas.so.11': '11.8',
      },
    },
    notFound,
    folders,
  ),
  row(
    '4.5 with CUDA and cuBLAS of wheels alone',
    '4.5.0',
    { cuda: '11.8', python: { 'nvidia-cublas-cu12': '12.4', 'nvidia-cuda-runtime-cu12': '12.4.127' } },
    notFound,
    folders,
  ),
  row(
    '4.5 with the wheel of cuDNN for CUDA 13, which is of its major',
    '4.5.0',
    { python: { ...speech, 'nvidia-cudnn-cu13': '9.14', torch: '2.9' } },
    native,
  ),
  row('a version that cannot be read', 'main', { cuda: '11.8' }, native),
  row(
    '4.5 with a wheel of cuBLAS, and nobody read the CUDA of the image',
    '4.5.0',
    { cuda: null, python: { 'nvidia-cublas-cu12': '12.4' }, env: { LD_LIBRARY_PATH: blas } },
    ['unknown', 'image-accelerator'],
    never,
  ),
  row('4.5, and nobody read the CUDA of the image', '4.5.0', { cuda: null }, ['unknown', 'linked-runtime'], never),
  row('a version of no row', '2.24.0', { cuda: '11.8' }, native),
  row(
    'cuDNN in the folder of a wheel that nothing names',
    '4.5.0',
    { python: { ...speech, 'nvidia-cudnn-cu12': '9.1.0' } },
    notFound,
    folders,
  ),
  row(
    'cuDNN of CUDA 11 in the folder of a wheel that nothing names',
    '3.24.0',
    { cuda: '11.8', python: { ...speech, 'nvidia-cudnn-cu11': '8.9.4' } },
    notFound,
    folders,
  ),
  row(
    'cuDNN in the folder of a wheel that LD_LIBRARY_PATH names',
    '4.5.0',
    { python: { ...speech, 'nvidia-cudnn-cu12': '9.1.0' }, env: { LD_LIBRARY_PATH: `/usr/lib:${wheels}` } },
    native,
    folders,
  ),
  row(
    'cuDNN in the folder of a wheel that ld.so.conf.d names',
    '4.5.0',
    { python: { ...speech, 'nvidia-cudnn-cu12': '9.1.0' }, searchPaths: ['usr/lib', `${wheels}/`] },
    native,
    folders,
  ),
  row(
    'cuDNN in the folder of a wheel, and nobody read the search paths',
    '4.5.0',
    { python: { ...speech, 'nvidia-cudnn-cu12': '9.1.0' }, searchPaths: null },
    ['unknown', 'library-path'],
    never,
  ),
  row(
    'cuDNN in the folder of a wheel, which torch opens first',
    '4.5.0',
    { python: { ...speech, 'nvidia-cudnn-cu12': '9.1.0', torch: '2.5.1' } },
    native,
    folders,
  ),
  row(
    'cuDNN in a folder of the system, and in that of a wheel',
    '4.5.0',
    { components: { cudnn: '9.1.0' }, python: { ...speech, 'nvidia-cudnn-cu12': '9.1.0' } },
    native,
    folders,
  ),
];
