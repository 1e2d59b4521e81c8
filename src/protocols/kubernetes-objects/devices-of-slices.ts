import { readVersion } from '../../core/units/version.ts';
import type { DeviceFacts, MigInstance } from '../../core/pool/node-facts.ts';
import { mostDevices, type DevicesFound } from './devices-of-labels.ts';
import type { SliceDevice } from './resource-slice.ts';
import type { NodeSlices } from './slice-pools.ts';

/** The driver whose attributes are read; slices of others are counted, not read. */
export const nvidiaDraDriver = 'gpu.nvidia.com';

/**
 * The boards of one node from the devices that its DRA driver publishes. A MIG instance that is there is published with
 * its UUID and that of its board, and its board is not; a partition that could be made on demand has no UUID, and its board
 * is published too.
 */
export function devicesOfSlices({ devices, problems }: NodeSlices): DevicesFound {
  if (devices.length > mostDevices) {
    return { devices: null, unknown: { devices: `ResourceSlices name more than ${mostDevices} devices of one node` } };
  }
  const ofType = (type: string): readonly SliceDevice[] => devices.filter((device) => typeOf(device) === type);
  const instances = ofType('mig').filter((device) => text(device, 'uuid') !== null);
  const partitions = ofType('mig').filter((device) => text(device, 'uuid') === null);
  const canPartition = new Set(partitions.map((device) => text(device, 'parentUUID')));
  const boards = ofType('gpu').map((device) => boardOf(device, canPartition.has(text(device, 'uuid'))));
  const partitioned = [...Map.groupBy(instances, (device) => text(device, 'parentUUID')).entries()].flatMap(
    ([parent, group]) => partitionedBoard(parent, group),
  );
  const others = devices.filter((device) => !['gpu', 'mig'].includes(typeOf(device)));
  const said = [
    ...problems,
    ...(others.length === 0 ? [] : [`${others.length} devices of another type are left out: ${typeOf(others[0])}`]),
  ];
  return {
    devices: [...boards, ...partitioned],
    unknown: {
      ...(said.length === 0 ? {} : { devices: said.join('; ') }),
      ...(partitions.length === 0
        ? {}
        : { mig: `${partitions.length} MIG partitions can be made on demand; whole boards are in the facts` }),
    },
  };
}

const typeOf = (device: SliceDevice | undefined): string =>
  device === undefined ? '' : (text(device, 'type') ?? 'gpu');

function text(device: SliceDevice, key: string): string | null {
  const value = device.attributes[key];
  return typeof value === 'string' && value !== '' ? value : null;
}

const whole = (device: SliceDevice, key: string): number | null => {
  const value = device.attributes[key];
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null;
};

function boardOf(device: SliceDevice, canPartition: boolean): DeviceFacts {
  return {
    ...sharedFacts(device),
    index: whole(device, 'index'),
    uuid: text(device, 'uuid'),
    memoryBytes: device.capacity['memory'] ?? null,
    mig: { capable: canPartition ? true : null, enabled: false, instances: [] },
    sharing: device.shared ? null : 'exclusive',
  };
}

function partitionedBoard(parent: string | null, group: readonly SliceDevice[]): readonly DeviceFacts[] {
  const [first] = group;
  if (first === undefined) return [];
  // Instances whose board is not told are not put together: they may be of several.
  if (parent === null && group.length > 1) return group.flatMap((device) => partitionedBoard(null, [device]));
  const facts = sharedFacts(first);
  return [
    {
      ...facts,
      index: whole(first, 'parentIndex'),
      uuid: parent,
      memoryBytes: null,
      mig: { capable: true, enabled: true, instances: group.map(instanceOf) },
      sharing: 'mig',
      unknown: {
        ...facts.unknown,
        memoryBytes: 'the ResourceSlice tells the memory of the MIG instances, not of their board',
      },
    },
  ];
}

function instanceOf(device: SliceDevice): MigInstance {
  const slices = device.memorySlices;
  const [start] = slices;
  const together = start !== undefined && slices.every((slice, at) => slice === start + at);
  return {
    profile: text(device, 'profile'),
    uuid: text(device, 'uuid'),
    memoryBytes: device.capacity['memory'] ?? null,
    multiprocessors: device.capacity['multiprocessors'] ?? null,
    placement: together ? { start, size: slices.length } : null,
  };
}

const notTold = 'the ResourceSlice does not tell it';

function sharedFacts(device: SliceDevice): Omit<DeviceFacts, 'index' | 'uuid' | 'memoryBytes' | 'mig' | 'sharing'> {
  const told = {
    product: text(device, 'productName'),
    brand: brandOf(text(device, 'brand')),
    architecture: text(device, 'architecture'),
    computeCapability: versionOf(text(device, 'cudaComputeCapability'), 2),
    driver: versionOf(text(device, 'driverVersion')),
    driverCuda: versionOf(text(device, 'cudaDriverVersion'), 2),
    pciDeviceId: null,
    eccEnabled: null,
  };
  const missing = Object.entries(told).filter(([, value]) => value === null);
  return {
    ...told,
    pciBusId: busOf(text(device, 'resource.kubernetes.io/pciBusID') ?? text(device, 'pcieBusID')),
    reservedBytes: null,
    numaNode: whole(device, 'resource.kubernetes.io/numaNode') ?? whole(device, 'numa'),
    link: null,
    powerLimitWatts: null,
    throttleReasons: null,
    certainty: 'device',
    unknown: Object.fromEntries(missing.map(([field]) => [field, notTold])),
  };
}

/** A semantic version has three numbers, so that capability 7.5 is written `7.5.0`. */
function versionOf(version: string | null, parts?: number): string | null {
  if (version === null || readVersion(version) === null) return null;
  return parts === undefined ? version : (readVersion(version)?.slice(0, parts).join('.') ?? null);
}

/** `0001:00:00.0` as nvidia-smi writes it: `00000001:00:00.0`. */
function busOf(bus: string | null): string | null {
  const match = /^([0-9a-fA-F]{4,8}):([0-9a-fA-F]{2}:[0-9a-fA-F]{2}\.[0-7])$/.exec(bus ?? '');
  return match === null ? null : `${(match[1] ?? '').padStart(8, '0')}:${match[2] ?? ''}`.toUpperCase();
}

/** `GeForceRTX` is `geforce-rtx`, as other sources write it. */
function brandOf(brand: string | null): string | null {
  if (brand === null || /^unknown$/i.test(brand)) return null;
  return brand
    .replace(/^GeForce/, 'Geforce')
    .replaceAll(/([a-z])([A-Z])/g, '$1-$2')
    .replaceAll(/\s+/g, '-')
    .toLowerCase();
}
