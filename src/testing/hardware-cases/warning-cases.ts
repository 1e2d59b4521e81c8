import type { CaseRow } from './case-row.ts';

/** A folder where the container runtime does not look. */
const elsewhere = 'opt/compat/libcuda.so.1';
const checkers = 'libnvidia-container dsl.c; nvidia-container-toolkit internal/requirements (2026-11)';
const page = 'CUDA Compatibility, forward compatibility, release 615 (2026-09-09)';
const a100 = 'A100-40 550.54.14 12.4';
const note = (drivers: readonly number[]) => ({ cudaVersion: '12.9', drivers, brands: [2, 14] });
const row = (facts: Partial<CaseRow> & Pick<CaseRow, 'name' | 'warnings'>): CaseRow => ({
  device: a100,
  compatibility: 'native',
  rule: 'driver-native',
  source: checkers,
  ...facts,
});
const env = (text: string, rest: Readonly<Record<string, string>> = {}) => ({
  env: { NVIDIA_REQUIRE_CUDA: text, ...rest },
});

/** What people should know and what decides nothing. */
export const warningCases: readonly CaseRow[] = [
  row({
    name: 'a brand of no table reads unknown to the checkers',
    image: env('brand!=unknown'),
    deviceFacts: { brand: 'nvidia-quantum' },
    warnings: ['require-false-refusal'],
  }),
  row({ name: 'a brand of the table does not read unknown', image: env('brand!=unknown'), warnings: [] }),
  row({
    name: 'switched off, and it does not run',
    image: { ...env('cuda>=12.4', { NVIDIA_DISABLE_REQUIRE: 'true' }), libraries: { 'libapp.so': 'sm_90' } },
    compatibility: 'incompatible',
    rule: 'kernels',
    warnings: [],
  }),
  row({
    name: 'no require string, and it does not run',
    image: { libraries: { 'libapp.so': 'sm_90' } },
    compatibility: 'incompatible',
    rule: 'kernels',
    warnings: [],
  }),
  row({
    name: 'one checker alone passes what does not run',
    image: { ...env('brand=NVIDIA'), libraries: { 'libapp.so': 'sm_90' } },
    compatibility: 'incompatible',
    rule: 'kernels',
    warnings: ['require-false-pass'],
  }),
  row({ name: 'one checker alone cannot read it', image: env('kernel>=5'), warnings: ['require-invalid'] }),
  row({ name: 'one checker alone refuses what runs', image: env('driver>=550'), warnings: ['require-false-refusal'] }),
  row({
    name: 'a brand of no table is unknown to the checkers',
    image: env('brand=tesla'),
    deviceFacts: { brand: 'nvidia-quantum' },
    warnings: ['require-false-refusal'],
  }),
  row({
    name: 'a brand of no table reads unknown',
    image: env('brand=unknown,cuda>=12 cuda>=12,brand=unknown cuda>=12'),
    deviceFacts: { brand: 'nvidia-quantum' },
    warnings: [],
  }),
  row({ name: 'the require string agrees that it runs', image: env('cuda>=12.4'), warnings: [] }),
  row({ name: 'no require string', image: {}, warnings: [] }),
  row({ name: 'the require string refuses what runs', image: env('cuda>=13.0'), warnings: ['require-false-refusal'] }),
  row({
    name: 'the require string refuses, and is switched off',
    image: env('cuda>=13.0', { NVIDIA_DISABLE_REQUIRE: '1' }),
    warnings: [],
  }),
  row({
    name: 'the require string refuses what does not run',
    device: 'A100-40 470.82.01 11.4',
    image: env('cuda>=12.4'),
    compatibility: 'incompatible',
    rule: 'driver-too-old',
    warnings: [],
  }),
  row({
    name: 'the require string passes what has no kernels',
    image: { ...env('cuda>=12.4'), libraries: { 'libapp.so': 'sm_90' } },
    compatibility: 'incompatible',
    rule: 'kernels',
    warnings: ['require-false-pass'],
  }),
  row({
    name: 'the require string passes what the driver no longer drives',
    device: 'V100 590.44.01 13.1',
    image: env('cuda>=12.4'),
    compatibility: 'incompatible',
    rule: 'driver-supports-device',
    warnings: ['require-false-pass'],
  }),
  row({
    name: 'memory is no matter of the require string',
    image: env('cuda>=12.4'),
    hardware: { memoryGib: 60 },
    compatibility: 'incompatible',
    rule: 'memory',
    warnings: [],
  }),
  row({ name: 'checkers that disagree refuse', image: env('brand=nvidia'), warnings: ['require-false-refusal'] }),
  row({ name: 'a require string that cannot be read', image: env('cuda12'), warnings: ['require-invalid'] }),
  row({
    name: 'a require string that some checkers cannot read',
    image: env('cuda>=12.4.0.1'),
    warnings: ['require-false-refusal', 'require-invalid'],
  }),
  row({
    name: 'the brand is not known, so that no checker can be followed',
    image: env('cuda>=13.0'),
    deviceFacts: { brand: null },
    warnings: [],
  }),
  row({
    name: 'whether it runs is not known',
    image: { ...env('cuda>=13.0'), libraries: {}, components: { cublas: '13.0.0' } },
    compatibility: 'unknown',
    rule: 'kernels',
    warnings: [],
  }),
  row({
    name: 'a variant of torch that was never published',
    image: { python: { torch: '2.7.0+cu121' } },
    warnings: ['torch-variant'],
  }),
  row({ name: 'a variant of torch that was published', image: { python: { torch: '2.4.0+cu124' } }, warnings: [] }),
  row({ name: 'a version of torch before the list', image: { python: { torch: '2.0.0+cu117' } }, warnings: [] }),
  row({
    name: 'an optional library without a kernel',
    image: { libraries: { 'libapp.so': 'sm_80', 'x/libcusparseLt.so.0': 'sm_90' } },
    warnings: ['kernels-optional'],
  }),
  row({
    name: 'an optional library with a kernel',
    image: { libraries: { 'libapp.so': 'sm_80', 'x/libcusparseLt.so.0': 'sm_80' } },
    warnings: [],
  }),
  row({ name: 'a declared class', deviceFacts: { certainty: 'declared' }, warnings: ['declared'] }),
  row({
    name: 'the note names a branch that the table does not',
    device: 'A100-40 550.54.15 12.4',
    image: { cuda: '12.9', compat: '575.57.08', note: note([535, 550]) },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    warnings: ['forward-sources-differ'],
    source: page,
  }),
  row({
    name: 'the note does not name a branch that the table does',
    device: 'A100-40 570.124.06 12.8',
    image: { cuda: '12.9', compat: '575.57.08', note: note([535]), compatPath: elsewhere },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    warnings: ['forward-sources-differ'],
    source: page,
  }),
  row({
    name: 'note and table agree',
    device: 'A100-40 570.124.06 12.8',
    image: { cuda: '12.9', compat: '575.57.08', note: note([535, 570]) },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    warnings: [],
    source: page,
  }),
  row({
    name: 'a package stands in the way of GeForce',
    device: 'RTX-4090 570.124.06 12.8',
    image: { cuda: '12.9', compat: '575.57.08', compatPath: elsewhere },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    warnings: ['compat-in-the-way'],
    source: page,
  }),
  row({
    name: 'no package stands in the way of GeForce',
    device: 'RTX-4090 570.124.06 12.8',
    image: { cuda: '12.9' },
    compatibility: 'minor-version',
    rule: 'driver-minor-version',
    warnings: [],
    source: page,
  }),
];
