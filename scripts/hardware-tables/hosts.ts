import { hugePageVariables } from '../../src/core/hardware/tables/host-states.ts';
import {
  containerHostSources,
  execStackWheels,
  profilesWithoutCuda,
} from '../../src/core/hardware/tables/host/container-hosts.ts';
import {
  driverGlibcs,
  injectedLibraries,
  injectedSources,
} from '../../src/core/hardware/tables/host/injected-libraries.ts';
import { jetsonBases } from '../../src/core/hardware/tables/host/jetson-bases.ts';
import { driverCallFloors, memoryServiceUsers } from '../../src/core/hardware/tables/host/memory-services.ts';
import { memoryTakers } from '../../src/core/hardware/tables/host/memory-takers.ts';
import { boardMultiprocessors, mpsShare } from '../../src/core/hardware/tables/host/mps-shares.ts';
import { blindWheels } from '../../src/core/hardware/tables/loading/blind-wheels.ts';
import { cudnnParts, orderedLibraries } from '../../src/core/hardware/tables/loading/loaded-copies.ts';
import { section, versions } from './section.ts';

const handedIn = [
  { capabilities: ['compute'], libraries: ['libcuda'], source: injectedSources.capabilities },
  ...injectedLibraries.map((row) => ({ ...row, source: injectedSources.libraries })),
];

/** What a host, its containers and its loader hand to a service. */
export const hostSections: readonly string[] = [
  section('Variables that make programs take huge pages', hugePageVariables, {
    variable: ({ name }) => name,
    program: ({ program }) => program,
  }),
  section('Programs that ask the driver for more than plain memory', memoryServiceUsers, {
    distribution: ({ of }) => of,
    ...versions,
    'asks for': ({ service }) => service,
    'where a variable holds': ({ variable }) =>
      variable === undefined ? null : `\`${variable.names.join('` or `')}\`: \`${variable.holds}\``,
  }),
  section('Programs that call what older drivers lack', driverCallFloors, {
    distribution: ({ of }) => of,
    ...versions,
    'fails up to CUDA': ({ failsTo }) => failsTo,
    'runs from CUDA': ({ runsFrom }) => runsFrom,
    variable: ({ variable }) =>
      variable === undefined ? null : `${variable.name} ${variable.isSet ? 'set' : 'not set'}`,
  }),
  section('Wheels that ask for an executable stack', execStackWheels, {
    distribution: ({ of }) => of,
    ...versions,
  }),
  section('Libraries of which an older copy does not do', orderedLibraries, { library: ({ library }) => library }),
  section('Parts of cuDNN that some versions open and do not bring', cudnnParts, {
    part: ({ part }) => part,
    'opened from': ({ from }) => from,
    'brought from': ({ before }) => before,
  }),
  section('Libraries that look in no folder of other wheels', blindWheels, {
    distribution: ({ distribution }) => distribution,
    ...versions,
    library: ({ library }) => `\`${library}\``,
    'asks for': ({ asks }) => `\`${asks}\``,
    'unless it is beside': ({ openers }) => openers.join(', '),
    'where the contract names it': ({ named }) => (named === true ? 'yes' : null),
  }),
  section('Libraries of a driver that a container gets by name', handedIn, {
    capabilities: ({ capabilities }) => capabilities.join(' or '),
    libraries: ({ libraries }) => libraries.join(', '),
  }),
  section('glibc that libraries of a driver need', driverGlibcs, {
    'driver of a system on chip': ({ branch }) => `R${branch}`,
    glibc: ({ glibc }) => glibc,
  }),
  section('Images of Jetson that a newer release does not serve', jetsonBases, {
    image: ({ base }) => base,
    'CUDA before': ({ cudaBelow }) => cudaBelow,
    'glibc before': ({ glibcBelow }) => glibcBelow,
    'drivers of hosts': ({ hosts }) => hosts.join(', '),
    why: ({ because }) => because,
  }),
  section('Programs that take a share of the memory when they start', memoryTakers, {
    distribution: ({ of }) => of,
    share: ({ share }) => share,
    'stated by': ({ arguments: names, shares }) => [...names, ...shares].join(', ') || null,
    'not where': ({ unless }) => unless.map(({ name, values }) => `${name}=${values.join(' or ')}`).join(', ') || null,
  }),
  section(
    'Virtual GPUs without CUDA',
    profilesWithoutCuda.map((row) => ({ ...row, source: containerHostSources.profiles })),
    { name: ({ product }) => `\`${product}\``, 'a virtual GPU': ({ says }) => says },
  ),
  section('Multiprocessors of boards that MPS shares', boardMultiprocessors, {
    board: ({ board }) => board,
    multiprocessors: ({ count }) => count,
  }),
  section('Multiprocessors that a replica needs of MPS', [mpsShare], {
    'runs from': ({ runs }) => Number(runs.toFixed(3)),
    'does not run up to': ({ fails }) => Number(fails.toFixed(3)),
  }),
];
