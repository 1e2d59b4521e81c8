import type { HardwareSection } from '../../src/core/contract/contract.ts';
import type { ServiceDemands } from '../../src/core/hardware/compatibility.ts';
import type { DeviceLibrary, ImageFacts } from '../../src/core/image/image-facts.ts';
import type { DeviceFacts, NodeFacts } from '../../src/core/pool/node-facts.ts';
import type { PoolSnapshot } from '../../src/core/pool/snapshot/pool-snapshot.ts';
import { digestOf } from '../../src/core/units/digest.ts';
import { readVersionRange } from '../../src/core/units/quantity/quantity-version-range.ts';

/** How many devices of a pool differ, and in what. */
export type Variety = 'forty-classes' | 'all-distinct' | 'all-distinct-in-every-fact';

interface Board {
  readonly product: string;
  readonly capability: string;
  readonly brand: string;
  readonly memoryGib: number;
}

const boards: readonly Board[] = [
  { product: 'Tesla T4', capability: '7.5', brand: 'nvidia', memoryGib: 15 },
  { product: 'NVIDIA A10', capability: '8.6', brand: 'nvidia', memoryGib: 24 },
  { product: 'NVIDIA A100-SXM4-40GB', capability: '8.0', brand: 'nvidia', memoryGib: 40 },
  { product: 'NVIDIA A100-SXM4-80GB', capability: '8.0', brand: 'nvidia', memoryGib: 80 },
  { product: 'NVIDIA L4', capability: '8.9', brand: 'nvidia', memoryGib: 24 },
  { product: 'NVIDIA L40S', capability: '8.9', brand: 'nvidia', memoryGib: 45 },
  { product: 'NVIDIA H100 80GB HBM3', capability: '9.0', brand: 'nvidia', memoryGib: 80 },
  { product: 'NVIDIA H200', capability: '9.0', brand: 'nvidia', memoryGib: 140 },
  { product: 'NVIDIA B200', capability: '10.0', brand: 'nvidia', memoryGib: 179 },
  { product: 'NVIDIA GeForce RTX 4090', capability: '8.9', brand: 'geforce', memoryGib: 24 },
];
const drivers = [
  ['535.183.01', '12.2'],
  ['550.54.15', '12.4'],
  ['570.124.06', '12.8'],
  ['580.95.05', '13.0'],
] as const;

const at = <Item>(items: readonly Item[], index: number): Item => items[index % items.length] as Item;

/** Device number `index` of the fleet: 10 boards by 4 drivers, which differ further as the variety says. */
function makeDevice(index: number, place: number, variety: Variety): DeviceFacts {
  const board = at(boards, index);
  const [driver, driverCuda] = at(drivers, Math.floor(index / boards.length));
  const distinct = variety !== 'forty-classes';
  const every = variety === 'all-distinct-in-every-fact';
  return {
    index: place,
    uuid: null,
    product: distinct ? `${board.product} no ${index}` : board.product,
    brand: board.brand,
    architecture: null,
    pciDeviceId: '0x20B010DE',
    pciBusId: null,
    computeCapability: board.capability,
    memoryBytes: board.memoryGib * 2 ** 30 + (distinct ? index : 0),
    reservedBytes: null,
    driver: every ? `${driver}.${index + 1}` : driver,
    driverCuda,
    mig: { capable: true, enabled: false, instances: [] },
    sharing: 'exclusive',
    eccEnabled: true,
    numaNode: null,
    link: null,
    powerLimitWatts: null,
    throttleReasons: null,
    certainty: 'device',
    unknown: {},
  };
}

/** Nodes of eight devices; with 40 classes a node holds devices of one class, as racks do. */
export function makePool(nodes: number, devicesPerNode: number, variety: Variety): PoolSnapshot {
  return {
    pool: 'fleet',
    takenAtMs: 0,
    sources: ['generated'],
    declared: [],
    nodes: Array.from({ length: nodes }, (_, node): NodeFacts => ({
      name: `node-${node}`,
      source: 'nvml',
      takenAtMs: 0,
      labels: { 'kubernetes.io/arch': 'amd64', pool: 'gpu' },
      allocatable: { 'nvidia.com/gpu': devicesPerNode },
      cpu: { architecture: 'x64', model: 'a CPU', cores: 64, features: null },
      memoryBytes: null,
      kernel: null,
      containerToolkit: null,
      devices: Array.from({ length: devicesPerNode }, (_each, place) =>
        makeDevice(variety === 'forty-classes' ? node : node * devicesPerNode + place, place, variety),
      ),
      unknown: {},
    })),
  };
}

const toolkits = ['11.8', '12.1', '12.4', '12.6', '12.8', '12.9', '13.0'] as const;
const targets = ['7.0', '7.5', '8.0', '8.6', '8.9', '9.0', '10.0'] as const;

function makeImage(index: number): ImageFacts {
  const cuda = at(toolkits, index);
  const libraries = Array.from({ length: 30 }, (_, library): DeviceLibrary => ({
    path: `usr/lib/lib${library}.so`,
    bytes: 1,
    cubins: targets.slice((index + library) % 3).map((capability) => ({ capability, suffix: '' as const })),
    ptx: [{ capability: '9.0', suffix: '' }],
    ptxCuda: cuda,
  }));
  return {
    digest: digestOf(index),
    platform: { os: 'linux', architecture: 'amd64' },
    env: { NVIDIA_REQUIRE_CUDA: `cuda>=${cuda}` },
    labels: {},
    cuda: { version: cuda, from: 'libcudart.so' },
    components: {},
    python: [{ name: 'torch', version: '2.7.0' }],
    compat: index % 3 === 0 ? { version: '580.82.07', path: 'compat/libcuda.so.580.82.07', note: null } : null,
    libraries,
    cpuLevel: null,
    unknown: {},
  };
}

const range = (text: string) => {
  const read = readVersionRange(text);
  if (!read.ok) throw new Error(text);
  return read.value;
};

/** Services of different images and demands: every kind of rule is asked by some of them. */
export function makeServices(count: number): readonly ServiceDemands[] {
  return Array.from({ length: count }, (_, index): ServiceDemands => {
    const hardware: HardwareSection = {
      accelerator: 'nvidia',
      memoryBytes: (8 + (index % 9) * 8) * 2 ** 30,
      devices: 1 + (index % 4),
      computeCapability: range(index % 2 === 0 ? '>=7.5' : '>=8.0'),
      driver: range('>=535'),
      runtime: { torch: range('>=2.6') },
      sharing: ['exclusive'],
      allow: ['native', 'minor-version', 'forward'],
    };
    return {
      service: `service-${index}`,
      environment: 'prod',
      hardware,
      image: makeImage(index),
      model: { format: 'onnx', weightsBytes: 2 ** 30, kvBytesPerToken: null, leftOut: {}, engine: null, unknown: {} },
      runtime: {},
      selector: { pool: 'gpu' },
    };
  });
}
