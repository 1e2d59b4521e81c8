import type { Compatibility, HardwareSection, RequiredFact, Sharing } from '../../core/contract/contract.ts';
import { readVersionRange, type VersionRange } from '../../core/units/quantity/quantity-version-range.ts';
import type { ServiceDemands } from '../../core/hardware/compatibility.ts';
import type { AcceleratorClass } from '../../core/pool/classes/device-class.ts';
import type {
  CompatPackage,
  DeviceLibrary,
  ImageFacts,
  KernelTarget,
  LibraryFolders,
  LibraryInstructions,
  TorchAbi,
} from '../../core/image/image-facts.ts';
import type { StatedLoad } from '../../core/hardware/model/memory-range.ts';
import type { ModelHardwareFacts } from '../../core/hardware/model/model-facts.ts';
import { deviceBases } from './device-bases.ts';

/**
 * One row of the cases: facts in, compatibility out, and where the right answer is stated. Rows are written by hand from
 * the documents; nothing in them is computed by the rules that they test.
 */
export interface CaseRow {
  readonly name: string;
  /** `A100-40 535.183.01 12.2`: a product of `deviceBases`, its driver, and the CUDA version that the driver speaks. */
  readonly device: string;
  /** What differs from the base. */
  readonly deviceFacts?: Partial<AcceleratorClass>;
  readonly image?: ImageRow | null;
  readonly hardware?: HardwareRow;
  /** An ONNX file of 1 GiB of weights, unless the row says otherwise; null where nobody looked at it. */
  readonly model?: Partial<ModelHardwareFacts> | null;
  readonly runtime?: Readonly<Record<string, string>>;
  readonly load?: StatedLoad;
  /** `code.args` of the contract. */
  readonly args?: readonly string[];
  readonly runtimeClass?: string;
  readonly compatibility: Compatibility;
  /** The rule that decides: right for the right reason. */
  readonly rule: string;
  /** Rules that warn, in their order; not written where the row does not speak of them. */
  readonly warnings?: readonly string[];
  /** What a pass names as not checked; not written where the row does not speak of it. */
  readonly notChecked?: readonly string[];
  /** A part of what is said; not written where any words will do. */
  readonly says?: string;
  readonly source: string;
}

export interface ImageRow {
  readonly cuda?: string | null;
  readonly env?: Readonly<Record<string, string>>;
  /** `{ "libapp.so": "sm_80 sm_90a compute_90" }`; by default one library with kernels for everything, and no PTX. */
  readonly libraries?: Readonly<Record<string, string>>;
  /** CUDA version that wrote the PTX, by library; by default that of the image. Null: not readable. */
  readonly ptxCuda?: Readonly<Record<string, string | null>>;
  /** SONAMEs of CUDA libraries that a library is linked to: `{ "libapp.so": "libcudart.so.12 libcudnn.so.9" }`. */
  readonly needs?: Readonly<Record<string, string>>;
  /** Libraries that could not be read whole. */
  readonly unread?: readonly string[];
  /** Version of the driver libraries of the package. */
  readonly compat?: string | null;
  readonly note?: CompatPackage['note'];
  /** By default `usr/local/cuda/compat/libcuda.so.1`. */
  readonly compatPath?: string;
  /** How the device code of a library is compressed, by library; not at all by default. Null: not read. */
  readonly compression?: Readonly<Record<string, NonNullable<DeviceLibrary['compression']>>> | null;
  /** Folders of etc/ld.so.conf.d; null where they were not read, and none by default. */
  readonly searchPaths?: readonly string[] | null;
  readonly components?: Readonly<Record<string, string>>;
  readonly python?: Readonly<Record<string, string>>;
  readonly unknown?: Readonly<Record<string, string>>;
  /** Of the image; and what libraries are linked to, by library. */
  readonly glibc?: string;
  readonly needsGlibc?: Readonly<Record<string, string>>;
  readonly glibcxx?: string;
  readonly needsGlibcxx?: Readonly<Record<string, string>>;
  /** C++ ABI that a library was built for torch of, by library; not read by default. */
  readonly torchAbi?: Readonly<Record<string, TorchAbi>>;
  /** Where a library looks for others: `runpath $ORIGIN/../x:/opt/lib`, `none`; not read by default. */
  readonly looksIn?: Readonly<Record<string, string>>;
  /** Versions of CUDA libraries by path; not listed by default. */
  readonly copies?: Readonly<Record<string, string>>;
  /** What the code of libraries uses: `avx512f`, with `dispatches` where it asks the CPU; not read by default. */
  readonly instructions?: Readonly<Record<string, string>>;
  /** Paths of compilers; not looked for by default. */
  readonly compilers?: readonly string[];
  readonly architecture?: string;
  readonly cpuLevel?: string;
  /** Largest pages by library; not looked for by default. */
  readonly pageSizes?: Readonly<Record<string, number>>;
  /** Libraries that ask for an executable stack, and libraries of a driver; not looked for by default. */
  readonly execStack?: readonly string[];
  readonly driverFiles?: Readonly<Record<string, string>>;
}

export interface HardwareRow {
  readonly computeCapability?: string;
  readonly driver?: string;
  readonly cuda?: string;
  readonly memoryGib?: number;
  readonly devices?: number;
  /** `hardware.host.shmSize`. */
  readonly shmMib?: number;
  readonly runtime?: Readonly<Record<string, string>>;
  readonly sharing?: readonly Sharing[];
  readonly allow?: readonly Compatibility[];
  readonly accelerator?: 'nvidia' | 'cpu';
  readonly libraries?: readonly string[];
  readonly require?: readonly RequiredFact[];
  readonly instructions?: readonly string[];
}

const everything = 'sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_87 sm_89 sm_90 sm_100 sm_103 sm_110 sm_120 sm_121';

/** `sm_90a` is 9.0 with suffix a; `compute_120` is 12.0. */
export function targetOf(text: string): KernelTarget {
  const match = /^(?:sm|compute)_(\d+)(\d)([af]?)$/.exec(text);
  if (match === null) throw new RangeError(`${text} is no target`);
  return { capability: `${match[1]}.${match[2]}`, suffix: (match[3] ?? '') as KernelTarget['suffix'] };
}

function libraryOf(path: string, targets: string, row: ImageRow): DeviceLibrary {
  const words = targets.split(' ').filter((word) => word !== '');
  const of = (kind: string): readonly KernelTarget[] => words.filter((word) => word.startsWith(kind)).map(targetOf);
  const ptx = of('compute_');
  const written = row.ptxCuda?.[path] === undefined ? (row.cuda ?? null) : row.ptxCuda[path];
  return {
    path,
    bytes: 1_000_000,
    ...(row.needs?.[path] === undefined ? {} : { needs: row.needs[path].split(' ') }),
    cubins: of('sm_'),
    ptx,
    ...(row.needsGlibc?.[path] === undefined ? {} : { glibc: row.needsGlibc[path] }),
    ...(row.needsGlibcxx?.[path] === undefined ? {} : { glibcxx: row.needsGlibcxx[path] }),
    ...(row.torchAbi?.[path] === undefined ? {} : { torchAbi: row.torchAbi[path] }),
    ...(row.looksIn?.[path] === undefined ? {} : { looksIn: foldersOf(row.looksIn[path]) }),
    ...compressionOf(path, row),
    ...(ptx.length > 0 && written !== null ? { ptxCuda: written } : {}),
    ...(row.unread?.includes(path) === true
      ? { unknown: 'a part of it is compressed in a way that is not known' }
      : {}),
  };
}

/** `runpath a:b` is `{ tag: 'runpath', folders: ['a', 'b'] }`. */
function foldersOf(text: string): LibraryFolders {
  const [tag, list = ''] = text.split(' ');
  const folders = list.split(':').filter((folder) => folder !== '');
  return { tag: tag === 'rpath' || tag === 'runpath' ? tag : 'none', folders };
}

function instructionsOf(written: Readonly<Record<string, string>>): readonly LibraryInstructions[] {
  return Object.entries(written).map(([path, text]) => {
    const words = text.split(' ');
    return { path, flags: words.filter((word) => word !== 'dispatches'), dispatches: words.includes('dispatches') };
  });
}

/** Read as not compressed, unless the row says otherwise. */
function compressionOf(path: string, { compression = {} }: ImageRow): Pick<DeviceLibrary, 'compression'> {
  if (compression === null) return {};
  return { compression: compression[path] ?? 'none' };
}

export function imageOf(row: ImageRow): ImageFacts {
  const cuda = row.cuda === undefined ? '12.4' : row.cuda;
  const libraries = row.libraries ?? { 'app/libapp.so': everything };
  return {
    digest: `sha256:${'0'.repeat(64)}`,
    platform: { os: 'linux', architecture: row.architecture ?? 'amd64' },
    env: row.env ?? {},
    labels: {},
    cuda: cuda === null ? null : { version: cuda, from: 'usr/local/cuda/lib64/libcudart.so' },
    components: Object.fromEntries(
      Object.entries(row.components ?? {}).map(([name, version]) => [name, { version, from: `usr/lib/lib${name}.so` }]),
    ),
    python: Object.entries(row.python ?? {}).map(([name, version]) => ({ name, version })),
    compat:
      row.compat === undefined && row.note === undefined
        ? null
        : {
            version: row.compat ?? null,
            path: row.compatPath ?? 'usr/local/cuda/compat/libcuda.so.1',
            note: row.note ?? null,
          },
    ...(row.searchPaths === null ? {} : { searchPaths: row.searchPaths ?? [] }),
    libraries: Object.entries(libraries).map(([path, targets]) => libraryOf(path, targets, { ...row, cuda })),
    ...(row.glibc === undefined ? {} : { glibc: row.glibc }),
    ...(row.glibcxx === undefined ? {} : { glibcxx: row.glibcxx }),
    ...(row.copies === undefined ? {} : { copies: row.copies }),
    ...(row.instructions === undefined ? {} : { instructions: instructionsOf(row.instructions) }),
    ...(row.compilers === undefined ? {} : { compilers: row.compilers }),
    ...(row.pageSizes === undefined ? {} : { pageSizes: row.pageSizes }),
    ...(row.execStack === undefined ? {} : { execStack: row.execStack }),
    ...(row.driverFiles === undefined ? {} : { driverFiles: row.driverFiles }),
    cpuLevel: row.cpuLevel === undefined ? null : { level: row.cpuLevel, path: 'app/libapp.so' },
    unknown: row.unknown ?? {},
  };
}

function range(text: string): VersionRange {
  const read = readVersionRange(text);
  if (!read.ok) throw new RangeError(`${text} is no version range`);
  return read.value;
}

export function hardwareOf(row: HardwareRow): HardwareSection {
  return {
    accelerator: row.accelerator ?? 'nvidia',
    ...(row.computeCapability === undefined ? {} : { computeCapability: range(row.computeCapability) }),
    ...(row.driver === undefined ? {} : { driver: range(row.driver) }),
    ...(row.cuda === undefined ? {} : { cuda: range(row.cuda) }),
    ...(row.memoryGib === undefined ? {} : { memoryBytes: row.memoryGib * 2 ** 30 }),
    devices: row.devices ?? 1,
    ...(row.shmMib === undefined ? {} : { host: { shmBytes: row.shmMib * 2 ** 20 } }),
    runtime: Object.fromEntries(Object.entries(row.runtime ?? {}).map(([name, text]) => [name, range(text)])),
    sharing: row.sharing ?? ['exclusive'],
    allow: row.allow ?? ['native', 'minor-version', 'forward'],
    ...(row.libraries === undefined ? {} : { libraries: row.libraries }),
    ...(row.require === undefined ? {} : { require: row.require }),
    ...(row.instructions === undefined ? {} : { instructions: row.instructions }),
  };
}

const onnxModel: ModelHardwareFacts = {
  format: 'onnx',
  weightsBytes: 2 ** 30,
  kvBytesPerToken: null,
  leftOut: {},
  engine: null,
  unknown: {},
};

export function demandsOf(
  row: Pick<CaseRow, 'image' | 'hardware' | 'model' | 'runtime' | 'load' | 'args' | 'runtimeClass'>,
): ServiceDemands {
  return {
    service: 'case',
    environment: 'default',
    hardware: hardwareOf(row.hardware ?? {}),
    image: row.image === null ? null : imageOf(row.image ?? {}),
    model: row.model === null ? null : { ...onnxModel, ...row.model },
    ...(row.load === undefined ? {} : { load: row.load }),
    ...(row.args === undefined ? {} : { args: row.args }),
    ...(row.runtimeClass === undefined ? {} : { runtimeClass: row.runtimeClass }),
    runtime: row.runtime ?? {},
    selector: {},
  };
}

/** The class of a row's device: exclusive, MIG off, known of the device itself, unless the row says otherwise. */
export function classOf({ device, deviceFacts }: Pick<CaseRow, 'device' | 'deviceFacts'>): AcceleratorClass {
  const [name = '', driver = null, driverCuda = null] = device.split(' ');
  const base = deviceBases[name];
  if (base === undefined) throw new RangeError(`${name} is no device of the cases`);
  return {
    accelerator: 'nvidia',
    eccEnabled: null,
    sharing: 'exclusive',
    migLayout: [],
    certainty: 'device',
    ...base,
    driver,
    driverCuda,
    ...deviceFacts,
  };
}
