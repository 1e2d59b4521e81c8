import { digestOfClass, describeClass, type DeviceClass } from './device-class.ts';

/** A device that is there now and is of no class that was verified. */
export interface ClassDeparture {
  readonly found: DeviceClass;
  /** The verified class that it resembles most: what it was before, most likely. Null when nothing was verified. */
  readonly before: DeviceClass | null;
  /** `NVIDIA A100-SXM4-40GB: driver 570.148.8 -> 580.65.6`. */
  readonly change: string;
}

/**
 * The classes among `present` that were not verified. A fact that is not known now is no change: a probe that fails for a
 * moment says nothing about the hardware, so that a null agrees with anything.
 */
export function departures(
  verified: readonly DeviceClass[],
  present: readonly DeviceClass[],
): readonly ClassDeparture[] {
  const distinct = [...new Map(present.map((each) => [digestOfClass(each), each])).values()];
  return distinct.flatMap((found) => {
    const changes = verified.map((before) => ({ before, fields: changedFields(before, found) }));
    if (changes.some(({ fields }) => fields.length === 0)) return [];
    const [nearest] = changes.toSorted((a, b) => a.fields.length - b.fields.length);
    const before = nearest?.before ?? null;
    return [{ found, before, change: sentence(before, found, nearest?.fields ?? []) }];
  });
}

type FieldChange = readonly [field: string, from: string, to: string];

/** How certain a fact is and where it was read are no properties of the device. */
const notOfTheDevice = new Set(['certainty', 'sharing', 'replicas']);

const wordOf: Readonly<Record<string, string>> = {
  driverCuda: 'CUDA of the driver',
  computeCapability: 'compute capability',
  memoryBytes: 'memory in bytes',
  eccEnabled: 'ECC enabled',
  migLayout: 'MIG layout',
  pciDeviceId: 'PCI device id',
};

function changedFields(before: DeviceClass, found: DeviceClass): readonly FieldChange[] {
  const was: Readonly<Record<string, unknown>> = { ...before };
  return Object.entries(found).flatMap(([field, to]): FieldChange[] => {
    if (notOfTheDevice.has(field) || to === null || textOf(was[field]) === textOf(to)) return [];
    return [[field, textOf(was[field]), textOf(to)]];
  });
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return 'not known';
  if (!Array.isArray(value)) return String(value);
  const profiles = value.map((instance: { readonly profile: string | null }) => instance.profile ?? 'unnamed');
  return profiles.length === 0 ? 'off' : profiles.join(' ');
}

function sentence(before: DeviceClass | null, found: DeviceClass, fields: readonly FieldChange[]): string {
  if (before === null || fields.length > mostFieldsOfOneDevice) return `${describeClass(found)} was never verified`;
  const name = found.accelerator === 'cpu' ? 'the CPU' : (found.product ?? 'a device');
  return `${name}: ${fields.map(([field, from, to]) => `${wordOf[field] ?? field} ${from} -> ${to}`).join(', ')}`;
}

/** A driver upgrade moves two facts, a MIG change one; where more moved it is another device. */
const mostFieldsOfOneDevice = 3;
