import { brands } from '../src/core/hardware/tables/brands.ts';
import { capabilities } from '../src/core/hardware/tables/capabilities.ts';
import { cpuLevels } from '../src/core/hardware/tables/cpu-levels.ts';
import { publishedCompressions } from '../src/core/hardware/tables/engines/compressed-builds.ts';
import { cudaDrivers, jetsonReleases, minorVersionFloors } from '../src/core/hardware/tables/cuda-drivers.ts';
import { brokenPeers, stateSources } from '../src/core/hardware/tables/device-states.ts';
import { engineFloors } from '../src/core/hardware/tables/engines/engine-floors.ts';
import { ggmlCode } from '../src/core/hardware/tables/engines/ggml-code.ts';
import { compilerFloors } from '../src/core/hardware/tables/engines/compiler-floors.ts';
import { enginePrecisions } from '../src/core/hardware/tables/engines/engine-precisions.ts';
import {
  containerHostSources,
  execStackWheels,
  profilesWithoutCuda,
} from '../src/core/hardware/tables/host/container-hosts.ts';
import {
  driverGlibcs,
  injectedLibraries,
  injectedSources,
} from '../src/core/hardware/tables/host/injected-libraries.ts';
import { jetsonBases } from '../src/core/hardware/tables/host/jetson-bases.ts';
import { memoryTakers } from '../src/core/hardware/tables/host/memory-takers.ts';
import { driverCallFloors, memoryServiceUsers } from '../src/core/hardware/tables/host/memory-services.ts';
import { hugePageVariables } from '../src/core/hardware/tables/host-states.ts';
import { argumentFloors } from '../src/core/hardware/tables/arguments/argument-floors.ts';
import { quantizationArguments, quantizationTypes } from '../src/core/hardware/tables/arguments/quantization-types.ts';
import { contextArguments } from '../src/core/hardware/tables/arguments/context-arguments.ts';
import {
  cacheArguments,
  layerArguments,
  lengthArguments,
} from '../src/core/hardware/tables/arguments/load-arguments.ts';
import { bitsandbytesWheels } from '../src/core/hardware/tables/packages/bitsandbytes-wheels.ts';
import { cpuWheels } from '../src/core/hardware/tables/packages/cpu-wheels.ts';
import { ggufReaders, ggufReadersSource } from '../src/core/hardware/tables/packages/gguf-readers.ts';
import { quantizationMethods } from '../src/core/hardware/tables/packages/quantization-methods.ts';
import { sameVersions } from '../src/core/hardware/tables/packages/same-versions.ts';
import { libraryCeilings } from '../src/core/hardware/tables/engines/library-ceilings.ts';
import { onnxElsewhere, onnxOnDevices, sameFiles } from '../src/core/hardware/tables/packages/onnx-programs.ts';
import { float16Models } from '../src/core/hardware/tables/arguments/float16-models.ts';
import { modelSplits } from '../src/core/hardware/tables/packages/model-splits.ts';
import { modelTypes } from '../src/core/hardware/tables/packages/model-types.ts';
import { neededPackages } from '../src/core/hardware/tables/packages/needed-packages.ts';
import { packagePairs } from '../src/core/hardware/tables/packages/package-pairs.ts';
import { transformersPairs } from '../src/core/hardware/tables/packages/transformers-pairs.ts';
import { abiSource, attentionImport, torchAbis } from '../src/core/hardware/tables/packages/torch-builds.ts';
import { blockMemory, kernelShapes } from '../src/core/hardware/tables/engines/kernel-shapes.ts';
import { ncclFloors } from '../src/core/hardware/tables/engines/nccl-floors.ts';
import { runTimeCompilers } from '../src/core/hardware/tables/engines/run-time-compilers.ts';
import { layerPlacers } from '../src/core/hardware/tables/engines/layer-placers.ts';
import { labelledRuntimes, linkedRuntimes } from '../src/core/hardware/tables/engines/linked-runtimes.ts';
import { forwardBranches, forwardStatements, forwardTable } from '../src/core/hardware/tables/forward-compatibility.ts';
import { gpus } from '../src/core/hardware/tables/gpus.ts';
import { codeProgramNames, codePrograms, codeSources } from '../src/core/hardware/tables/packages/code-programs.ts';
import { libraryRoles } from '../src/core/hardware/tables/library-roles.ts';
import { migBoards } from '../src/core/hardware/tables/mig-profiles.ts';
import { onnxRuntimeRows, tensorRtRows, torchKernels, torchRows } from '../src/core/hardware/tables/runtimes.ts';
import { onnxIrRows } from '../src/core/hardware/tables/engines/onnx-ir.ts';
import { wheelInstructions } from '../src/core/hardware/tables/engines/wheel-instructions.ts';
import { blindWheels } from '../src/core/hardware/tables/loading/blind-wheels.ts';
import { cudnnParts, orderedLibraries } from '../src/core/hardware/tables/loading/loaded-copies.ts';
import {
  advisedShm,
  engineQueues,
  ncclSegments,
  sharedMemorySources,
  shmOfContainers,
} from '../src/core/hardware/tables/engines/shared-memory.ts';
import { sharingFloors } from '../src/core/hardware/tables/sharing-floors.ts';
import { tritonCompilers, wheelFloors } from '../src/core/hardware/tables/engines/wheel-floors.ts';
import { citation, type Source } from '../src/core/hardware/tables/source.ts';

interface Sourced {
  readonly source: Source;
}
type Columns<Row> = Readonly<Record<string, (row: Row) => string | number | null>>;

const escaped = (text: string): string => text.replaceAll('|', String.raw`\|`);
const cell = (text: string | number | null): string => (text === null || text === '' ? '-' : escaped(String(text)));

/** A table with a number for each row's source; the sources stand below it. */
function section<Row extends Sourced>(title: string, rows: readonly Row[], columns: Columns<Row>): string {
  const sources = [...new Set(rows.map(({ source }) => citation(source)))];
  const names = [...Object.keys(columns), 'source'];
  const lines = rows.map((row) => [
    ...Object.values(columns).map((column) => cell(column(row))),
    String(sources.indexOf(citation(row.source)) + 1),
  ]);
  const widths = names.map((name, at) => Math.max(3, name.length, ...lines.map((line) => (line[at] ?? '').length)));
  const row = (cells: readonly string[]): string =>
    `| ${cells.map((text, at) => text.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const urls = new Map(rows.map(({ source }) => [citation(source), source.url]));
  const notes = sources.map((text, at) => {
    const url = urls.get(text) ?? null;
    return `${at + 1}. ${url === null ? text : `[${text}](${url})`}`;
  });
  return [
    `## ${title}`,
    '',
    row(names),
    row(widths.map((width) => '-'.repeat(width))),
    ...lines.map(row),
    '',
    ...notes,
  ].join('\n');
}

const sharedMemorySizes = [
  { what: 'a container by default', bytes: shmOfContainers, source: sharedMemorySources.advised },
  { what: 'advised, and mounted for each device', bytes: advisedShm, source: sharedMemorySources.advised },
  {
    what: `a segment of NCCL before ${ncclSegments.before}, of which a ring has ${ncclSegments.leastChannels} for each device`,
    bytes: ncclSegments.bytes,
    source: sharedMemorySources.segments,
  },
  {
    what: `a segment of NCCL before ${ncclSegments.before}, of which each board behind NVSwitches has one`,
    bytes: ncclSegments.behindSwitches,
    source: sharedMemorySources.behindSwitches,
  },
];

const handedIn = [
  { capabilities: ['compute'], libraries: ['libcuda'], source: injectedSources.capabilities },
  ...injectedLibraries.map((row) => ({ ...row, source: injectedSources.libraries })),
];

const marks = { works: 'works', 'not-needed': 'not needed', none: 'no package' } as const;
type Forward = (typeof forwardTable)[number];

/** docs/reference/hardware-tables.md, from the tables themselves. */
export function hardwareTables(): string {
  const branches = Object.fromEntries(
    forwardBranches.map((branch) => [`R${branch}`, (row: Forward) => marks[row.branches[branch] ?? 'none']]),
  );
  return `${[
    '# Tables of the hardware rules',
    'Made from `src/core/hardware/tables` by `npm run generate`. [The rules](../hardware-rules.md) say how they are used. The digest\nof all of them is a subject of hardware evidence: a row that changes makes it stale.',
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
    section('Drivers that are named as a release of Jetson Linux', [jetsonReleases], {
      'numbers below': ({ below }) => below,
    }),
    section('cuda-compat packages by driver branch', forwardTable, {
      package: ({ cuda }: Forward) => cuda,
      ...branches,
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
    section('ONNX Runtime with the CUDA provider', onnxRuntimeRows, {
      from: ({ from }) => from,
      to: ({ to }) => to,
      CUDA: ({ cudaMajors }) => cudaMajors.map((major) => `${major}.x`).join(', '),
      cuDNN: ({ cudnnMajor }) => `${cudnnMajor}.x`,
    }),
    section('CUDA variants of PyTorch wheels', torchRows, {
      from: ({ from }) => from,
      to: ({ to }) => to,
      variants: ({ variants }) => variants.join(', '),
    }),
    section('Kernels of PyTorch wheels (x86)', torchKernels, {
      variant: ({ variant }) => variant,
      from: ({ from }) => from,
      to: ({ to }) => to,
      kernels: ({ cubins }) => cubins.join(' '),
      PTX: ({ ptx }) => ptx.join(' '),
    }),
    section('CUDA of TensorRT', tensorRtRows, {
      from: ({ from }) => from,
      to: ({ to }) => to,
      CUDA: ({ cuda }) => cuda.map(([lowest, highest]) => `${lowest} to ${highest}`).join(', '),
      'least capability': ({ capability }) => capability,
      'newest capability': ({ newest }) => newest ?? null,
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
    section('Precisions by engine', enginePrecisions, {
      engine: ({ engine }) => engine,
      precision: ({ precision }) => precision,
      from: ({ from }) => from,
      to: ({ to }) => to,
      'least capability': ({ capability, never }) => (never === true ? 'none' : capability),
      'quantized by': ({ method }) => method ?? null,
      'mixtures of experts alone': ({ experts }) => (experts === true ? 'yes' : null),
      'not on': ({ except }) => except?.join(', ') ?? null,
      'kernels of the family from': ({ familyFrom }) => familyFrom ?? null,
      'not beside': ({ unless }) => (unless === undefined ? null : `${unless.engine} from ${unless.from} on`),
    }),
    section('Engines and libraries by the devices that they run on', engineFloors, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      to: ({ to }) => to,
      'least capability': ({ capability }) => capability,
      'matters beside': ({ beside }) => beside?.join(', ') ?? null,
      'matters with': ({ variable }) => (variable === undefined ? null : `${variable.name}=${variable.value}`),
    }),
    section('Libraries of an old toolkit that know no later devices', libraryCeilings, {
      programs: ({ programs }) => programs.join(', '),
      'CUDA before': ({ cudaBelow }) => cudaBelow,
      'first capability': ({ capability }) => capability,
    }),
    section('Programs that compute an ONNX file on no NVIDIA device', onnxElsewhere, {
      distribution: ({ distribution }) => distribution,
      'computes on': ({ on }) => on,
      'not beside': () => onnxOnDevices.join(', '),
    }),
    section('Distributions that write the same files', [sameFiles], {
      distributions: ({ names }) => names.join(', '),
    }),
    section('Shared memory of a thread block', blockMemory, {
      capability: ({ capability }) => capability,
      KiB: ({ kib }) => kib,
    }),
    section('Kernels that some models need', kernelShapes, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      to: ({ to }) => to,
      use: ({ use }) => use,
      'sizes of heads': ({ heads }) => (heads === undefined ? null : `${heads[0]} to ${heads[1] ?? 'any'}`),
      'used below': ({ below }) => below ?? null,
      'used from': ({ fromCapability }) => fromCapability ?? null,
      build: ({ build }) => build ?? null,
      'not with': ({ unless }) => (unless === undefined ? null : `${unless.name}=${unless.value}`),
      'bytes of shared memory': ({ bytes }) => bytes ?? 'no kernel',
    }),
    section('Packages that are built for one another', packagePairs, {
      distribution: ({ distribution }) => distribution,
      from: ({ from }) => from,
      to: ({ to }) => to,
      beside: ({ beside }) => beside,
      least: ({ least }) => least,
      most: ({ most }) => most,
      'not beside': ({ otherBuilds }) => otherBuilds?.map((build) => `+${build}`).join(', ') ?? null,
      'imported by': ({ importedBy }) => importedBy?.join(', ') ?? null,
      'perhaps by': ({ perhaps }) => perhaps?.join(', ') ?? null,
      'not with': ({ unless, without }) => unless ?? without?.join(', ') ?? null,
    }),
    section('CUDA of wheels of bitsandbytes (x86)', bitsandbytesWheels, {
      from: ({ from }) => from,
      to: ({ to }) => to,
      CUDA: ({ cuda }) => cuda.join(', '),
    }),
    section('Versions of Transformers that an engine starts beside', transformersPairs, {
      distribution: ({ distribution }) => distribution,
      from: ({ from }) => from,
      to: ({ to }) => to,
      least: ({ least }) => least,
      most: ({ most }) => most,
      'and not': ({ fails }) => fails?.join(' to ') ?? null,
      'for models of type': ({ models }) => models?.join(', ') ?? null,
      'quantized by': ({ methods }) => methods?.join(', ') ?? null,
      'alone with': ({ only }) => only?.join(', ') ?? null,
    }),
    section(
      'C++ ABI of wheels of torch (x86)',
      torchAbis.map((row) => ({ ...row, source: abiSource })),
      {
        from: ({ from }) => from,
        to: ({ to }) => to,
        builds: ({ builds }) => builds?.map((build) => (build === '' ? 'none' : build)).join(', ') ?? null,
        ABI: ({ abi }) => abi,
      },
    ),
    section('Wheels for Arm that hold no CUDA', cpuWheels, {
      distribution: ({ of }) => of,
      from: ({ from }) => from,
      to: ({ to }) => to,
    }),
    section('Programs that import an attention library for every model', [attentionImport], {
      program: ({ program }) => program,
      from: ({ from }) => from,
      to: ({ to }) => to,
      library: ({ distribution, least }) => `${distribution} from ${least} on`,
      'alone, or beside': ({ importedBy }) => importedBy.join(', '),
    }),
    section('Packages that an engine needs', neededPackages, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      to: ({ to }) => to,
      'for models quantized by': ({ method }) => method ?? null,
      'one of': ({ oneOf }) => oneOf.join(', '),
      'alone with': ({ only }) => only?.join(', ') ?? null,
    }),
    section('Distributions that compare their versions', sameVersions, {
      distribution: ({ distribution }) => distribution,
      'must be': ({ kind }) => (kind === 'same' ? 'of the version of' : 'no newer than'),
      beside: ({ beside }) => beside,
      from: ({ from }) => from,
      'not with': ({ unless }) => (unless === undefined ? null : `${unless.name}=${unless.value}`),
    }),
    section(
      'Architectures of GGUF that Transformers reads, beside those of older versions',
      ggufReaders.map((row) => ({ ...row, source: ggufReadersSource })),
      { Transformers: ({ version }) => version, adds: ({ adds }) => adds.join(', ') },
    ),
    section('Quantization methods that an engine does not know', quantizationMethods, {
      engine: ({ engine }) => engine,
      method: ({ method }) => method,
      to: ({ to }) => to,
    }),
    section('Arguments that choose kernels', argumentFloors, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      to: ({ to }) => to,
      argument: ({ argument, also = [] }) => [argument, ...also].map((name) => `\`${name}\``).join(', '),
      values: ({ values }) => (values.length === 0 ? 'none' : values.join(', ')),
      'of weights in': ({ precision }) => precision ?? null,
      'or a variable': ({ variables = [] }) => variables.join(', '),
      'by default in': ({ default: by }) => (by === undefined ? null : `${by.program} up to ${by.to}`),
      'capability from': ({ least }) => least,
      'capability to': ({ most }) => most ?? null,
      'not with': ({ unless = [] }) => unless.map(({ name, value }) => `\`${name}=${value}\``).join(', '),
    }),
    section('Methods of quantization that an argument names, computed in float16 alone', quantizationTypes, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      to: ({ to }) => to,
      value: ({ value }) => `\`${quantizationArguments[0]} ${value}\``,
    }),
    section('Arguments that ask for a longer context', contextArguments, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      argument: ({ argument }) => `\`${argument}\``,
      'not with': ({ unless, others }) =>
        [`${unless.name}=${unless.value}`, ...others].map((name) => `\`${name}\``).join(', '),
    }),
    section('Models that float16 does not hold', float16Models, {
      program: ({ engine }) => engine ?? 'mistral.rs',
      from: ({ from }) => from,
      models: ({ models }) => models.join(', '),
      argument: ({ arguments: names, values }) => `\`${names.join('`, `')}\`: ${values.join(', ')}`,
      'by itself': ({ byItself }) =>
        byItself === undefined ? null : `from ${byItself.least} on, below ${byItself.below}`,
    }),
    section('Arguments that say how long a sequence is', lengthArguments, {
      engine: ({ engine }) => engine ?? 'llama.cpp',
      argument: ({ names }) => names.map((name) => `\`${name}\``).join(', '),
    }),
    section('Arguments that keep keys and values in fewer bits', cacheArguments, {
      engine: ({ engine }) => engine,
      argument: ({ name }) => `\`${name}\``,
      values: ({ values }) => values.join(', '),
      share: ({ share }) => share,
    }),
    section('Arguments that put a number of layers on devices', [layerArguments], {
      argument: ({ names }) => names.map((name) => `\`${name}\``).join(', '),
      'fewest layers of a model': ({ fewestLayers }) => fewestLayers,
    }),
    section('Types of models by the first version that knows them', modelTypes, {
      distribution: ({ distribution }) => distribution,
      types: ({ types }) => types.join(', '),
      from: ({ from }) => from,
      'not in': ({ lastWithout }) => lastWithout ?? null,
    }),
    section(
      'How engines divide a model over devices',
      modelSplits.map((row) => ({ ...row, source: row.heads })),
      {
        engine: ({ engine }) => engine,
        'devices of a layer': ({ tensorArguments }) => tensorArguments.map((name) => `\`${name}\``).join(', '),
        'divides something else': ({ otherArguments }) => otherArguments.map((name) => `\`${name}\``).join(', '),
      },
    ),
    section('Variables that make programs take huge pages', hugePageVariables, {
      variable: ({ name }) => name,
      program: ({ program }) => program,
    }),
    section('Programs that ask the driver for more than plain memory', memoryServiceUsers, {
      distribution: ({ of }) => of,
      from: ({ from }) => from,
      to: ({ to }) => to,
      'asks for': ({ service }) => service,
      'where a variable holds': ({ variable }) =>
        variable === undefined ? null : `\`${variable.names.join('` or `')}\`: \`${variable.holds}\``,
    }),
    section('Programs that call what older drivers lack', driverCallFloors, {
      distribution: ({ of }) => of,
      from: ({ from }) => from,
      to: ({ to }) => to,
      'fails up to CUDA': ({ failsTo }) => failsTo,
      'runs from CUDA': ({ runsFrom }) => runsFrom,
      variable: ({ variable }) =>
        variable === undefined ? null : `${variable.name} ${variable.isSet ? 'set' : 'not set'}`,
    }),
    section('Wheels that ask for an executable stack', execStackWheels, {
      distribution: ({ of }) => of,
      from: ({ from }) => from,
      to: ({ to }) => to,
    }),
    section('First NCCL over several boards', ncclFloors, {
      'capability from': ({ capability }) => capability,
      NCCL: ({ version }) => version,
    }),
    section('Compilers that engines call while they start', runTimeCompilers, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      to: ({ to }) => to,
      library: ({ library }) => library,
      'needless beside': ({ unless }) => unless ?? null,
      compiler: ({ compiler }) => (compiler === 'cuda' ? 'nvcc' : 'C'),
    }),
    section('Programs that compute on the CPU what does not fit', layerPlacers, {
      program: ({ name }) => name,
      folder: ({ folder }) => `\`${folder}\``,
      'fewest layers': ({ leastLayers }) => leastLayers,
      'bytes beside layers': ({ reservedBytes }) => reservedBytes,
    }),
    section('Runtimes that open CUDA and cuDNN by name', linkedRuntimes, {
      distribution: ({ distribution }) => distribution,
      from: ({ from }) => from,
      to: ({ to }) => to,
      CUDA: ({ cudaMajor, cudaMinor }) => `${cudaMajor}.${cudaMinor ?? 'x'}`,
      cuDNN: ({ cudnnMajor, cudnnLeast }) =>
        cudnnLeast === undefined ? `${cudnnMajor}.x` : `${cudnnMajor}.x from ${cudnnLeast} on`,
      'cuDNN matters beside': ({ cudnnFor }) => cudnnFor.join(', '),
    }),
    section('Versions that name the CUDA and cuDNN which they were compiled with', labelledRuntimes, {
      distribution: ({ distribution }) => distribution,
      'end of its version': ({ label }) => `\`${label}\``,
    }),
    section('IR versions that ONNX Runtime opens', onnxIrRows, {
      from: ({ from }) => from,
      to: ({ to }) => to,
      'newest IR version': ({ newest }) => newest,
    }),
    section('Flags of the CPU that published wheels need', wheelInstructions, {
      distribution: ({ distribution }) => distribution,
      from: ({ from }) => from,
      to: ({ to }) => to,
      flags: ({ flags }) => flags.join(' '),
    }),
    section('Libraries of which an older copy does not do', orderedLibraries, { library: ({ library }) => library }),
    section('Parts of cuDNN that some versions open and do not bring', cudnnParts, {
      part: ({ part }) => part,
      'opened from': ({ from }) => from,
      'brought from': ({ before }) => before,
    }),
    section('Libraries that look in no folder of other wheels', blindWheels, {
      distribution: ({ distribution }) => distribution,
      from: ({ from }) => from,
      to: ({ to }) => to,
      library: ({ library }) => `\`${library}\``,
      'asks for': ({ asks }) => `\`${asks}\``,
      'unless it is beside': ({ openers }) => openers.join(', '),
      'where the contract names it': ({ named }) => (named === true ? 'yes' : null),
    }),
    section('Peers that hang', brokenPeers, {
      product: ({ product }) => product,
      'before driver': ({ beforeDriver }) => beforeDriver,
    }),
    section('Compilers by the devices that they build for', compilerFloors, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      to: ({ to }) => to,
      library: ({ library }) => library,
      unless: ({ unless }) => unless,
      chosen: ({ chosenBy }) => (chosenBy === undefined ? null : `\`${chosenBy.argument} ${chosenBy.value}\``),
      'from capability': ({ capability }) => capability,
      CUDA: ({ cuda }) => cuda,
    }),
    section('Code of GGML, by what chooses its kernels', [ggmlCode], {
      library: ({ path }) => `\`${path}\``,
      'least capability of its code': ({ least }) => least,
      before: ({ distribution, mended }) => `${distribution} ${mended}`,
    }),
    section('Sizes of /dev/shm', sharedMemorySizes, {
      what: ({ what }) => what,
      bytes: ({ bytes }) => bytes,
    }),
    section('Engines that ask for room in /dev/shm before they start', engineQueues, {
      engine: ({ engine }) => engine,
      from: ({ from }) => from,
      to: ({ to }) => to,
      bytes: ({ bytes }) => bytes,
      'unless the image sets': ({ unless }) => unless,
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
      'not where': ({ unless }) =>
        unless.map(({ name, values }) => `${name}=${values.join(' or ')}`).join(', ') || null,
    }),
    section(
      'Virtual GPUs without CUDA',
      profilesWithoutCuda.map((row) => ({ ...row, source: containerHostSources.profiles })),
      { name: ({ product }) => `\`${product}\``, 'a virtual GPU': ({ says }) => says },
    ),
    section('Ways of sharing a device', sharingFloors, {
      sharing: ({ sharing }) => sharing,
      'least capability': ({ capability }) => capability,
      'MIG instances': ({ onInstances }) => (onInstances ? 'yes' : 'no'),
    }),
    section('glibc of published wheels', wheelFloors, {
      distribution: ({ distribution }) => distribution,
      from: ({ from }) => from,
      to: ({ to }) => to,
      glibc: ({ glibc }) => glibc,
      'unless read of': ({ library }) => `\`${library}\``,
      'where that of the image was not read': ({ named }) => (named === true ? 'a pass names it' : 'unknown'),
    }),
    section('Compilers inside Triton', tritonCompilers, {
      from: ({ from }) => from,
      to: ({ to }) => to,
      'capabilities from 10.0 on': ({ knows }) => knows.join(', '),
    }),
    section('Compression of published libraries that were not read', publishedCompressions, {
      path: ({ path }) => `\`${path}\``,
      zstd: ({ zstd }) => zstd,
      'before CUDA': ({ beforeCuda }) => beforeCuda,
    }),
    section(
      'State of devices',
      Object.entries(stateSources).map(([fact, source]) => ({ fact, source })),
      {
        fact: ({ fact }) => fact,
      },
    ),
    section(
      'Programs that bring device code, or compile it themselves',
      [{ programs: [...codePrograms, `\`${codeProgramNames}\``].join(', '), source: codeSources.compiled }],
      { programs: ({ programs }) => programs },
    ),
    section('Libraries that are not required', libraryRoles, {
      path: ({ path }) => `\`${path}\``,
      role: ({ role }) => role,
      loaded: ({ loaded }) => (loaded === true ? 'yes' : null),
      'only beside': ({ fallbacks }) => fallbacks?.join(', ') ?? null,
      alone: ({ requiredAlone, tool }) =>
        requiredAlone === true ? 'required' : tool === true ? 'tells nothing' : null,
      why: ({ reason }) => reason,
    }),
  ].join('\n\n')}\n`;
}
