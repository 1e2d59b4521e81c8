import fc from 'fast-check';
import type { DeviceFacts, NodeFacts } from '../../../core/pool/node-facts.ts';
import type { PoolSnapshot } from '../../../core/pool/snapshot/pool-snapshot.ts';
import { boards, buildDevice, buildNode, buildPool, MiB } from './hardware-builders.ts';

const mig = (...profiles: readonly (readonly [string, number])[]): DeviceFacts['mig'] => ({
  capable: true,
  enabled: true,
  instances: profiles.map(([profile, mib]) => ({
    profile,
    uuid: null,
    memoryBytes: mib * MiB,
    multiprocessors: null,
    placement: null,
  })),
});

/** Devices of several generations, drivers and certainties, with MIG and without, so that every verdict comes up. */
const anyDevice: fc.Arbitrary<DeviceFacts> = fc
  .record({
    board: fc.constantFrom(...Object.values(boards)),
    driver: fc.constantFrom(
      { driver: '550.54.15', driverCuda: '12.4' },
      { driver: '570.148.08', driverCuda: '12.8' },
      { driver: '535.104.05', driverCuda: '12.2' },
      { driver: '535.104.05', driverCuda: '12.2' },
      { driver: '470.82.01', driverCuda: '11.4' },
      { driver: '580.95.05', driverCuda: null },
      { driver: null, driverCuda: null },
    ),
    cut: fc.constantFrom(
      null,
      null,
      null,
      mig(['1g.10gb', 9856], ['1g.10gb', 9856], ['3g.40gb', 40192]),
      mig(['3g.40gb', 40192], ['3g.40gb', 40192]),
      mig(),
    ),
    certainty: fc.oneof(
      { weight: 15, arbitrary: fc.constant('device' as const) },
      { weight: 1, arbitrary: fc.constant('node' as const) },
    ),
    sharing: fc.oneof(
      { weight: 20, arbitrary: fc.constant('exclusive' as const) },
      { weight: 1, arbitrary: fc.constantFrom('time-slicing' as const, null) },
    ),
  })
  .map(({ board, driver, cut, certainty, sharing }) => {
    const device = buildDevice({ ...board, ...driver, certainty, sharing });
    return cut !== null && device.mig?.capable === true ? { ...device, mig: cut, sharing: 'mig' as const } : device;
  });

/** As GPU Feature Discovery labels a node: by its first device, whatever the others are. */
export function gfdLabels(devices: readonly DeviceFacts[]): Readonly<Record<string, string>> {
  const [first] = devices;
  if (first === undefined) return { 'kubernetes.io/arch': 'amd64' };
  const { product, memoryBytes, computeCapability, driver, driverCuda } = first;
  const [major = '', minor = ''] = (computeCapability ?? '').split('.');
  const found = {
    'kubernetes.io/arch': 'amd64',
    'nvidia.com/gpu.count': String(devices.length),
    'nvidia.com/gpu.product': product?.replaceAll(' ', '-'),
    'nvidia.com/gpu.memory': memoryBytes === null ? undefined : String(memoryBytes / MiB),
    'nvidia.com/gpu.compute.major': major,
    'nvidia.com/gpu.compute.minor': minor,
    'nvidia.com/cuda.driver-version.full': driver ?? undefined,
    'nvidia.com/cuda.runtime-version.full': driverCuda ?? undefined,
    'nvidia.com/mig.capable': String(first.mig?.capable ?? false),
  };
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

const anyNode = (name: string): fc.Arbitrary<NodeFacts> =>
  fc
    .record({
      // Most nodes hold one kind of device; some are mixed.
      devices: fc.oneof(
        {
          weight: 3,
          arbitrary: fc
            .tuple(anyDevice, fc.integer({ min: 1, max: 4 }))
            .map(([one, count]) => Array.from({ length: count }, () => one)),
        },
        { weight: 1, arbitrary: fc.array(anyDevice, { maxLength: 4 }) },
      ),
      labelled: fc.constantFrom(true, true, true, false),
      counted: fc.boolean(),
      known: fc.constantFrom(true, true, true, true, true, false),
    })
    .map(({ devices, labelled, counted, known }) => {
      const node = buildNode(name, devices, {
        source: 'node-labels',
        labels: labelled ? gfdLabels(devices) : { 'kubernetes.io/arch': 'amd64' },
        allocatable: counted ? { 'nvidia.com/gpu': devices.length } : {},
      });
      return known ? node : { ...node, devices: null, unknown: { devices: 'the source does not tell' } };
    });

/** Pools of up to a dozen nodes, in which compatible, incompatible and unknown devices meet. */
export const anyVerifiedPool: fc.Arbitrary<PoolSnapshot> = fc
  .integer({ min: 0, max: 12 })
  .chain((count) => fc.tuple(...Array.from({ length: count }, (_, index) => anyNode(`node-${index}`))))
  .map((nodes) => buildPool(nodes));
