import type { Compatibility } from '../../../core/contract/contract.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';
import { forward, note, tooOld } from './forward-case.ts';

const cuda13 = { cuda: '13.0', compat: '580.82.07' };
const noted13 = { ...cuda13, note: note('13.0', [535, 550, 570]) };
const unknownBrand = ['unknown', 'driver'] as const;
const loadedPage = 'CUDA Compatibility, forward compatibility, release 615, errors 803 and 804 (2026-09-09)';
const onPath = (folder: string): Readonly<Record<string, string>> => ({ LD_LIBRARY_PATH: `/opt/lib:${folder}` });
const compatFolder = onPath('/usr/local/cuda/compat');
const inTheWay = ['incompatible', 'compat-loaded'] as const;
const native = ['native', 'driver-native'] as const;
/** The image puts the package on LD_LIBRARY_PATH: it is loaded also where the driver would do alone. */
const loaded: readonly CaseRow[] = (
  [
    ['X in the table, and named', 'A100-40 590.44.01 13.1', { ...cuda13, env: compatFolder }, ...inTheWay],
    ['X in the table, and not named', 'A100-40 590.44.01 13.1', cuda13, ...native],
    [
      'X in the table, and only its link of another folder is named',
      'A100-40 590.44.01 13.1',
      { ...cuda13, env: onPath('/usr/local/cuda/compat/lib') },
      ...native,
    ],
    [
      'X in the table, and named with the version',
      'A100-40 590.44.01 13.1',
      { ...cuda13, env: onPath('/usr/local/cuda-13.0/compat/') },
      ...inTheWay,
    ],
    ['GeForce on a newer driver', 'RTX-4090 590.44.01 13.1', { ...cuda13, env: compatFolder }, ...inTheWay],
    ['GeForce on its own branch', 'RTX-4090 580.65.06 13.0', { ...cuda13, env: compatFolder }, ...inTheWay],
    ['GeForce beside the very driver', 'RTX-4090 580.82.07 13.0', { ...cuda13, env: compatFolder }, ...native],
    ['GeForce, by the note', 'RTX-4090 580.65.06 13.0', { ...noted13, env: compatFolder }, ...inTheWay],
    ['a data-centre board on its own branch', 'A100-40 580.65.06 13.0', { ...cuda13, env: compatFolder }, ...native],
    [
      'its own branch, which the note leaves out',
      'A100-40 580.65.06 13.0',
      { ...noted13, env: compatFolder },
      ...native,
    ],
    [
      'its own branch, which is end-of-life in the table',
      'A100-40 550.54.15 12.4',
      { cuda: '12.4', compat: '550.54.16', env: compatFolder },
      ...native,
    ],
    ['a branch of the note', 'A100-40 550.54.15 12.4', { ...noted13, env: compatFolder }, ...forward],
    ['a branch that the note leaves out', 'A100-40 590.44.01 13.1', { ...noted13, env: compatFolder }, ...inTheWay],
    ['a brand that cannot be told', 'RTX-A6000 580.65.06 13.0', { ...cuda13, env: compatFolder }, ...unknownBrand],
    [
      'a newer branch of which the table says nothing',
      'A100-40 575.57.08 12.9',
      { cuda: '12.8', compat: '570.133.20', env: compatFolder },
      ...inTheWay,
    ],
    [
      'an older branch of which the table says nothing',
      'A100-40 565.57.01 12.7',
      { cuda: '12.8', compat: '570.133.20', env: compatFolder },
      ...unknownBrand,
    ],
    [
      'a package of a toolkit that no driver is known of, on such a branch',
      'A100-40 575.57.08 12.9',
      { cuda: '12.8', compat: '999.10', env: compatFolder },
      ...unknownBrand,
    ],
    [
      'a toolkit older than the driver',
      'A100-40 580.65.06 13.0',
      { cuda: '13.0', compat: '590.48.01', env: compatFolder },
      ...forward,
    ],
    [
      'a package older than the toolkit',
      'A100-40 570.124.06 12.8',
      { cuda: '13.1', compat: '580.82.07', env: compatFolder },
      ...unknownBrand,
    ],
    [
      'a package of an older major than the toolkit',
      'A100-40 535.183.01 12.2',
      { cuda: '13.0', compat: '570.133.20', env: compatFolder },
      ...tooOld,
    ],
    [
      'a package of an older major than the toolkit on a branch that it does not run on',
      'A100-40 580.65.06 13.0',
      { cuda: '13.0', compat: '570.133.20', env: compatFolder },
      ...inTheWay,
    ],
    [
      'a package of an older major than the toolkit, whose search paths were not read',
      'A100-40 535.183.01 12.2',
      { cuda: '13.0', compat: '570.133.20', searchPaths: null },
      ...tooOld,
    ],
    [
      'a package that cannot be told',
      'A100-40 580.65.06 13.0',
      { cuda: '13.0', compat: null, env: compatFolder },
      ...unknownBrand,
    ],
    [
      'whether there is a package is not known',
      'A100-40 580.65.06 13.0',
      { cuda: '13.0', env: compatFolder, unknown: { compat: 'not read' } },
      ...unknownBrand,
    ],
    ['no package in the folder', 'RTX-4090 580.65.06 13.0', { cuda: '13.0', env: compatFolder }, ...native],
  ] satisfies readonly (readonly [string, string, ImageRow, Compatibility, string])[]
).map(([name, device, image, compatibility, rule]) => ({
  name: `cuda-compat on LD_LIBRARY_PATH: ${name}`,
  device,
  image,
  compatibility,
  rule,
  source: loadedPage,
}));

/** Such a branch is named with what is known of it. */
const named: readonly CaseRow[] = [
  {
    name: 'cuda-compat of an older major than the toolkit beside a driver that is older still',
    device: 'H200 535.161.08 12.2',
    image: { cuda: '13.0', compat: '570.133.20', env: compatFolder },
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    source:
      'verl-omni issue 133: the driver is too old (found version 12080), by cuda-compat 12.8 beside torch of CUDA 13',
    says: 'too old for CUDA 13.0 of the image (usr/local/cuda/lib64/libcudart.so): cuda-compat 12.8 in the image is older than its toolkit',
  },
  {
    name: 'cuda-compat of an older branch than a driver of which the table says nothing',
    device: 'A10 550.127.05 12.4',
    image: { cuda: '12.2', compat: '535.183.01', env: compatFolder },
    compatibility: 'incompatible',
    rule: 'compat-loaded',
    source:
      'awslabs/awsome-distributed-ai issue 475: error 803 by the cuda-compat of 12.2 beside a driver of branch 550',
    says: 'cuda-compat 12.2 is older than branch 550, and the published table has no package that runs on a newer branch',
  },
];

const ngcPath = 'usr/local/cuda-12.2/compat/lib.real/libcuda.so.535.104.05';
const ofNgc = { cuda: '12.2', compat: '535.104.05', compatPath: ngcPath, searchPaths: null };
const minor = ['minor-version', 'driver-minor-version'] as const;
const ngc =
  '/etc/shinit_v2 of images of NVIDIA: cuda-compat is put first where cudaCheck starts CUDA with it; TensorRT issue 1160, tensorrtx issue 747';
/** Images of NVIDIA keep it in `compat/lib.real`, and put it first where CUDA starts with it. */
const byEntrypoint: readonly CaseRow[] = (
  [
    ['GeForce on a newer branch', 'RTX-4090 550.54.15 12.4', ofNgc, ...native],
    ['GeForce on its own branch', 'RTX-4090 535.183.01 12.2', ofNgc, ...native],
    [
      'GeForce on its own branch, and the folder is named',
      'RTX-4090 535.183.01 12.2',
      { ...ofNgc, env: onPath('/usr/local/cuda/compat/lib.real') },
      ...inTheWay,
    ],
    ['GeForce on an older branch of the same major', 'RTX-4090 525.85.12 12.0', ofNgc, ...minor],
    ['TITAN on an older major', 'TITAN-RTX 510.108.03 11.6', ofNgc, 'incompatible', 'driver-too-old'],
    [
      'a data-centre board on an older major',
      'A100-40 535.183.01 12.2',
      { ...cuda13, compatPath: ngcPath.replace('12.2', '13.0'), searchPaths: null },
      ...forward,
    ],
    [
      'a board that the package no longer drives',
      'V100 550.54.15 12.4',
      { cuda: '12.4', compat: '590.48.01', compatPath: ngcPath.replace('12.2', '13.1'), searchPaths: null },
      ...native,
    ],
    ['a package whose version was not read', 'RTX-4090 550.54.15 12.4', { ...ofNgc, compat: null }, ...native],
  ] satisfies readonly (readonly [string, string, ImageRow, Compatibility, string])[]
).map(([name, device, image, compatibility, rule]) => ({
  name: `cuda-compat in compat/lib.real: ${name}`,
  device,
  image,
  compatibility,
  rule,
  source: ngc,
}));

const apart = 'llama.cpp issue 17542: cuda-compat 12.9 beside the toolkit 12.5 (2025-11-27)';
const newerPath = 'usr/local/cuda-12.9/compat/libcuda.so.575.57.08';
/** The container runtime looks in the folder of the toolkit, to which `/usr/local/cuda` leads. */
const ofNewerToolkit: readonly CaseRow[] = (
  [
    [
      'a package of a newer CUDA in a folder of its own',
      { cuda: '12.5', compat: '575.57.08', compatPath: newerPath },
      ...native,
    ],
    ['a package of the same CUDA', { cuda: '12.9', compat: '575.57.08', compatPath: newerPath }, ...inTheWay],
    [
      'a package beside a newer toolkit',
      { cuda: '12.9', compat: '575.57.08', compatPath: 'usr/local/cuda-12.8/compat/libcuda.so.575.57.08' },
      ...inTheWay,
    ],
    ['a package in the folder without a version', { cuda: '12.5', compat: '575.57.08' }, ...inTheWay],
  ] satisfies readonly (readonly [string, ImageRow, Compatibility, string])[]
).map(([name, image, compatibility, rule]) => ({
  name: `cuda-compat and the folder of the toolkit: ${name}`,
  device: 'RTX-4090 555.42.06 12.5',
  image,
  compatibility,
  rule,
  source: apart,
}));

/** Packages that the image puts before the library of the driver, and those that are found beside it. */
export const forwardLoadedCases: readonly CaseRow[] = [...loaded, ...named, ...byEntrypoint, ...ofNewerToolkit];
