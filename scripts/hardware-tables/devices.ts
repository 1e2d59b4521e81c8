import { brands } from '../../src/core/hardware/tables/brands.ts';
import { capabilities } from '../../src/core/hardware/tables/capabilities.ts';
import { cpuLevels } from '../../src/core/hardware/tables/cpu-levels.ts';
import {
  cudaDrivers,
  cudaToldFrom,
  jetsonReleases,
  minorVersionFloors,
} from '../../src/core/hardware/tables/cuda-drivers.ts';
import { brokenPeers, stateSources } from '../../src/core/hardware/tables/device-states.ts';
import {
  earlierForward,
  forwardBranches,
  forwardStatements,
  forwardTable,
} from '../../src/core/hardware/tables/forward-compatibility.ts';
import { gpus } from '../../src/core/hardware/tables/gpus.ts';
import { migBoards } from '../../src/core/hardware/tables/mig-profiles.ts';
import { sharingFloors } from '../../src/core/hardware/tables/sharing-floors.ts';
import { section } from './section.ts';

const marks = { works: 'works', 'not-needed': 'not needed', none: 'no package' } as const;
type Forward = (typeof forwardTable)[number];

const branches = Object.fromEntries(
  forwardBranches.map((branch) => [`R${branch}`, (row: Forward) => marks[row.branches[branch] ?? 'none']]),
);

/** Drivers, devices and how they are divided. */
export const deviceSections: readonly string[] = [
  section('Driver of each CUDA toolkit', cudaDrivers, {
    CUDA: ({ cuda }) => cuda,
    branch: ({ branch }) => branch,
    'first driver': ({ firstDriver }) => firstDriver,
    'driver of the last update': ({ lastDriver }) => lastDriver,
  }),
  section('Least driver for minor-version compatibility', minorVersionFloors, {
    'CUDA major': ({ cudaMajor }) => cudaMajor,
    driver: ({ driver }) => driver,
  }),
  section('Drivers whose CUDA version is told', [cudaToldFrom], {
    'from branch': ({ branch }) => branch,
  }),
  section('Drivers that are named as a release of Jetson Linux', [jetsonReleases], {
    'numbers below': ({ below }) => below,
  }),
  section('cuda-compat packages by driver branch', forwardTable, {
    package: ({ cuda }: Forward) => cuda,
    ...branches,
  }),
  section('cuda-compat packages by branches that this table no longer has', earlierForward, {
    package: ({ cuda }) => cuda,
    'runs on': (row) => row.branches.join(', '),
    'on no older one': ({ only }) => (only === true ? 'yes' : null),
  }),
  section('Where statements on forward compatibility differ', forwardStatements, {
    package: ({ cuda }) => cuda,
    'stated by': ({ statedBy }) => statedBy,
    branches: (row) => row.branches.join(', '),
  }),
  section('Brands', brands, {
    number: ({ number }) => number,
    brand: ({ name }) => name,
    'forward compatibility without a note': ({ forward }) => forward,
  }),
  section('Compute capabilities', capabilities, {
    capability: ({ capability }) => capability,
    architecture: ({ architecture }) => architecture,
    'first CUDA': ({ firstCuda }) => firstCuda,
    'last CUDA major': ({ lastCudaMajor }) => lastCudaMajor,
    'last driver branch': ({ lastDriverBranch }) => lastDriverBranch,
    Tegra: ({ tegra }) => (tegra ? 'yes' : null),
  }),
  section('Products', gpus, {
    product: ({ name }) => name,
    capability: ({ capability }) => capability,
    memory: ({ memory }) => memory.join(', '),
    'MIG instances': ({ migInstances }) => migInstances,
  }),
  ...migBoards.map(({ name, pciDeviceIds, slices, profiles, source }) =>
    section(
      `MIG profiles of ${name}: ${pciDeviceIds.join(', ')}, ${slices} memory slices`,
      profiles.map((profile) => ({ ...profile, source })),
      {
        profile: ({ profile }) => profile,
        'at most': ({ maxInstances }) => maxInstances,
        MiB: ({ memoryMib, measured }) => `${memoryMib}${measured ? '' : ' (nominal)'}`,
        'starts at': ({ starts }) => starts.join(', '),
        slices: ({ size }) => size,
      },
    ),
  ),
  section('Levels of x86-64', cpuLevels, {
    level: ({ level }) => level,
    'flags that it adds': ({ flags }) => flags.join(' '),
  }),
  section('Peers that hang', brokenPeers, {
    product: ({ product }) => product,
    'before driver': ({ beforeDriver }) => beforeDriver,
  }),
  section('Ways of sharing a device', sharingFloors, {
    sharing: ({ sharing }) => sharing,
    'least capability': ({ capability }) => capability,
    'MIG instances': ({ onInstances }) => (onInstances ? 'yes' : 'no'),
  }),
  section(
    'State of devices',
    Object.entries(stateSources).map(([fact, source]) => ({ fact, source })),
    {
      fact: ({ fact }) => fact,
    },
  ),
];
