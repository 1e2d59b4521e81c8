import type { CaseRow, ImageRow } from './case-row.ts';

const injected = 'nvidia-container-toolkit, issue 291 and pull request 1055 (2025-05)';
const conf = 'vLLM issue 34821, gpustack issue 4678: ld.so.conf.d puts cuda-compat first (2026-11)';
const never = 'what is not known is never a pass';

type Answer = readonly [compatibility: CaseRow['compatibility'], rule: string];
const minor: Answer = ['minor-version', 'driver-minor-version'];
const native: Answer = ['native', 'driver-native'];
const stopped: Answer = ['incompatible', 'compat-loaded'];
const unread: Answer = ['unknown', 'driver'];

const row = (
  name: string,
  device: string,
  image: ImageRow,
  [compatibility, rule]: Answer,
  source: string,
  rest: Partial<CaseRow> = {},
): CaseRow => ({ name, device, image, compatibility, rule, source, ...rest });

const note = (drivers: readonly number[], brands: readonly number[] = [2, 14]) => ({
  cudaVersion: '12.4',
  drivers,
  brands,
});
const package550 = { cuda: '12.4', compat: '550.54.15' };
const stated = { NVIDIA_REQUIRE_CUDA: 'cuda>=12.4 brand=tesla,driver>=525,driver<526' };

/** What the container runtime puts before the driver's library. */
const byRuntime: readonly CaseRow[] = [
  row('a package of a newer branch stops GeForce (804)', 'RTX-4090 535.171.04 12.2', package550, stopped, injected),
  row('a package of a newer branch stops TITAN (804)', 'TITAN-RTX 535.171.04 12.2', package550, stopped, injected),
  row('GeForce on a branch that the table no longer names', 'RTX-4090 525.147.05 12.0', package550, stopped, injected),
  row(
    'a package of the same branch is not put first',
    'RTX-4090 550.40.07 12.4',
    { cuda: '12.4', compat: '550.54.15' },
    minor,
    injected,
  ),
  row(
    'a package elsewhere is not found',
    'RTX-4090 535.171.04 12.2',
    { ...package550, compatPath: 'opt/compat/libcuda.so.1' },
    minor,
    injected,
  ),
  row(
    'a package in the folder with the version',
    'RTX-4090 535.171.04 12.2',
    { ...package550, compatPath: 'usr/local/cuda-12.4/compat/libcuda.so.550.54.15' },
    stopped,
    injected,
  ),
  row('a package that covers the board stands in nobody’s way', 'A100-40 535.171.04 12.2', package550, minor, injected),
  row(
    'a brand of which some boards are covered keeps the driver’s own answer',
    'RTX-A6000 535.171.04 12.2',
    package550,
    minor,
    injected,
  ),
  row('a brand that is not known', 'A100-40 535.171.04 12.2', package550, unread, never, {
    deviceFacts: { brand: null },
  }),
  row(
    'a note that leaves the branch out (803)',
    'A100-40 545.23.08 12.3',
    { ...package550, note: note([535]) },
    stopped,
    injected,
  ),
  row(
    'a note that leaves the brand out (804)',
    'A100-40 535.171.04 12.2',
    { ...package550, note: note([535], [2]) },
    stopped,
    injected,
  ),
  row(
    'a note that names branch and brand',
    'A100-40 535.171.04 12.2',
    { ...package550, note: note([535]) },
    minor,
    injected,
  ),
  row('a branch that nobody names any more', 'V100 530.30.02 12.1', package550, unread, never),
  row(
    'a branch that only the image’s require string names',
    'V100 525.60.13 12.0',
    { ...package550, env: stated },
    minor,
    injected,
  ),
  row(
    'a branch that the require string leaves out',
    'V100 530.30.02 12.1',
    { ...package550, env: stated },
    unread,
    never,
  ),
  row(
    'the require string does not stand for a branch of the table',
    'RTX-4090 535.171.04 12.2',
    { ...package550, env: { NVIDIA_REQUIRE_CUDA: 'cuda>=12.4 driver>=535,driver<536' } },
    stopped,
    injected,
  ),
  row(
    'the require string says nothing of the brand',
    'RTX-4090 525.147.05 12.0',
    { ...package550, env: { NVIDIA_REQUIRE_CUDA: 'cuda>=12.4 driver>=525,driver<526' } },
    stopped,
    injected,
  ),
  row(
    'a driver that is too old with or without the package',
    'RTX-4090 470.82.01 11.4',
    package550,
    ['incompatible', 'driver-too-old'],
    injected,
  ),
  row(
    'GeForce, and a package of which nobody knows what it is for',
    'RTX-4090 535.171.04 12.2',
    { cuda: '12.4', compat: '551.1.1' },
    stopped,
    injected,
  ),
  row(
    'a package of which nobody knows what it is for',
    'A100-40 535.171.04 12.2',
    { cuda: '12.4', compat: '551.1.1' },
    unread,
    never,
  ),
  row(
    'a package without a version',
    'A100-40 550.54.15 12.4',
    { cuda: '12.4', note: note([535]), compat: null },
    unread,
    never,
  ),
];

const putFirst = { cuda: '12.9', compat: '575.57.08', searchPaths: ['/usr/local/cuda-12.9/compat'] };

/** What the image itself puts first by `etc/ld.so.conf.d`. */
const byImage: readonly CaseRow[] = [
  row('an older package that ld.so.conf.d puts first (803)', 'A100-80 580.95.05 13.0', putFirst, stopped, conf),
  row(
    'by the folder without the version',
    'B200 580.105.08 13.0',
    { ...putFirst, searchPaths: ['/usr/local/cuda/compat/'] },
    stopped,
    conf,
  ),
  row(
    'another folder in ld.so.conf.d',
    'A100-80 580.95.05 13.0',
    { ...putFirst, searchPaths: ['/usr/local/cuda/lib64'] },
    native,
    conf,
  ),
  row(
    'the search paths were not read, and the package would stop it',
    'A100-80 580.95.05 13.0',
    { ...putFirst, searchPaths: null },
    unread,
    never,
  ),
  row(
    'the search paths were not read, and the package would do',
    'A100-80 535.183.01 12.2',
    { ...putFirst, searchPaths: null },
    minor,
    conf,
  ),
  row(
    'the search paths were not read, and there is no package',
    'A100-80 580.95.05 13.0',
    { cuda: '12.9', searchPaths: null },
    native,
    conf,
  ),
  row(
    'the search paths were not read, and the driver is too old anyway',
    'RTX-4090 470.82.01 11.4',
    { ...putFirst, searchPaths: null },
    ['incompatible', 'driver-too-old'],
    conf,
  ),
  row(
    'the search paths were not read, and LD_LIBRARY_PATH names the folder',
    'A100-80 580.95.05 13.0',
    { ...putFirst, searchPaths: null, env: { LD_LIBRARY_PATH: '/usr/local/cuda/compat' } },
    stopped,
    conf,
  ),
  row(
    'a package that ld.so.conf.d puts first and that covers the board',
    'A100-80 535.183.01 12.2',
    putFirst,
    ['forward', 'driver-forward'],
    conf,
  ),
];

/** What is put before the library of the driver. */
export const injectionCases: readonly CaseRow[] = [...byRuntime, ...byImage];
