import type { Compatibility } from '../../../core/contract/contract.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';

const page = 'CUDA Compatibility, forward compatibility, release 615, package and driver table (2026-09-09)';
const image129 = 'NVIDIA CUDA 12.9 image, .note.cuda.fwd_compatibility (2026-11)';
const brandsOfNote = [1, 2, 7, 8, 9, 10, 11, 12, 13, 14];
const note = (cudaVersion: string, drivers: readonly number[]) => ({ cudaVersion, drivers, brands: brandsOfNote });

/** Drivers of the branches of the table, with the CUDA version that each speaks. */
const drivers: Readonly<Record<number, string>> = {
  535: '535.183.01 12.2',
  550: '550.54.15 12.4',
  570: '570.124.06 12.8',
  580: '580.65.06 13.0',
  590: '590.44.01 13.1',
  595: '595.45.04 13.2',
  610: '610.10.01 13.3',
};
/** Version of the libraries in each package: that of the driver it was made from. */
const packages: Readonly<Record<string, string>> = {
  '13.4': '615.10.02',
  '13.3': '610.10.02',
  '13.2': '595.50.01',
  '13.1': '590.48.01',
  '13.0': '580.82.07',
  '12.9': '575.57.08',
  '12.8': '570.133.20',
  '12.6': '560.35.05',
  '12.5': '555.42.06',
  '12.4': '550.54.16',
  '12.3': '545.23.08',
  '12.2': '535.216.01',
};

type Line = readonly [pack: string, branch: number, compatibility: Compatibility, rule: string];
const forward = ['forward', 'driver-forward'] as const;
const tooOld = ['incompatible', 'driver-too-old'] as const;

/**
 * The published table, cell by cell, on a data-centre board and without a note in the image. Only `allow: [forward]` shows
 * the cell where minor-version compatibility would do as well.
 */
const cells: readonly CaseRow[] = (
  [
    ['13.4', 535, ...forward],
    ['13.4', 570, ...forward],
    ['13.4', 580, ...forward],
    ['13.4', 590, ...forward],
    ['13.4', 595, ...forward],
    ['13.4', 610, ...forward],
    ['13.3', 535, ...forward],
    ['13.3', 570, ...forward],
    ['13.3', 580, ...forward],
    ['13.3', 590, ...forward],
    ['13.3', 595, ...forward],
    ['13.2', 535, ...forward],
    ['13.2', 570, ...forward],
    ['13.2', 580, ...forward],
    ['13.2', 590, ...forward],
    ['13.1', 535, ...forward],
    ['13.1', 570, ...forward],
    ['13.1', 580, ...forward],
    ['13.0', 535, ...forward],
    ['13.0', 570, ...forward],
    ['12.9', 535, ...forward],
    ['12.9', 570, ...forward],
    ['12.8', 535, ...forward],
    ['12.6', 535, ...forward],
    ['12.5', 535, ...forward],
    ['12.4', 535, ...forward],
    ['12.3', 535, ...forward],
  ] satisfies readonly Line[]
).map(([pack, branch, compatibility, rule]) => ({
  name: `cuda-compat ${pack} on branch ${branch}, by the published table`,
  device: `A100-40 ${drivers[branch]}`,
  image: { cuda: pack, compat: packages[pack] ?? null },
  hardware: { allow: ['forward'] },
  compatibility,
  rule,
  source: page,
}));

const brand = (name: string, device: string, answer: readonly [Compatibility, string], image: ImageRow): CaseRow => ({
  name,
  device,
  image,
  compatibility: answer[0],
  rule: answer[1],
  source: page,
});

const cuda13 = { cuda: '13.0', compat: '580.82.07' };
const noted13 = { ...cuda13, note: note('13.0', [535, 550, 570]) };
const unknownBrand = ['unknown', 'driver'] as const;

const brands: readonly CaseRow[] = [
  brand('by the table a Tesla brand is a data-centre board', 'V100 535.183.01 12.2', forward, {
    ...cuda13,
    libraries: { 'libapp.so': 'sm_70' },
  }),
  brand('by the table TITAN is not covered', 'TITAN-RTX 535.183.01 12.2', tooOld, cuda13),
  brand(
    'by the table some RTX boards are covered, and a brand cannot tell which',
    'RTX-A6000 535.183.01 12.2',
    unknownBrand,
    cuda13,
  ),
  brand('the note names the RTX brand, and decides', 'RTX-A6000 535.183.01 12.2', forward, noted13),
  brand('the note does not name GeForce', 'RTX-4090 535.183.01 12.2', tooOld, noted13),
  brand('the note does not name TITAN RTX', 'TITAN-RTX 535.183.01 12.2', tooOld, noted13),
  brand('the note names branch 550, which is end-of-life in the table', 'A100-40 550.54.15 12.4', forward, noted13),
  brand('the note does not name branch 560', 'A100-40 560.35.05 12.6', tooOld, noted13),
  brand(
    'without a note, a branch that the table no longer names is not known',
    'A100-40 550.54.15 12.4',
    ['unknown', 'driver'],
    cuda13,
  ),
  brand('a note without any brand covers nothing', 'A100-40 535.183.01 12.2', tooOld, {
    ...cuda13,
    note: { cudaVersion: '13.0', drivers: [535], brands: [] },
  }),
];

const notes: readonly CaseRow[] = [535, 550, 570].map((branch) => ({
  name: `the note of the CUDA 12.9 image names branch ${branch}`,
  device: `A100-40 ${drivers[branch]}`,
  image: { cuda: '12.9', compat: '575.57.08', note: note('12.9', [535, 550, 560, 565, 570, 575]) },
  hardware: { allow: ['forward'] },
  compatibility: 'forward',
  rule: 'driver-forward',
  source: image129,
}));

const limits: readonly CaseRow[] = [
  {
    name: 'the 12.9 table has no package for R580, which speaks a newer major anyway: native',
    device: 'A100-40 580.65.06 13.0',
    image: { cuda: '12.9', compat: '575.57.08' },
    compatibility: 'native',
    rule: 'driver-native',
    source: page,
  },
  {
    name: 'the package in the image is older than its toolkit',
    device: 'A100-40 535.183.01 12.2',
    image: { cuda: '13.1', compat: '580.82.07' },
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    source: page,
  },
  {
    name: 'the package is newer than the toolkit, which is as good',
    device: 'A100-40 535.183.01 12.2',
    image: { cuda: '13.0', compat: '590.48.01' },
    compatibility: 'forward',
    rule: 'driver-forward',
    source: page,
  },
  {
    name: 'a package that is not newer than the driver does not help',
    device: 'A100-40 575.57.08 12.9',
    image: { cuda: '13.0', compat: '575.57.08', note: note('13.0', [575]) },
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    source: page,
  },
  {
    name: 'it cannot be told which CUDA version the package is for',
    device: 'A100-40 535.183.01 12.2',
    image: { cuda: '13.0', compat: null },
    compatibility: 'unknown',
    rule: 'driver',
    source: 'what is not known is never a pass',
  },
  {
    name: 'libraries of a branch that no toolkit came with',
    device: 'A100-40 535.183.01 12.2',
    image: { cuda: '13.0', compat: '565.57.01' },
    compatibility: 'unknown',
    rule: 'driver',
    source: 'what is not known is never a pass',
  },
  {
    name: 'whether there is a package could not be read',
    device: 'A100-40 535.183.01 12.2',
    image: { cuda: '13.0', unknown: { compat: 'a layer is damaged' } },
    compatibility: 'unknown',
    rule: 'driver',
    source: 'what is not known is never a pass',
  },
  {
    name: 'there is a package, and its note could not be read',
    device: 'A100-40 535.183.01 12.2',
    image: {
      ...cuda13,
      unknown: { 'libraries usr/local/cuda/compat/libcuda.so.1': 'compatNote: the section lies outside of the file' },
    },
    compatibility: 'unknown',
    rule: 'driver',
    source: 'what is not known is never a pass',
  },
  {
    name: 'there is a package without a note: the table decides',
    device: 'A100-40 535.183.01 12.2',
    image: { ...cuda13, unknown: { 'compat.note': 'its libcuda.so has no section .note.cuda.fwd_compatibility' } },
    compatibility: 'forward',
    rule: 'driver-forward',
    source: page,
  },
  {
    name: 'a note of another file could not be read',
    device: 'A100-40 535.183.01 12.2',
    image: { ...cuda13, unknown: { 'libraries opt/libcuda.so.1': 'compatNote: the section lies outside of the file' } },
    compatibility: 'forward',
    rule: 'driver-forward',
    source: page,
  },
  {
    name: 'a package of the very version of the driver does not help',
    device: 'A100-40 580.65.05 13.0',
    image: { cuda: '13.0', compat: '580.65.05', note: note('13.0', [580]) },
    hardware: { allow: ['forward'] },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    source: page,
  },
  {
    name: 'a package that is newer than the driver by one in the last place',
    device: 'A100-40 580.65.05 13.0',
    image: { cuda: '13.0', compat: '580.65.06', note: note('13.0', [580]) },
    hardware: { allow: ['forward'] },
    compatibility: 'forward',
    rule: 'driver-forward',
    source: page,
  },
  {
    name: 'the brand is not known',
    device: 'A100-40 535.183.01 12.2',
    deviceFacts: { brand: null },
    image: cuda13,
    compatibility: 'unknown',
    rule: 'driver',
    source: 'what is not known is never a pass',
  },
  {
    name: 'the brand is one that no table knows',
    device: 'A100-40 535.183.01 12.2',
    deviceFacts: { brand: 'nvidia-quantum' },
    image: noted13,
    compatibility: 'unknown',
    rule: 'driver',
    source: 'what is not known is never a pass',
  },
  {
    name: 'a branch that the note does not name fails whatever the brand is',
    device: 'A100-40 560.35.05 12.6',
    deviceFacts: { brand: null },
    image: noted13,
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    source: page,
  },
  {
    name: 'minor-version compatibility comes before forward',
    device: 'A100-40 570.124.06 12.8',
    image: { cuda: '12.9', compat: '575.57.08' },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    source: page,
  },
  {
    name: 'forward takes PTX that minor-version does not',
    device: 'H100 570.124.06 12.8',
    image: { cuda: '12.9', compat: '575.57.08', libraries: { 'libapp.so': 'sm_80 compute_90' } },
    compatibility: 'forward',
    rule: 'driver-forward',
    source: page,
  },
  {
    name: 'the package compiles PTX up to its own CUDA version only',
    device: 'H100 570.124.06 12.8',
    image: {
      cuda: '12.9',
      compat: '575.57.08',
      libraries: { 'libapp.so': 'sm_80 compute_90' },
      ptxCuda: { 'libapp.so': '13.0' },
    },
    compatibility: 'incompatible',
    rule: 'kernels-ptx',
    source: page,
  },
  {
    name: 'minor-version does not take the PTX, and whether forward would is not known',
    device: 'RTX-A6000 570.124.06 12.8',
    image: { cuda: '12.9', compat: '575.57.08', libraries: { 'libapp.so': 'sm_90 compute_86' } },
    compatibility: 'unknown',
    rule: 'driver',
    source: page,
  },
  {
    name: 'the contract does not allow minor-version, and whether forward would do is not known',
    device: 'RTX-A6000 570.124.06 12.8',
    image: { cuda: '12.9', compat: '575.57.08' },
    hardware: { allow: ['native', 'forward'] },
    compatibility: 'unknown',
    rule: 'driver',
    source: page,
  },
  {
    name: 'the contract does not allow minor-version, and forward would do',
    device: 'A100-40 570.124.06 12.8',
    image: { cuda: '12.9', compat: '575.57.08' },
    hardware: { allow: ['native', 'forward'] },
    compatibility: 'forward',
    rule: 'driver-forward',
    source: page,
  },
  {
    name: 'the table has no package for a branch that is newer: X',
    device: 'A100-40 595.45.04 13.2',
    image: {
      cuda: '13.3',
      compat: '610.10.02',
      note: note('13.3', [535, 570, 580]),
      compatPath: 'opt/compat/libcuda.so.1',
    },
    hardware: { allow: ['forward'] },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    source: page,
  },
];

/** `-` in the table: the driver is of the package's own branch, and the package brings nothing newer. */
const notNeeded: readonly CaseRow[] = (
  [
    ['12.2', '535.54.02 12.2'],
    ['12.8', '570.25 12.8'],
    ['13.0', '580.65.05 13.0'],
    ['13.1', '590.44.00 13.1'],
  ] as const
).map(([pack, driver]) => ({
  name: `cuda-compat ${pack} on its own branch, driver ${driver}`,
  device: `A100-40 ${driver}`,
  image: { cuda: pack, compat: packages[pack] ?? null },
  hardware: { allow: ['forward'] },
  compatibility: 'minor-version',
  rule: 'driver-minor-version',
  source: page,
}));

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
      'a branch of which the table says nothing',
      'A100-40 575.57.08 12.9',
      { cuda: '12.8', compat: '570.133.20', env: compatFolder },
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

/** NVML gives GeForce and TITAN brands of their own, so that `nvidia` beside such a product is one or the other. */
const contradictingBrands: readonly CaseRow[] = (
  [
    ['NVIDIA GeForce RTX 4090', 'nvidia'],
    ['NVIDIA TITAN RTX', 'tesla'],
  ] as const
).map(([product, told]) => ({
  name: `forward compatibility of ${product}, told as brand ${told}`,
  device: 'A100-40 535.183.01 12.2',
  deviceFacts: { product, brand: told, migLayout: [] },
  image: cuda13,
  compatibility: 'unknown',
  rule: 'driver',
  source: 'NVML API reference, nvmlBrandType_t (2026-11)',
}));

export const forwardCases: readonly CaseRow[] = [
  ...loaded,
  ...contradictingBrands,
  ...cells,
  ...brands,
  ...notes,
  ...notNeeded,
  ...limits,
];
