import { compilerFloors } from '../../src/core/hardware/tables/engines/compiler-floors.ts';
import { publishedCompressions } from '../../src/core/hardware/tables/engines/compressed-builds.ts';
import { engineFloors } from '../../src/core/hardware/tables/engines/engine-floors.ts';
import { enginePrecisions } from '../../src/core/hardware/tables/engines/engine-precisions.ts';
import { ggmlCode } from '../../src/core/hardware/tables/engines/ggml-code.ts';
import { blockMemory, kernelShapes } from '../../src/core/hardware/tables/engines/kernel-shapes.ts';
import { folderBuilds, newestCuda } from '../../src/core/hardware/tables/engines/folder-builds.ts';
import { layerPlacers } from '../../src/core/hardware/tables/engines/layer-placers.ts';
import { libraryCeilings } from '../../src/core/hardware/tables/engines/library-ceilings.ts';
import { labelledRuntimes, linkedRuntimes } from '../../src/core/hardware/tables/engines/linked-runtimes.ts';
import { ncclFloors } from '../../src/core/hardware/tables/engines/nccl-floors.ts';
import { onnxVersions } from '../../src/core/hardware/tables/engines/onnx-versions.ts';
import { runTimeCompilers } from '../../src/core/hardware/tables/engines/run-time-compilers.ts';
import {
  advisedShm,
  engineQueues,
  ncclSegments,
  sharedMemorySources,
  shmOfContainers,
} from '../../src/core/hardware/tables/engines/shared-memory.ts';
import { tritonCompilers, wheelFloors } from '../../src/core/hardware/tables/engines/wheel-floors.ts';
import { wheelInstructions } from '../../src/core/hardware/tables/engines/wheel-instructions.ts';
import { libraryRoles } from '../../src/core/hardware/tables/library-roles.ts';
import { onnxRuntimeRows, torchKernels, torchRows } from '../../src/core/hardware/tables/engines/runtimes.ts';
import { tensorRtRows, tensorRtWheels, tensorRtWheelSource } from '../../src/core/hardware/tables/engines/tensorrt.ts';
import { section, versions } from './section.ts';

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

/** What engines and runtimes need of a device, a driver and libraries. */
export const engineSections: readonly string[] = [
  section('ONNX Runtime with the CUDA provider', onnxRuntimeRows, {
    ...versions,
    'builds for': ({ builds }) =>
      builds
        .map(({ cuda, cudnnMajor }) => `CUDA ${cuda.includes('.') ? cuda : `${cuda}.x`}, cuDNN ${cudnnMajor}.x`)
        .join('; '),
  }),
  section('CUDA variants of PyTorch wheels', torchRows, {
    ...versions,
    variants: ({ variants }) => variants.join(', '),
  }),
  section('Kernels of PyTorch wheels (x86)', torchKernels, {
    variant: ({ variant }) => variant,
    ...versions,
    kernels: ({ cubins }) => cubins.join(' '),
    PTX: ({ ptx }) => ptx.join(' '),
  }),
  section('CUDA of TensorRT', tensorRtRows, {
    ...versions,
    CUDA: ({ cuda }) => cuda.map(([lowest, highest]) => `${lowest} to ${highest}`).join(', '),
    'least capability': ({ capability }) => capability,
    'newest capability': ({ newest }) => newest ?? null,
  }),
  section(
    'Python distributions of TensorRT for one major of CUDA',
    tensorRtWheels.map((wheel) => ({ ...wheel, source: tensorRtWheelSource })),
    {
      distribution: ({ distribution }) => distribution,
      CUDA: ({ cudaMajor }) => `${cudaMajor}.x`,
    },
  ),
  section('Precisions by engine', enginePrecisions, {
    engine: ({ engine }) => engine,
    precision: ({ precision }) => precision,
    ...versions,
    'least capability': ({ capability }) => capability ?? 'none',
    'quantized by': ({ method }) => method ?? null,
    'FP8 scaled by': ({ scales }) => scales ?? null,
    'mixtures of experts alone': ({ experts }) => (experts === true ? 'yes' : null),
    'not on': ({ except }) => except?.join(', ') ?? null,
    'kernels of the family from': ({ familyFrom }) => familyFrom ?? null,
    'not beside': ({ unless }) => (unless === undefined ? null : `${unless.engine} from ${unless.from} on`),
  }),
  section('Engines and libraries by the devices that they run on', engineFloors, {
    engine: ({ engine }) => engine,
    ...versions,
    'least capability': ({ capability }) => capability,
    'matters beside': ({ beside }) => beside?.join(', ') ?? null,
    'matters with': ({ variable }) => (variable === undefined ? null : `${variable.name}=${variable.value}`),
    'unless set by': ({ setBy }) => (setBy === undefined ? null : `\`${setBy}\``),
  }),
  section('Libraries of an old toolkit that know no later devices', libraryCeilings, {
    programs: ({ programs }) => programs.join(', '),
    'CUDA before': ({ cudaBelow }) => cudaBelow,
    'first capability': ({ capability }) => capability,
  }),
  section('Shared memory of a thread block', blockMemory, {
    capability: ({ capability }) => capability,
    KiB: ({ kib }) => kib,
  }),
  section('Kernels that some models need', kernelShapes, {
    engine: ({ engine }) => engine,
    ...versions,
    use: ({ use }) => use,
    'sizes of heads': ({ heads }) => (heads === undefined ? null : `${heads[0]} to ${heads[1] ?? 'any'}`),
    'used below': ({ below }) => below ?? null,
    'used from': ({ fromCapability }) => fromCapability ?? null,
    build: ({ build }) => build ?? null,
    'not with': ({ unless }) => (unless === undefined ? null : `${unless.name}=${unless.value}`),
    'bytes of shared memory': ({ bytes }) => bytes ?? 'no kernel',
  }),
  section('First NCCL over several boards', ncclFloors, {
    'capability from': ({ capability }) => capability,
    NCCL: ({ version }) => version,
  }),
  section('Compilers that engines call while they start', runTimeCompilers, {
    engine: ({ engine }) => engine,
    ...versions,
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
  section('Programs that hold a build for each CUDA', folderBuilds, {
    program: ({ program }) => program,
    folder: ({ folder }) => `\`${folder}\``,
    'one alone by': ({ variable }) => `\`${variable}\``,
  }),
  section(
    'CUDA of such a build where the image does not tell it',
    Object.entries(newestCuda.builds).map(([name, cuda]) => ({ name, cuda, source: newestCuda.source })),
    { folder: ({ name }) => `\`cuda_${name}\``, CUDA: ({ cuda }) => cuda },
  ),
  section('Runtimes that open CUDA and cuDNN by name', linkedRuntimes, {
    distribution: ({ distribution }) => distribution,
    ...versions,
    CUDA: ({ cudaMajor, cudaMinor }) => `${cudaMajor}.${cudaMinor ?? 'x'}`,
    cuDNN: ({ cudnnMajor, cudnnLeast }) =>
      cudnnLeast === undefined ? `${cudnnMajor}.x` : `${cudnnMajor}.x from ${cudnnLeast} on`,
    'cuDNN matters beside': ({ cudnnFor }) => cudnnFor.join(', '),
  }),
  section('Versions that name the CUDA and cuDNN which they were compiled with', labelledRuntimes, {
    distribution: ({ distribution }) => distribution,
    'end of its version': ({ label }) => `\`${label}\``,
  }),
  section('ONNX files that ONNX Runtime opens', onnxVersions, {
    ...versions,
    'newest IR version': ({ irVersion }) => irVersion,
    'newest operator set': ({ opset }) => opset ?? null,
  }),
  section('Flags of the CPU that published wheels need', wheelInstructions, {
    distribution: ({ distribution }) => distribution,
    ...versions,
    flags: ({ flags }) => flags.join(' '),
  }),
  section('Compilers by the devices that they build for', compilerFloors, {
    engine: ({ engine }) => engine,
    ...versions,
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
    ...versions,
    bytes: ({ bytes }) => bytes,
    'unless the image sets': ({ unless }) => unless,
  }),
  section('glibc of published wheels', wheelFloors, {
    distribution: ({ distribution }) => distribution,
    ...versions,
    glibc: ({ glibc }) => glibc,
    'unless read of': ({ library }) => `\`${library}\``,
    'where that of the image was not read': ({ named }) => (named === true ? 'a pass names it' : 'unknown'),
  }),
  section('Compilers inside Triton', tritonCompilers, {
    ...versions,
    'capabilities from 10.0 on': ({ knows }) => knows.join(', '),
  }),
  section('Compression of published libraries that were not read', publishedCompressions, {
    path: ({ path }) => `\`${path}\``,
    zstd: ({ zstd }) => zstd,
    'before CUDA': ({ beforeCuda }) => beforeCuda,
  }),
  section('Libraries that are not required', libraryRoles, {
    path: ({ path }) => `\`${path}\``,
    role: ({ role }) => role,
    loaded: ({ loaded }) => (loaded === true ? 'yes' : null),
    'only beside': ({ fallbacks }) => fallbacks?.join(', ') ?? null,
    alone: ({ requiredAlone, tool }) => (requiredAlone === true ? 'required' : tool === true ? 'tells nothing' : null),
    why: ({ reason }) => reason,
  }),
];
