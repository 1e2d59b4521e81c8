import type { Compatibility } from '../../../core/contract/contract.ts';
import type { CaseRow } from '../case-row.ts';

const releaseNotes = 'CUDA Toolkit 13.1 release notes, driver table (2025-12-04)';
const minorPage = 'CUDA Compatibility, minor-version compatibility, table 1 (2026-11)';
const forwardPage = 'CUDA Compatibility, forward compatibility, release 615 (2026-09-09)';

type Line = readonly [image: string, driver: string, speaks: string, compatibility: Compatibility, rule: string];
const rows = (source: string, lines: readonly Line[]): readonly CaseRow[] =>
  lines.map(([cuda, driver, speaks, compatibility, rule]) => ({
    name: `CUDA ${cuda} image on driver ${driver} (CUDA ${speaks})`,
    device: `A100-40 ${driver} ${speaks}`,
    image: { cuda },
    compatibility,
    rule,
    source,
  }));

const native = ['native', 'driver-native'] as const;
const minor = ['minor-version', 'driver-minor-version'] as const;
const tooOld = ['incompatible', 'driver-too-old'] as const;

/** Each toolkit at its own first driver, and on the driver before it. */
const firstDrivers = rows(releaseNotes, [
  ['11.0', '450.51.05', '11.0', ...native],
  ['11.0', '450.51.04', '11.0', ...tooOld],
  ['11.1', '455.23', '11.1', ...native],
  ['11.1', '455.22', '11.1', ...minor],
  ['11.1', '450.80.02', '11.0', ...minor],
  ['11.2', '460.27.03', '11.2', ...native],
  ['11.2', '460.27.02', '11.2', ...minor],
  ['11.3', '465.19.01', '11.3', ...native],
  ['11.3', '465.19.00', '11.3', ...minor],
  ['11.4', '470.42.01', '11.4', ...native],
  ['11.4', '470.42.00', '11.4', ...minor],
  ['11.5', '495.29.05', '11.5', ...native],
  ['11.5', '495.29.04', '11.5', ...minor],
  ['11.6', '510.39.01', '11.6', ...native],
  ['11.6', '510.39.00', '11.6', ...minor],
  ['11.7', '515.43.04', '11.7', ...native],
  ['11.7', '515.43.03', '11.7', ...minor],
  ['11.8', '520.61.05', '11.8', ...native],
  ['11.8', '520.61.04', '11.8', ...minor],
  ['12.0', '525.60.13', '12.0', ...native],
  ['12.0', '525.60.12', '12.0', ...minor],
  ['12.1', '530.30.02', '12.1', ...native],
  ['12.1', '530.30.01', '12.1', ...minor],
  ['12.2', '535.54.03', '12.2', ...native],
  ['12.2', '535.54.02', '12.2', ...minor],
  ['12.3', '545.23.06', '12.3', ...native],
  ['12.3', '545.23.05', '12.3', ...minor],
  ['12.4', '550.54.14', '12.4', ...native],
  ['12.4', '550.54.13', '12.4', ...minor],
  ['12.5', '555.42.02', '12.5', ...native],
  ['12.5', '555.42.01', '12.5', ...minor],
  ['12.6', '560.28.03', '12.6', ...native],
  ['12.6', '560.28.02', '12.6', ...minor],
  ['12.8', '570.26', '12.8', ...native],
  ['12.8', '570.25', '12.8', ...minor],
  ['12.9', '575.51.03', '12.9', ...native],
  ['12.9', '575.51.02', '12.9', ...minor],
  ['13.0', '580.65.06', '13.0', ...native],
  ['13.0', '580.65.05', '13.0', ...minor],
  ['13.1', '590.44.01', '13.1', ...native],
  ['13.1', '590.44.00', '13.1', ...minor],
  ['13.2', '595.45.04', '13.2', ...native],
  ['13.3', '610.10.01', '13.3', ...native],
  ['13.4', '615.10.01', '13.4', ...native],
]);

/** The floor of each major, just at it and just below. */
const floors = rows(minorPage, [
  ['11.8', '450.80.02', '11.0', ...minor],
  ['11.8', '450.80.01', '11.0', ...tooOld],
  ['11.8', '450.51.06', '11.0', ...tooOld],
  ['12.9', '525.60.13', '12.0', ...minor],
  ['12.9', '525', '12.0', ...minor],
  ['12.9', '524.99.99', '12.0', ...tooOld],
  ['12.0', '520.61.05', '11.8', ...tooOld],
  ['12.4', '470.82.01', '11.4', ...tooOld],
  ['13.1', '580.65.06', '13.0', ...minor],
  ['13.3', '580', '13.0', ...minor],
  ['13.3', '579.99', '13.0', ...tooOld],
  ['13.4', '590.44.01', '13.1', ...minor],
  ['13.0', '575.57.08', '12.9', ...tooOld],
]);

/** A newer driver runs an older toolkit, of any major. */
const backward = rows(releaseNotes, [
  ['11.0', '615.10.01', '13.4', ...native],
  ['11.8', '580.95.05', '13.0', ...native],
  ['12.4', '580.65.06', '13.0', ...native],
  ['12.6.77', '560.35.05', '12.6', ...native],
  ['12.4.127', '550.54.15', '12.4', ...native],
  ['12.7', '570.124.06', '12.8', ...native],
  ['10.2', '550.54.14', '12.4', ...native],
]);

const others: readonly CaseRow[] = [
  {
    name: 'an image without CUDA and device code of which one version could not be read',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: null, libraries: {}, unknown: { 'libraries opt/libcudart.so.12': 'versions: it is damaged' } },
    compatibility: 'unknown',
    rule: 'image-accelerator',
    source: 'what is not known is never a pass',
  },
  {
    name: 'CUDA 10.2 knows no minor-version compatibility',
    device: 'T4 418.39 10.1',
    image: { cuda: '10.2' },
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    source:
      'CUDA Compatibility, minor-version compatibility, table 2: before 11 each toolkit needs its own driver (2026-11)',
  },
  {
    name: 'a driver that is older than CUDA 12.4 and speaks 13.0 cannot be',
    device: 'A100-40 535.183.01 13.0',
    image: { cuda: '12.4' },
    compatibility: 'unknown',
    rule: 'driver',
    source: releaseNotes,
  },
  {
    name: 'the driver is not known',
    device: 'A100-40',
    deviceFacts: { driverCuda: '12.4' },
    compatibility: 'unknown',
    rule: 'driver',
    source: 'what is not known is never a pass',
  },
  {
    name: 'the CUDA version of the driver is not known, and is not inferred from its number',
    device: 'A100-40 580.65.06',
    compatibility: 'unknown',
    rule: 'driver',
    source: 'what is not known is never a pass',
  },
  {
    name: 'leading zeros that DRA drops mean nothing',
    device: 'A100-40 570.26.0 12.8',
    image: { cuda: '12.8' },
    compatibility: 'native',
    rule: 'driver-native',
    source: releaseNotes,
  },
  {
    name: 'a torch wheel of CUDA 13.0 decides over the base image of 12.4',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: '12.4', python: { torch: '2.9.0+cu130' }, libraries: { 'torch/lib/libtorch_cuda.so': 'sm_80' } },
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    source: 'PyTorch, RELEASE.md: the wheel brings its CUDA (2026-11)',
  },
  {
    name: 'a torch wheel of CUDA 11.8 beside a base image of 12.4: the newest decides',
    device: 'A100-40 520.61.05 11.8',
    image: { cuda: '12.4', python: { torch: '2.4.0+cu118' }, libraries: { 'torch/lib/libtorch_cuda.so': 'sm_80' } },
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    source: 'PyTorch, RELEASE.md: the wheel brings its CUDA (2026-11)',
  },
  {
    name: 'the CUDA runtime of a wheel counts where the image has none of its own',
    device: 'A100-40 525.85.12 12.0',
    image: { cuda: null, python: { 'nvidia-cuda-runtime-cu12': '12.6.77' } },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    source: minorPage,
  },
  {
    name: 'device code without a CUDA runtime that tells its version',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: null },
    compatibility: 'unknown',
    rule: 'image-accelerator',
    source: 'what is not known is never a pass',
  },
  {
    name: 'an image without CUDA and device code runs on the CPU',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: null, libraries: {} },
    compatibility: 'incompatible',
    rule: 'image-accelerator',
    source: 'the image has nothing for an accelerator',
  },
  {
    name: 'an image without CUDA and device code that was not read whole',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: null, libraries: {}, unknown: { libraries: 'a layer is damaged' } },
    compatibility: 'unknown',
    rule: 'image-accelerator',
    source: 'what is not known is never a pass',
  },
  {
    name: 'an image without CUDA and device code whose Python distributions were not read',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: null, libraries: {}, unknown: { python: 'a layer is damaged' } },
    compatibility: 'unknown',
    rule: 'image-accelerator',
    source: 'what is not known is never a pass',
  },
  {
    name: 'a CUDA version of one number is none',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: '12' },
    compatibility: 'unknown',
    rule: 'image-accelerator',
    source: 'what is not known is never a pass',
  },
  {
    name: 'a CUDA version that is no version is none',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: 'main' },
    compatibility: 'unknown',
    rule: 'image-accelerator',
    source: 'what is not known is never a pass',
  },
  {
    name: 'an image whose CUDA could not be looked for everywhere',
    device: 'A100-40 550.54.14 12.4',
    image: { cuda: null, libraries: {}, unknown: { cuda: 'a layer is damaged' } },
    compatibility: 'unknown',
    rule: 'image-accelerator',
    source: 'what is not known is never a pass',
  },
  {
    name: 'the code is a command, and nobody looked inside what it runs',
    device: 'A100-40 550.54.14 12.4',
    image: null,
    compatibility: 'unknown',
    rule: 'image-accelerator',
    source: 'what is not known is never a pass',
  },
  {
    name: 'the contract allows native only, and the driver is older than the toolkit: still minor-version',
    device: 'A100-40 525.85.12 12.0',
    image: { cuda: '12.4' },
    hardware: { allow: ['native'] },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    source: minorPage,
  },
  {
    name: 'R580 is the last branch that drives Volta',
    device: 'V100 580.65.06 13.0',
    image: { cuda: '12.4' },
    compatibility: 'native',
    rule: 'driver-native',
    source: 'CUDA 13.0 release notes, removed architectures (2026-11)',
  },
  {
    name: 'R590 no longer drives Volta, whatever the image brings',
    device: 'V100 590.44.01 13.1',
    image: { cuda: '12.4' },
    compatibility: 'incompatible',
    rule: 'driver-supports-device',
    source: 'CUDA 13.0 release notes, removed architectures (2026-11)',
  },
  {
    name: 'R595 no longer drives Pascal',
    device: 'P100 595.45.04 13.2',
    image: { cuda: '12.4' },
    compatibility: 'incompatible',
    rule: 'driver-supports-device',
    source: 'CUDA 13.0 release notes, removed architectures (2026-11)',
  },
  {
    name: 'R615 still drives Turing',
    device: 'T4 615.10.01 13.4',
    image: { cuda: '12.4' },
    compatibility: 'native',
    rule: 'driver-native',
    source: 'CUDA 13.0 release notes, removed architectures (2026-11)',
  },
  {
    name: 'forward compatibility is not needed where the driver is as new as the toolkit',
    device: 'A100-40 580.65.06 13.0',
    image: { cuda: '13.0', compat: '580.65.06' },
    compatibility: 'native',
    rule: 'driver-native',
    source: forwardPage,
  },
];

/** A driver below the floor of the CUDA major that it is said to speak: one of the two is wrong. */
const belowOwnFloor: readonly CaseRow[] = (
  [
    ['570.124.06 13.2', '13.2', 'unknown', 'driver'],
    ['570.124.06 13.4', '13.3', 'unknown', 'driver'],
    ['570.124.06 13.2', '12.8', 'unknown', 'driver'],
    ['579.99.99 13.5', '13.5', 'unknown', 'driver'],
    ['470.82.01 12.2', '12.2', 'unknown', 'driver'],
    ['470.82.01 12.2', '11.4', 'unknown', 'driver'],
    ['T4 449.99 11.0', '11.0', 'unknown', 'driver'],
    ['T4 449.99 10.2', '10.2', 'native', 'driver-native'],
    // Not below the floor: the branch of the toolkit decides where no exact driver is published.
    ['580.65.06 13.2', '13.2', 'minor-version', 'driver-minor-version'],
    ['595.45.04 13.2', '13.2', 'native', 'driver-native'],
    ['580.65.06 13.5', '13.5', 'native', 'driver-native'],
  ] as const
).map(([driver, cuda, compatibility, rule]) => ({
  name: `CUDA ${cuda} image on a driver that says of itself ${driver}`,
  device: /^\d/.test(driver) ? `A100-40 ${driver}` : driver,
  image: { cuda },
  compatibility,
  rule,
  source: minorPage,
}));

export const driverCases: readonly CaseRow[] = [...belowOwnFloor, ...firstDrivers, ...floors, ...backward, ...others];
