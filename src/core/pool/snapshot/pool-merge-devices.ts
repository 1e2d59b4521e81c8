import { canonicalJson } from '../../units/digest.ts';
import { readVersion } from '../../units/version.ts';
import type { DeviceFacts, FactsSource, NodeFacts } from '../node-facts.ts';

export interface MergedDevices {
  readonly devices: readonly DeviceFacts[] | null;
  /** The source that told of each device. */
  readonly of: FactsSource;
  /** Of that source. */
  readonly unlisted?: readonly string[];
  readonly unknown: Readonly<Record<string, string>>;
}

const perDevice: readonly FactsSource[] = ['nvml', 'nvidia-smi', 'resource-slice'];

/**
 * Devices of the first source that knows them. A further source that tells of each device fills what the first does not
 * tell, and where both tell a fact and differ neither is believed: one of them is old. Labels fill the two facts that all
 * devices of a node share, driver and its CUDA; where they differ from the devices, that is said.
 * @param found one of a kind, the one that is asked first in front.
 */
export function mergeDevices(found: readonly NodeFacts[]): MergedDevices {
  const knowing = found.filter(
    ({ devices, source, unlisted }) =>
      devices !== null && (source !== 'proc' || devices.length > 0 || unlisted !== undefined),
  );
  const base = knowing[0] ?? found[0];
  if (base === undefined) throw new RangeError('a node without facts');
  let devices = base.devices;
  const unknown = reasonsOf(base);
  for (const other of knowing.slice(1)) {
    if (devices === null || other.devices === null) continue;
    if (perDevice.includes(base.source) && perDevice.includes(other.source)) {
      const { merged, apart } = mergeEach(devices, other, base.source);
      devices = merged;
      if (apart !== null) unknown['devices'] = [unknown['devices'], apart].filter(Boolean).join('; ');
    } else {
      const said = labelsApart(devices, other.devices);
      if (said !== null) unknown['labels'] = said;
      devices = devices.map((device) => fillFromLabels(device, other.devices ?? []));
    }
  }
  const { unlisted } = base;
  return { devices, of: base.source, ...(unlisted === undefined ? {} : { unlisted }), unknown };
}

function reasonsOf({ unknown }: NodeFacts): Record<string, string> {
  return Object.fromEntries(Object.entries(unknown).filter(([field]) => field === 'devices' || field === 'mig'));
}

function mergeEach(
  devices: readonly DeviceFacts[],
  other: NodeFacts,
  source: FactsSource,
): { readonly merged: readonly DeviceFacts[]; readonly apart: string | null } {
  const left = [...(other.devices ?? [])];
  const merged = devices.map((device) => {
    const at = left.findIndex((candidate) => sameBoard(device, candidate, devices.length === other.devices?.length));
    const [match] = at === -1 ? [] : left.splice(at, 1);
    return match === undefined ? device : mergeDevice(device, match, source, other.source);
  });
  if (left.length === 0) return { merged, apart: null };
  return { merged: [...merged, ...left], apart: `${left.length} devices are told of by ${other.source} only` };
}

/** By UUID, else by bus; by index only where both list as many. */
function sameBoard(a: DeviceFacts, b: DeviceFacts, sameCount: boolean): boolean {
  if (a.uuid !== null && b.uuid !== null) return a.uuid === b.uuid;
  if (a.pciBusId !== null && b.pciBusId !== null) return a.pciBusId === b.pciBusId;
  return sameCount && a.index !== null && a.index === b.index;
}

/** Facts of a class: a wrong one would be a wrong verdict. Others are the first source's. */
const ofClass = [
  'product',
  'brand',
  'pciDeviceId',
  'computeCapability',
  'memoryBytes',
  'driver',
  'driverCuda',
  'eccEnabled',
] as const;

function mergeDevice(a: DeviceFacts, b: DeviceFacts, sourceOfA: FactsSource, sourceOfB: FactsSource): DeviceFacts {
  const filled = Object.fromEntries(
    Object.entries(a).map(([field, value]) => [field, value ?? b[field as keyof DeviceFacts]]),
  ) as unknown as DeviceFacts;
  const apart = Object.fromEntries(
    ofClass
      .filter((field) => a[field] !== null && b[field] !== null && factKey(a[field]) !== factKey(b[field]))
      .map((field) => [field, `${sourceOfA} says ${String(a[field])}, ${sourceOfB} says ${String(b[field])}`]),
  );
  const mig = mergeMig(a.mig, b.mig);
  if (mig === 'apart') apart['mig'] = `${sourceOfA} and ${sourceOfB} tell different MIG layouts`;
  const unknown = { ...b.unknown, ...a.unknown };
  const shared = a.sharing === null || a.sharing === b.sharing;
  return {
    ...filled,
    ...(a.state === undefined && b.state === undefined ? {} : { state: { ...b.state, ...a.state } }),
    ...(a.replicas === undefined && b.replicas !== undefined && shared ? { replicas: b.replicas } : {}),
    ...Object.fromEntries(Object.keys(apart).map((field) => [field, null])),
    mig: mig === 'apart' ? null : mig,
    unknown: {
      ...Object.fromEntries(Object.entries(unknown).filter(([field]) => isMissing(filled, field))),
      ...apart,
    },
  };
}

function isMissing(device: DeviceFacts, field: string): boolean {
  const value: unknown = field in device ? device[field as keyof DeviceFacts] : null;
  return value === null;
}

/** Versions by their numbers: DRA drops leading zeros. */
function factKey(value: string | number | boolean | null): string {
  const numbers = typeof value === 'string' && /^\d+\./.test(value) ? readVersion(value) : null;
  return numbers === null ? String(value) : numbers.join('.').replace(/^(\d+\.\d+)\.0$/, '$1');
}

/** Profiles must agree; placements and UUIDs are filled from whichever has them. */
function mergeMig(a: DeviceFacts['mig'], b: DeviceFacts['mig']): DeviceFacts['mig'] | 'apart' {
  if (a === null || b === null) return a ?? b;
  const capable = a.capable ?? b.capable;
  if (a.enabled !== b.enabled || a.instances.length !== b.instances.length) return 'apart';
  const profiles = (mig: typeof a): string => canonicalJson(mig.instances.map(({ profile }) => profile).sort());
  const named = [a, b].filter(({ instances }) => instances.every(({ profile }) => profile !== null));
  if (named.length === 2 && profiles(a) !== profiles(b)) return 'apart';
  return { ...a, capable, instances: (named[0] ?? a).instances };
}

const nodeWide = ['driver', 'driverCuda'] as const;

function fillFromLabels(device: DeviceFacts, labelled: readonly DeviceFacts[]): DeviceFacts {
  const [first] = labelled;
  if (first === undefined) return device;
  const filled = nodeWide.filter((field) => device[field] === null && first[field] !== null);
  if (filled.length === 0) return device;
  const unknown = Object.entries(device.unknown).filter(([field]) => !filled.some((one) => one === field));
  return {
    ...device,
    ...Object.fromEntries(filled.map((field) => [field, first[field]])),
    unknown: Object.fromEntries(unknown),
  };
}

function labelsApart(devices: readonly DeviceFacts[], labelled: readonly DeviceFacts[]): string | null {
  const [device] = devices;
  const [label] = labelled;
  if (device === undefined || label === undefined) return null;
  const apart = nodeWide.filter(
    (field) => device[field] !== null && label[field] !== null && factKey(device[field]) !== factKey(label[field]),
  );
  if (apart.length === 0) return null;
  return apart
    .map((field) => `node labels say ${field} ${String(label[field])}, the devices ${String(device[field])}`)
    .join('; ');
}
