import { digestOf, type Digest } from '../../units/digest.ts';
import { readVersion } from '../../units/version.ts';
import { abnormalOf, type DeviceState } from '../device-state.ts';
import type { DeviceFacts, NodeFacts } from '../node-facts.ts';

/**
 * What evidence is coupled to: two devices of one class behave alike. Names, dates, counts and places are left out, so
 * that a pool may grow and shrink without making evidence stale.
 */
export type DeviceClass = AcceleratorClass | CpuClass;

export interface AcceleratorClass {
  readonly accelerator: 'nvidia';
  readonly product: string | null;
  readonly pciDeviceId: string | null;
  readonly brand: string | null;
  readonly computeCapability: string | null;
  readonly memoryBytes: number | null;
  /** Without leading zeros: DRA writes `570.124.6` for `570.124.06`. */
  readonly driver: string | null;
  readonly driverCuda: string | null;
  readonly eccEnabled: boolean | null;
  readonly sharing: DeviceFacts['sharing'];
  /** Only of a class that is shared, where it is known: classes that are not keep their digests. */
  readonly replicas?: number;
  /**
   * Profiles of the instances, sorted, with their memory; null when MIG is not known, empty when it is off. A board with MIG
   * on and no instance runs nothing, so that it is another class than one with MIG off: one nameless instance of 0 bytes.
   */
  readonly migLayout: readonly { readonly profile: string | null; readonly memoryBytes: number | null }[] | null;
  /** Only where something of it was read. */
  readonly state?: DeviceState;
  readonly certainty: DeviceFacts['certainty'];
}

/** Two machines with the same architecture and CPU model choose the same kernels; cores move the time, not the answer. */
export interface CpuClass {
  readonly accelerator: 'cpu';
  readonly arch: string;
  readonly model: string;
}

export function acceleratorClassOf(device: DeviceFacts): AcceleratorClass {
  const { product, pciDeviceId, brand, computeCapability, memoryBytes, driverCuda, eccEnabled, sharing, certainty } =
    device;
  return {
    accelerator: 'nvidia',
    product,
    pciDeviceId,
    brand,
    computeCapability,
    memoryBytes,
    driver: numeric(device.driver),
    driverCuda,
    eccEnabled,
    sharing,
    ...(device.replicas !== undefined && isShared(sharing) ? { replicas: device.replicas } : {}),
    migLayout: migLayoutOf(device),
    ...(device.state === undefined ? {} : { state: device.state }),
    certainty,
  };
}

const isShared = (sharing: DeviceFacts['sharing']): boolean => sharing === 'mps' || sharing === 'time-slicing';

function migLayoutOf({ mig }: DeviceFacts): AcceleratorClass['migLayout'] {
  if (mig === null) return null;
  if (mig.enabled && mig.instances.length === 0) return [{ profile: null, memoryBytes: 0 }];
  return mig.instances
    .map(({ profile, memoryBytes }) => ({ profile, memoryBytes, key: `${profile} ${memoryBytes}` }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ profile, memoryBytes }) => ({ profile, memoryBytes }));
}

/** DRA makes a version three numbers: `570.26` is `570.26.0` there. */
const numeric = (version: string | null): string | null =>
  version === null
    ? null
    : (readVersion(version)
        ?.join('.')
        .replace(/^(\d+\.\d+)\.0$/, '$1') ?? version);

/** The class of a node's CPU; null when its model is not known. */
export function cpuClassOf({ cpu }: Pick<NodeFacts, 'cpu'>): CpuClass | null {
  if (cpu === null || cpu.model === null) return null;
  return { accelerator: 'cpu', arch: cpu.architecture, model: cpu.model.trim() };
}

/**
 * A class that was declared for a pool scaled to zero has the digest of the same class read from a device, so that the
 * first node to come up makes no evidence stale. A class of uncertain facts has another one. The state of a healthy device is
 * no part of the digest, so that reading it for the first time makes no evidence stale either.
 */
export function digestOfClass(deviceClass: DeviceClass): Digest {
  if (deviceClass.accelerator === 'cpu') return digestOf(deviceClass);
  const { state, certainty, ...facts } = deviceClass;
  const abnormal = state === undefined ? null : abnormalOf(state);
  return digestOf({
    ...facts,
    ...(abnormal === null ? {} : { state: abnormal }),
    certainty: certainty === 'declared' ? 'device' : certainty,
  });
}

/** `NVIDIA A100-SXM4-40GB, capability 8.0, 40 GiB, driver 570.148.8, CUDA 12.8`. */
export function describeClass(deviceClass: DeviceClass): string {
  if (deviceClass.accelerator === 'cpu') return `cpu ${deviceClass.arch} ${deviceClass.model}`;
  const { product, computeCapability, memoryBytes, driver, driverCuda, migLayout, sharing, replicas } = deviceClass;
  return [
    product ?? 'a product that is not known',
    computeCapability === null ? null : `capability ${computeCapability}`,
    memoryBytes === null ? null : `${(memoryBytes / 2 ** 30).toFixed(1).replace(/\.0$/, '')} GiB`,
    driver === null ? null : `driver ${driver}`,
    driverCuda === null ? null : `CUDA ${driverCuda}`,
    migLayout === null || migLayout.length === 0 ? null : `MIG ${profilesText(migLayout)}`,
    replicas === undefined ? null : `shared by ${replicas} (${sharing})`,
  ]
    .filter((part) => part !== null)
    .join(', ');
}

/** `7x 1g.5gb`, `off`, `on without instances`. */
export function profilesText(layout: NonNullable<AcceleratorClass['migLayout']>): string {
  if (layout.length === 0) return 'off';
  if (layout.length === 1 && layout[0]?.memoryBytes === 0) return 'on without instances';
  const counts = Map.groupBy(layout, ({ profile }) => profile ?? 'unnamed');
  return [...counts].map(([profile, same]) => (same.length === 1 ? profile : `${same.length}x ${profile}`)).join(' ');
}
