import type { CaseRow, ImageRow } from '../case-row.ts';

const pulls = 'Ollama pull requests 6620, 8567, 12000 and 12300: driver and capability choose the folder (2025-09-15)';
const issue = 'Ollama issue 9031: boards of 9.0 compute by cuda_v12 beside cuda_v11 (2025-02-19)';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const native: Answer = ['native', 'driver-native'];
const minor: Answer = ['minor-version', 'driver-minor-version'];
const tooOld: Answer = ['incompatible', 'driver-too-old'];
const noKernel: Answer = ['incompatible', 'kernels'];

const older = 'sm_50 sm_60 sm_70 sm_75 sm_80 sm_86';
const middle = 'sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_89 sm_90 sm_120';
const newer = 'sm_75 sm_80 sm_86 sm_89 sm_90 sm_100 sm_120';
const fileOf = (build: string): string => `usr/lib/ollama/cuda_${build}/libggml-cuda.so`;
const cudaIn = (build: string): string => `usr/lib/ollama/cuda_${build}/libcudart.so.12`;
const both: Readonly<Record<string, string>> = { [fileOf('v12')]: middle, [fileOf('v13')]: newer };
const first: Readonly<Record<string, string>> = { [fileOf('v11')]: older, [fileOf('v12')]: middle };
/** Code that was compressed otherwise than by zstd, so that any driver of the major opens it. */
const read = (libraries: Readonly<Record<string, string>>, cuda: string, more: ImageRow = {}): ImageRow => ({
  cuda,
  libraries,
  compression: Object.fromEntries(Object.keys(libraries).map((path) => [path, 'lz4' as const])),
  ...more,
});

/** [name, device, image, answer] */
const rows: readonly (readonly [string, string, ImageRow, Answer])[] = [
  ['the newest CUDA on a driver of it', 'RTX-4090 580.95.05 13.0', read(both, '13.0'), native],
  ['a driver of the older CUDA', 'RTX-4090 550.54.15 12.4', read(both, '13.0'), minor],
  ['a driver of neither', 'RTX-4090 470.82.01 11.4', read(both, '13.0'), tooOld],
  ['a board that the newest no longer knows', 'V100 580.95.05 13.0', read(both, '13.0'), native],
  ['a board that the oldest does not know yet', 'H100 550.54.15 12.4', read(first, '12.4'), native],
  ['a board that none knows', 'B200 580.95.05 13.0', read(first, '12.4'), noKernel],
  ['an old driver that the oldest takes', 'A100-40 470.82.01 11.4', read(first, '12.4'), native],
  [
    'the CUDA of a folder that was read',
    'RTX-4090 525.85.12 12.0',
    read(both, '13.0', { copies: { [cudaIn('v12')]: '12.8.90' } }),
    minor,
  ],
  [
    'the CUDA of a folder beside that of another and another library',
    'RTX-4090 525.85.12 12.0',
    read(both, '13.0', {
      copies: {
        'usr/lib/ollama/cuda_v13/libcudart.so.13': '13.0.88',
        'usr/lib/ollama/cuda_v12/libcublas.so.12': '12.0.1',
        [cudaIn('v12')]: '12.8.90',
      },
    }),
    minor,
  ],
  [
    'the CUDA of a folder whose file tells the major alone',
    'RTX-4090 525.85.12 12.0',
    read(both, '13.0', { copies: { [cudaIn('v12')]: '12' } }),
    minor,
  ],
  [
    'code that may be by zstd, in a folder whose CUDA nobody read',
    'RTX-4090 525.85.12 12.0',
    { cuda: '13.0', libraries: both, compression: null },
    ['unknown', 'kernels-compression'],
  ],
  [
    'another program that needs the newer CUDA',
    'RTX-4090 550.54.15 12.4',
    read({ ...both, 'app/libother.so': 'sm_89' }, '13.0', {
      copies: { 'usr/local/cuda/lib64/libcudart.so.13': '13.0.88', [cudaIn('v12')]: '12.8.90' },
    }),
    tooOld,
  ],
  [
    'other programs of two CUDAs',
    'RTX-4090 550.54.15 12.4',
    read({ ...both, 'app/libother.so': 'sm_89' }, '13.0', {
      copies: {
        'a/libcudart.so.12': '12.1.105',
        'b/libcudart.so.13': '13.0.88',
        'c/libcudart.so.11.0': '11.8.89',
        [cudaIn('v12')]: '12.8.90',
      },
    }),
    tooOld,
  ],
  [
    'another program that needs an older CUDA',
    'RTX-4090 550.54.15 12.4',
    read({ ...both, 'app/libother.so': 'sm_89' }, '13.0', {
      copies: { 'usr/local/cuda/lib64/libcudart.so.12': '12.1.105', [cudaIn('v12')]: '12.8.90' },
    }),
    minor,
  ],
  [
    'a newer CUDA that no library outside the builds needs',
    'RTX-4090 550.54.15 12.4',
    read(both, '13.0', {
      copies: { 'usr/local/cuda/lib64/libcudart.so.13': '13.0.88', [cudaIn('v12')]: '12.8.90' },
    }),
    minor,
  ],
  [
    'the engine MLX beside them, which no other model opens',
    'V100 580.95.05 13.0',
    read({ ...both, 'usr/lib/ollama/mlx_cuda_v13/libmlxc.so': 'sm_80 sm_90' }, '13.0'),
    native,
  ],
  [
    'cuda-compat of a newer CUDA, which is put first whatever a build is of',
    'RTX-4090 555.42.06 12.5',
    read(first, '12.4', {
      compat: '575.57.08',
      compatPath: 'usr/local/cuda-12.9/compat/libcuda.so.575.57.08',
      copies: { [cudaIn('v12')]: '12.8.90' },
    }),
    ['incompatible', 'compat-loaded'],
  ],
  [
    'the engine MLX beside the one build that fits',
    'T4 580.95.05 13.0',
    read({ ...both, 'usr/lib/ollama/mlx_cuda_v13/libmlxc.so': 'sm_80 sm_90', [fileOf('v12')]: 'sm_60' }, '13.0'),
    native,
  ],
  [
    'a file of another build that could not be read',
    'RTX-4090 550.54.15 12.4',
    read(both, '13.0', { unknown: { [`libraries ${fileOf('v13')}x`]: 'device: it is damaged' } }),
    minor,
  ],
  [
    'a file of its own that could not be read',
    'V100 580.95.05 13.0',
    read(both, '13.0', { unknown: { [`libraries ${fileOf('v12')}x`]: 'device: it is damaged' } }),
    ['unknown', 'kernels'],
  ],
  [
    'the variable names the newer build, and the driver takes the older',
    'RTX-4090 550.54.15 12.4',
    read(both, '13.0', { env: { OLLAMA_LLM_LIBRARY: 'cuda_v13' } }),
    tooOld,
  ],
  [
    'the variable names the older build',
    'RTX-4090 580.95.05 13.0',
    read(both, '13.0', { env: { OLLAMA_LLM_LIBRARY: 'cuda_v12' } }),
    native,
  ],
  ['the CUDA of the image, which is of the same major', 'H100 525.85.12 12.0', read(first, '12.4'), minor],
  ['an image whose CUDA nobody read', 'A100-40 525.85.12 12.0', { ...read(first, '12.4'), cuda: null }, native],
  ['one build alone is the image itself', 'RTX-4090 550.54.15 12.4', read({ [fileOf('v13')]: newer }, '13.0'), tooOld],
  [
    'runners of an older Ollama',
    'H100 550.54.15 12.4',
    read(
      {
        'usr/lib/ollama/runners/cuda_v11/ollama_llama_server': older,
        'usr/lib/ollama/runners/cuda_v12/ollama_llama_server': middle,
      },
      '12.4',
    ),
    native,
  ],
  [
    'builds for Jetson beside those for boards',
    'GH200 580.95.05 13.0',
    read(
      {
        [fileOf('jetpack5')]: 'sm_72 sm_87',
        [fileOf('jetpack6')]: 'sm_87',
        [fileOf('v12')]: middle,
        [fileOf('v13')]: newer,
      },
      '13.0',
      { architecture: 'arm64' },
    ),
    native,
  ],
  [
    'builds for Jetson alone on a board',
    'GH200 580.95.05 13.0',
    read({ [fileOf('jetpack5')]: 'sm_72 sm_87', [fileOf('jetpack6')]: 'sm_87' }, '12.2', { architecture: 'arm64' }),
    noKernel,
  ],
  [
    'a library beside the builds, which all of them need',
    'RTX-4090 580.95.05 13.0',
    read({ ...both, 'app/libother.so': 'sm_70' }, '13.0'),
    noKernel,
  ],
];

/** Programs that hold a build for each CUDA (Ollama). */
export const folderBuildCases: readonly CaseRow[] = [
  ...rows.map(([name, device, image, [compatibility, rule]]): CaseRow => ({
    name: `builds in folders: ${name}`,
    device,
    image,
    compatibility,
    rule,
    source: name.includes('does not know yet') ? issue : pulls,
  })),
  {
    name: 'builds in folders: of one CUDA in two places that of the folder is named',
    device: 'RTX-4090 550.54.15 12.4',
    image: read({ ...both, 'app/libother.so': 'sm_89' }, '13.0', {
      copies: { 'usr/local/cuda/lib64/libcudart.so.12': '12.8.90', [cudaIn('v12')]: '12.8.90' },
    }),
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    says: `CUDA 12.8.90 (${cudaIn('v12')})`,
    source: pulls,
  },
  {
    name: 'builds in folders: of two that do not fit the one with kernels is named',
    device: 'V100 470.82.01 11.4',
    image: read(both, '13.0'),
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    says: 'too old for CUDA 12.8',
    source: pulls,
  },
  {
    name: 'builds in folders: what the contract allows goes first',
    device: 'A100-40 535.183.01 12.2',
    image: read(both, '13.0', { compat: '580.82.07' }),
    hardware: { allow: ['native', 'forward'] },
    compatibility: 'forward',
    rule: 'driver-forward',
    source: pulls,
  },
  {
    name: 'builds in folders: of two that fit the newest is named',
    device: 'RTX-4090 580.95.05 13.0',
    image: read(both, '13.0'),
    compatibility: 'native',
    rule: 'driver-native',
    says: 'the image brings CUDA 13.0',
    source: pulls,
  },
  {
    name: 'builds in folders: of two that fit the newest is named, whichever is listed first',
    device: 'RTX-4090 580.95.05 13.0',
    image: read({ [fileOf('v13')]: newer, [fileOf('v12')]: middle }, '13.0'),
    compatibility: 'native',
    rule: 'driver-native',
    says: 'the image brings CUDA 13.0',
    source: pulls,
  },
  {
    name: 'builds in folders: the file that tells the CUDA is named',
    device: 'RTX-4090 525.85.12 12.0',
    image: read(both, '13.0', { copies: { [cudaIn('v12')]: '12.8.90' } }),
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    says: `CUDA 12.8.90 (${cudaIn('v12')})`,
    source: pulls,
  },
];
