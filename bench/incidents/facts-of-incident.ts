import type { HardwareSection } from '../../src/core/contract/contract.ts';
import type { ServiceDemands } from '../../src/core/hardware/compatibility.ts';
import type { ModelHardwareFacts } from '../../src/core/hardware/model/model-facts.ts';
import { migBoardOf } from '../../src/core/hardware/tables/mig-profiles.ts';
import type { ImageFacts, LibraryInstructions } from '../../src/core/image/image-facts.ts';
import type { DeviceFacts, MigFacts, NodeFacts } from '../../src/core/pool/node-facts.ts';
import type { PoolSnapshot } from '../../src/core/pool/snapshot/pool-snapshot.ts';
import { digestOf } from '../../src/core/units/digest.ts';
import { readBytes } from '../../src/core/units/quantity/quantity-bytes.ts';
import type { Incident } from './read-incidents.ts';

/** What `verify` gets of an incident: a contract with what was pinned, and a pool of one node. */
export interface IncidentFacts {
  readonly demands: ServiceDemands;
  readonly snapshot: PoolSnapshot;
}

export function factsOf(row: Incident): IncidentFacts {
  return {
    demands: {
      service: row.id,
      environment: 'default',
      hardware: hardwareOf(row),
      image: imageOf(row),
      model: modelOf(row),
      ...loadOf(row),
      ...(row.args === undefined ? {} : { args: row.args }),
      runtime: {},
      selector: {},
    },
    snapshot: { pool: row.id, takenAtMs: 0, sources: [row.source], nodes: [nodeOf(row)], declared: [] },
  };
}

function bytesOf(text: string): number {
  const read = readBytes(text);
  if (!read.ok) throw new RangeError(`${text} is no size`);
  return read.value;
}

function hardwareOf({ hardware = {} }: Incident): HardwareSection {
  return {
    accelerator: 'nvidia',
    ...(hardware.memory === undefined ? {} : { memoryBytes: bytesOf(hardware.memory) }),
    devices: hardware.devices ?? 1,
    runtime: {},
    sharing: hardware.sharing ?? ['exclusive'],
    allow: ['native', 'minor-version', 'forward'],
    ...(hardware.require === undefined ? {} : { require: hardware.require }),
    ...(hardware.libraries === undefined ? {} : { libraries: hardware.libraries }),
    ...(hardware.instructions === undefined ? {} : { instructions: hardware.instructions }),
  };
}

function imageOf({ id, image }: Incident): ImageFacts {
  const found = (version: string, from: string) => ({ version, from });
  return {
    digest: digestOf(`image of ${id}`),
    platform: { os: 'linux', architecture: image.arch ?? 'amd64' },
    env: image.env ?? {},
    labels: {},
    // In which folder it lies is not stated, so that nothing may be concluded from it.
    cuda: found(image.cuda, 'libcudart.so'),
    components: Object.fromEntries(
      Object.entries(image.components ?? {}).map(([name, version]) => [name, found(version, `usr/lib/lib${name}.so`)]),
    ),
    python: Object.entries(image.python ?? {}).map(([name, version]) => ({ name, version })),
    compat: image.compat ?? null,
    libraries: image.libs.map(
      ({ bytes = 1_000_000, ptxCuda, needs, compression, glibc, glibcxx, torchAbi, looksIn, ...rest }) => ({
        ...rest,
        bytes,
        ...(ptxCuda === undefined ? {} : { ptxCuda }),
        ...(needs === undefined ? {} : { needs }),
        ...(compression === undefined ? {} : { compression }),
        ...(glibc === undefined ? {} : { glibc }),
        ...(glibcxx === undefined ? {} : { glibcxx }),
        ...(torchAbi === undefined ? {} : { torchAbi }),
        ...(looksIn === undefined ? {} : { looksIn }),
      }),
    ),
    ...(image.searchPaths === undefined ? {} : { searchPaths: image.searchPaths }),
    ...(image.glibc === undefined ? {} : { glibc: image.glibc }),
    ...(image.glibcxx === undefined ? {} : { glibcxx: image.glibcxx }),
    ...(image.copies === undefined ? {} : { copies: image.copies }),
    ...(image.instructions === undefined ? {} : { instructions: instructionsOf(image.instructions) }),
    ...(image.compilers === undefined ? {} : { compilers: image.compilers }),
    ...(image.pageSizes === undefined ? {} : { pageSizes: image.pageSizes }),
    ...(image.execStack === undefined ? {} : { execStack: image.execStack }),
    ...(image.driverFiles === undefined ? {} : { driverFiles: image.driverFiles }),
    cpuLevel: image.cpuLevel === undefined ? null : { level: image.cpuLevel, path: 'usr/lib/libapp.so' },
    unknown: {},
  };
}

const instructionsOf = (written: Readonly<Record<string, string>>): LibraryInstructions[] =>
  Object.entries(written).map(([path, text]) => {
    const words = text.split(' ');
    return { path, flags: words.filter((word) => word !== 'dispatches'), dispatches: words.includes('dispatches') };
  });

function loadOf({ model: { context, concurrency } }: Incident): Pick<ServiceDemands, 'load'> {
  if (context === undefined && concurrency === undefined) return {};
  return { load: { contextTokens: context ?? null, sequences: concurrency ?? 1 } };
}

const modelOf = ({ model }: Incident): ModelHardwareFacts => ({
  format: model.format ?? 'unknown',
  weightsBytes: model.weights,
  kvBytesPerToken: model.kvBytesPerToken ?? null,
  ...(model.precisions === undefined ? {} : { precisions: model.precisions }),
  ...(model.experts === undefined ? {} : { experts: model.experts }),
  ...(model.modelType === undefined ? {} : { modelType: model.modelType }),
  ...(model.headSize === undefined ? {} : { headSize: model.headSize }),
  ...(model.fp8Scales === undefined ? {} : { fp8Scales: model.fp8Scales }),
  ...(model.heads === undefined ? {} : { heads: model.heads }),
  ...(model.expertSize === undefined ? {} : { expertSize: model.expertSize }),
  ...(model.fp8Block === undefined ? {} : { fp8Block: model.fp8Block }),
  ...(model.kvHeads === undefined ? {} : { kvHeads: model.kvHeads }),
  ...(model.intermediateSize === undefined ? {} : { intermediateSize: model.intermediateSize }),
  ...(model.quantGroup === undefined ? {} : { quantGroup: model.quantGroup }),
  ...(model.quantMethod === undefined ? {} : { quantMethod: model.quantMethod }),
  ...(model.layers === undefined ? {} : { layers: model.layers }),
  ...(model.positions === undefined ? {} : { contextTokens: model.positions }),
  ...(model.tokenizerTokens === undefined ? {} : { tokenizerTokens: model.tokenizerTokens }),
  ...(model.onnxIr === undefined ? {} : { onnxIrVersion: model.onnxIr }),
  ...(model.onnxOpset === undefined ? {} : { onnxOpset: model.onnxOpset }),
  leftOut: {},
  engine: model.engine ?? null,
  unknown: {},
});

function nodeOf(row: Incident): NodeFacts {
  const count = row.device.n ?? row.hardware?.devices ?? 1;
  return {
    name: row.id,
    source: 'nvidia-smi',
    takenAtMs: null,
    labels: {},
    allocatable: {},
    cpu: {
      architecture: row.device.arch ?? 'amd64',
      model: null,
      cores: null,
      features: row.device.features?.split(' ') ?? null,
    },
    memoryBytes: null,
    kernel: null,
    containerToolkit: null,
    devices: row.device.seenBy === 'bus' ? [] : Array.from({ length: count }, (_, index) => deviceOf(row, index)),
    ...(row.device.seenBy === 'bus' ? { unlisted: [`${row.device.product} (no driver holds it)`] } : {}),
    unknown: {},
  };
}

/** What `undecided` says of a row whose report does not tell the size of /dev/shm, and that it matters. */
const shmUnread = 'the size of /dev/shm';

function deviceOf({ device, undecided }: Incident, index: number): DeviceFacts {
  return {
    index,
    uuid: null,
    product: device.product,
    brand: device.brand,
    architecture: null,
    pciDeviceId: device.pci ?? null,
    pciBusId: null,
    computeCapability: device.cc,
    memoryBytes: bytesOf(device.mem),
    reservedBytes: null,
    driver: device.driver,
    driverCuda: device.cuda,
    mig: migOf(device),
    sharing: device.sharing ?? 'exclusive',
    ...(device.replicas === undefined ? {} : { replicas: device.replicas }),
    eccEnabled: null,
    numaNode: null,
    link: null,
    powerLimitWatts: null,
    throttleReasons: null,
    // A report that says nothing of /dev/shm is taken to be of a host, or of a container that was given enough.
    state: { ...(undecided === shmUnread ? {} : { shmBytes: 64 * 2 ** 30 }), ...device.state },
    certainty: 'device',
    unknown: {},
  };
}

/** A report that names no instance is taken to be of a whole board. */
function migOf({ mig, pci }: Incident['device']): MigFacts {
  const profiles = migBoardOf(pci ?? null)?.profiles ?? [];
  const names = (mig ?? '').split(' ').filter((name) => name !== '');
  return {
    capable: null,
    enabled: names.length > 0,
    instances: names.map((profile) => ({
      profile,
      uuid: null,
      memoryBytes: (profiles.find((one) => one.profile === profile)?.memoryMib ?? nominalMib(profile)) * 2 ** 20,
      multiprocessors: null,
      placement: null,
    })),
  };
}

const nominalMib = (profile: string): number => Number(/\.(\d+)gb/.exec(profile)?.[1] ?? 0) * 1024;
