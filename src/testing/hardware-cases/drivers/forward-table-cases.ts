import type { Compatibility } from '../../../core/contract/contract.ts';
import type { CaseRow, ImageRow } from '../case-row.ts';
import { page, drivers, packages, forward, tooOld, note } from './forward-case.ts';

const image129 = 'NVIDIA CUDA 12.9 image, .note.cuda.fwd_compatibility (2026-11)';
type Line = readonly [pack: string, branch: number, compatibility: Compatibility, rule: string];
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

/** Packages and branches that the published table no longer has, by the images of their time. */
const earlierPackages: Readonly<Record<string, string>> = {
  '10.0': '410.129',
  '10.1': '418.226',
  '10.2': '440.118',
  '11.0': '450.51.06',
  '11.2': '460.32.03',
  '11.4': '470.82.01',
  '11.6': '510.47.03',
  '11.7': '515.48.07',
  '11.8': '520.61.05',
  '12.0': '525.85.12',
  '12.1': '530.30.02',
};
const earlierDrivers: Readonly<Record<number, string>> = {
  384: '384.145 9.0',
  390: '390.116 9.1',
  396: '396.44 9.2',
  410: '410.79 10.0',
  418: '418.226 10.1',
  440: '440.118 10.2',
  450: '450.80.02 11.0',
  460: '460.106 11.2',
  470: '470.82.01 11.4',
  510: '510.108 11.6',
  515: '515.105 11.7',
  525: '525.147 12.0',
};
const earlier: readonly CaseRow[] = (
  [
    ['10.0', [384], [390, 396], []],
    ['10.1', [384, 396, 410], [390], []],
    ['10.2', [384, 396, 410, 418], [390], []],
    ['11.0', [418, 440], [], [410]],
    ['11.2', [418, 440, 450], [], [410]],
    ['11.4', [418, 440, 450], [], [410, 460]],
    ['11.6', [418, 450, 470], [], [440, 460]],
    ['11.7', [450, 470, 510], [], [460]],
    ['11.8', [450, 470, 510, 515], [], [460]],
    ['12.0', [450, 470, 510, 515], [], [460]],
    ['12.1', [450, 470, 510, 515, 525], [], [460]],
  ] as const
).flatMap(([pack, works, never, unknown]) =>
  (
    [
      ['forward', works],
      ['incompatible', never],
      ['unknown', unknown],
    ] as const
  ).flatMap(([compatibility, branches]) =>
    branches.map((branch): CaseRow => ({
      name: `cuda-compat ${pack} on branch ${branch}, by the images of its time: ${compatibility}`,
      device: `P100 ${earlierDrivers[branch]}`,
      image: { cuda: pack, compat: earlierPackages[pack] ?? null, libraries: { 'libapp.so': 'sm_60' } },
      hardware: { allow: ['forward'] },
      compatibility,
      rule: compatibility === 'forward' ? 'driver-forward' : compatibility === 'unknown' ? 'driver' : 'driver-too-old',
      source: 'NVIDIA container images for CUDA, NVIDIA_REQUIRE_CUDA of 10.0 to 12.1',
      ...(compatibility === 'incompatible'
        ? { says: `cuda-compat ${pack} does not run on branch ${branch}, by the images that it was published with` }
        : {}),
    })),
  ),
);

/** Packages of newer drivers by branch, brand and note. */
export const forwardTableCases: readonly CaseRow[] = [
  ...cells,
  ...brands,
  ...notes,
  ...notNeeded,
  ...contradictingBrands,
  ...earlier,
];
