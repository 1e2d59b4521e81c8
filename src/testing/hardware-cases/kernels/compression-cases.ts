import type { CaseRow, ImageRow } from '../case-row.ts';

const rapids = 'RAPIDS CMake, rapids_cuda_enable_fatbin_compression (2025-10)';
const ggml = 'ggml, CMakeLists.txt, GGML_CUDA_COMPRESSION_MODE (2026-11)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const minor: Answer = ['minor-version', 'driver-minor-version'];

const row = (
  name: string,
  device: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({ name, device, image, compatibility, rule, source, ...rest });

const flash = 'flash-attention issue 1749: "device kernel image is invalid" with driver 535 (2025-07-21)';
const attention = (python: Readonly<Record<string, string>>): ImageRow => ({
  cuda: '12.8',
  python,
  libraries: { 'app/libapp.so': 'sm_80', 'x/flash_attn_2_cuda.so': 'sm_80 sm_90' },
  compression: { 'x/flash_attn_2_cuda.so': 'zstd' },
});
const zstd = {
  cuda: '12.8',
  libraries: { 'app/libapp.so': 'sm_80' },
  compression: { 'app/libapp.so': 'zstd' as const },
};
const torch = 'PyTorch, .ci/manywheel/build_cuda.sh; eullm issue 428 (2026-11)';
const unreadCode = { cuda: '12.8', compression: null };
const ggmlLibrary = { 'usr/lib/libggml-cuda.so': 'sm_80' };

/** Device code that is compressed by zstd, or may be. */
export const compressionCases: readonly CaseRow[] = [
  row(
    'code by zstd on a driver of branch 535',
    'A100-80 535.288.01 12.2',
    zstd,
    ['incompatible', 'kernels-compression'],
    rapids,
  ),
  row(
    'code by zstd on a driver of branch 549',
    'A100-80 549.99.01 12.3',
    zstd,
    ['incompatible', 'kernels-compression'],
    rapids,
  ),
  row('code by zstd on a driver of branch 550', 'A100-80 550.54.14 12.4', zstd, minor, rapids),
  row(
    'code by zstd, opened by the package',
    'A100-80 535.288.01 12.2',
    { ...zstd, compat: '570.133.20' },
    ['forward', 'driver-forward'],
    rapids,
    { hardware: { allow: ['forward'] } },
  ),
  row(
    'code by zstd, opened by the package that LD_LIBRARY_PATH names',
    'A100-80 535.288.01 12.2',
    { ...zstd, compat: '570.133.20', env: { LD_LIBRARY_PATH: '/usr/local/cuda/compat' } },
    ['forward', 'driver-forward'],
    rapids,
  ),
  row(
    'code by LZ4 on a driver of branch 535',
    'A100-80 535.288.01 12.2',
    { ...zstd, compression: { 'app/libapp.so': 'lz4' } },
    minor,
    rapids,
  ),
  row(
    'code by zstd in a library that is optional',
    'A100-80 535.288.01 12.2',
    {
      cuda: '12.8',
      libraries: { 'app/libapp.so': 'sm_80', 'usr/lib/libcusparseLt.so.0': 'sm_80' },
      compression: { 'usr/lib/libcusparseLt.so.0': 'zstd' },
    },
    minor,
    rapids,
  ),
  row(
    'attention by zstd beside no program that chooses another',
    'A100-80 535.288.01 12.2',
    attention({}),
    ['incompatible', 'kernels-compression'],
    flash,
  ),
  row(
    'attention by zstd beside a program that chooses another',
    'A100-80 535.288.01 12.2',
    attention({ transformers: '4.44.0' }),
    minor,
    flash,
  ),
  row(
    'a build that compresses by zstd by default, on branch 535',
    'A100-80 535.288.01 12.2',
    { ...unreadCode, libraries: ggmlLibrary },
    ['unknown', 'kernels-compression'],
    ggml,
  ),
  row(
    'a build that compresses by zstd by default, on branch 550',
    'A100-80 550.54.14 12.4',
    { ...unreadCode, libraries: ggmlLibrary },
    minor,
    ggml,
  ),
  row(
    'that build, read as not compressed',
    'A100-80 535.288.01 12.2',
    { cuda: '12.8', libraries: ggmlLibrary },
    minor,
    ggml,
  ),
  row(
    'that build of an older toolkit',
    'A100-80 535.54.02 12.2',
    { cuda: '12.6', compression: null, libraries: ggmlLibrary },
    minor,
    ggml,
  ),
  row(
    'torch of CUDA 12.9, whose wheels are not compressed by zstd',
    'A100-80 535.288.01 12.2',
    { cuda: '12.9', compression: null, libraries: { 'x/torch/lib/libtorch_cuda.so': 'sm_80' } },
    minor,
    torch,
  ),
  row(
    'torch of CUDA 13.0, whose wheels are',
    'A100-80 535.288.01 12.2',
    {
      cuda: '13.0',
      compression: null,
      compat: '580.82.07',
      env: { LD_LIBRARY_PATH: '/usr/local/cuda/compat' },
      libraries: { 'x/torch/lib/libtorch_cuda.so': 'sm_80' },
    },
    ['forward', 'driver-forward'],
    torch,
  ),
  row(
    'any other library that was not read, on branch 535',
    'A100-80 535.288.01 12.2',
    unreadCode,
    ['unknown', 'kernels-compression'],
    never,
  ),
  row(
    'any other library that was not read, with a toolkit that cannot',
    'A100-80 535.54.02 12.2',
    { cuda: '12.6', compression: null },
    minor,
    rapids,
  ),
  row(
    'one library is read and another is not',
    'A100-80 535.288.01 12.2',
    { ...zstd, libraries: { 'a.so': 'sm_80', 'app/libapp.so': 'sm_80' }, compression: { 'app/libapp.so': 'zstd' } },
    ['incompatible', 'kernels-compression'],
    rapids,
  ),
  row(
    'zstd and PTX: the code does not open, and that is said',
    'A100-80 535.288.01 12.2',
    { ...zstd, libraries: { 'app/libapp.so': 'compute_80' } },
    ['incompatible', 'kernels-compression'],
    rapids,
  ),
];
