import fc from 'fast-check';
import type { CpuFacts, DeviceFacts, MigInstance, NodeFacts } from '../../../core/pool/node-facts.ts';
import type { PoolSnapshot } from '../../../core/pool/snapshot/pool-snapshot.ts';

/** An A100 as NVML tells it. */
export function buildDevice(changes: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    index: 0,
    uuid: 'GPU-3f9a1c2e-0000-4000-8000-000000000000',
    product: 'NVIDIA A100-SXM4-40GB',
    brand: 'nvidia',
    architecture: 'Ampere',
    pciDeviceId: '0x20B010DE',
    pciBusId: '00000000:07:00.0',
    computeCapability: '8.0',
    memoryBytes: 40960 * 2 ** 20,
    reservedBytes: null,
    driver: '570.148.08',
    driverCuda: '12.8',
    mig: { capable: true, enabled: false, instances: [] },
    sharing: 'exclusive',
    eccEnabled: true,
    numaNode: null,
    link: null,
    powerLimitWatts: null,
    throttleReasons: null,
    certainty: 'device',
    unknown: {},
    ...changes,
  };
}

export function buildNode(name: string, changes: Partial<NodeFacts> = {}): NodeFacts {
  return {
    name,
    source: 'nvml',
    takenAtMs: null,
    labels: {},
    allocatable: {},
    cpu: null,
    memoryBytes: null,
    kernel: null,
    containerToolkit: null,
    devices: [buildDevice()],
    unknown: {},
    ...changes,
  };
}

export function buildPool(nodes: readonly NodeFacts[], changes: Partial<PoolSnapshot> = {}): PoolSnapshot {
  return { pool: 'lab', takenAtMs: 1_000, sources: ['probe.json'], nodes, declared: [], ...changes };
}

const word = fc.stringMatching(/^[a-zA-Z0-9][a-zA-Z0-9 ._/-]{0,12}$/);
const nullable = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { nil: null, freq: 3 });
const words = fc.dictionary(word, word, { maxKeys: 4 });
const smallCount = fc.nat(9);

export const anyInstance: fc.Arbitrary<MigInstance> = fc.record({
  profile: nullable(fc.constantFrom('1g.5gb', '2g.10gb', '3g.20gb')),
  uuid: nullable(word),
  memoryBytes: nullable(fc.nat()),
  multiprocessors: nullable(smallCount),
  placement: nullable(fc.record({ start: smallCount, size: smallCount })),
});

export const anyDevice: fc.Arbitrary<DeviceFacts> = fc.record({
  index: nullable(smallCount),
  uuid: nullable(word),
  product: nullable(fc.constantFrom('NVIDIA A100-SXM4-40GB', 'Tesla T4', 'NVIDIA L4')),
  brand: nullable(word),
  architecture: nullable(word),
  pciDeviceId: nullable(word),
  pciBusId: nullable(word),
  computeCapability: nullable(fc.constantFrom('7.5', '8.0', '8.9')),
  memoryBytes: nullable(fc.nat()),
  reservedBytes: nullable(fc.nat()),
  driver: nullable(fc.constantFrom('570.148.08', '580.65.06')),
  driverCuda: nullable(fc.constantFrom('12.8', '13.0')),
  mig: nullable(
    fc.record({
      capable: nullable(fc.boolean()),
      enabled: fc.boolean(),
      instances: fc.array(anyInstance, { maxLength: 3 }),
    }),
  ),
  sharing: nullable(fc.constantFrom('exclusive', 'mig', 'mps', 'time-slicing')),
  eccEnabled: nullable(fc.boolean()),
  numaNode: nullable(smallCount),
  link: nullable(
    fc.record({
      generation: nullable(smallCount),
      maxGeneration: nullable(smallCount),
      width: nullable(smallCount),
      maxWidth: nullable(smallCount),
    }),
  ),
  powerLimitWatts: nullable(fc.nat(1000)),
  throttleReasons: nullable(fc.array(word, { maxLength: 2 })),
  certainty: fc.constantFrom('device', 'node', 'declared'),
  unknown: words,
});

const anyCpu: fc.Arbitrary<CpuFacts> = fc.record({
  architecture: fc.constantFrom('x64', 'arm64'),
  model: nullable(word),
  cores: nullable(smallCount),
  features: nullable(fc.array(word, { maxLength: 3 })),
});

const anyNode: fc.Arbitrary<NodeFacts> = fc.record({
  name: fc.stringMatching(/^[a-z][a-z0-9-]{0,10}$/),
  source: fc.constantFrom('nvml', 'nvidia-smi', 'resource-slice', 'node-labels', 'declared', 'proc'),
  takenAtMs: nullable(fc.nat()),
  labels: words,
  allocatable: fc.dictionary(word, smallCount, { maxKeys: 2 }),
  cpu: nullable(anyCpu),
  memoryBytes: nullable(fc.nat()),
  kernel: nullable(word),
  containerToolkit: nullable(word),
  devices: nullable(fc.array(anyDevice, { maxLength: 3 })),
  unknown: words,
});

export const anyPool: fc.Arbitrary<PoolSnapshot> = fc.record({
  pool: fc.constant('lab'),
  takenAtMs: fc.nat(),
  sources: fc.uniqueArray(word, { maxLength: 3 }),
  nodes: fc.uniqueArray(anyNode, { selector: ({ name }) => name, maxLength: 5 }),
  declared: fc.array(
    fc.record({
      deviceClass: fc.record({ accelerator: fc.constant('cpu' as const), arch: word, model: word }),
      devicesPerNode: fc.integer({ min: 1, max: 9 }),
      labels: words,
    }),
    { maxLength: 2 },
  ),
});
