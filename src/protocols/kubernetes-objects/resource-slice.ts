import { arrayOf, isObject, objectAt, textOf, type JsonObject } from './json-object.ts';
import { readKubernetesQuantity } from './quantity.ts';

export type AttributeValue = string | number | boolean;

export interface SliceDevice {
  readonly name: string;
  /** By name without the driver's own domain: `productName`, `resource.kubernetes.io/pciBusID`. */
  readonly attributes: Readonly<Record<string, AttributeValue>>;
  readonly capacity: Readonly<Record<string, number>>;
  /** Numbers of the memory slices that it takes, from its capacity or its counters. */
  readonly memorySlices: readonly number[];
  /** May be given to several claims at once. */
  readonly shared: boolean;
}

/** A ResourceSlice of v1alpha3, v1beta1, v1beta2 or v1 in one shape. */
export interface ResourceSlice {
  readonly name: string;
  readonly driver: string;
  readonly pool: string;
  readonly generation: number;
  /** How many slices of that generation make the pool. */
  readonly sliceCount: number;
  /** Devices by node; the key null holds those of no single node. */
  readonly devices: ReadonlyMap<string | null, readonly SliceDevice[]>;
}

/** Null when the object says neither driver nor pool. */
export function resourceSliceOf(object: JsonObject): ResourceSlice | null {
  const spec = objectAt(object, 'spec');
  const pool = objectAt(spec, 'pool');
  const driver = textOf(spec['driver']);
  const poolName = textOf(pool['name']);
  if (driver === null || poolName === null) return null;
  const nodeName = textOf(spec['nodeName']);
  const devices = new Map<string | null, SliceDevice[]>();
  for (const entry of arrayOf(spec['devices'])) {
    if (!isObject(entry)) continue;
    const node = textOf(entry['nodeName']) ?? nodeName;
    devices.set(node, [...(devices.get(node) ?? []), sliceDevice(entry, driver)]);
  }
  if (devices.size === 0) devices.set(nodeName, []);
  return {
    name: textOf(objectAt(object, 'metadata')['name']) ?? '',
    driver,
    pool: poolName,
    generation: numberOf(pool['generation']) ?? 0,
    sliceCount: numberOf(pool['resourceSliceCount']) ?? 1,
    devices,
  };
}

const numberOf = (value: unknown): number | null =>
  typeof value === 'number' && Number.isSafeInteger(value) ? value : null;

/** v1beta1 and before wrap attributes and capacity in `basic`; later versions do not. */
function sliceDevice(entry: JsonObject, driver: string): SliceDevice {
  const body = isObject(entry['basic']) ? entry['basic'] : entry;
  const capacities = Object.entries(objectAt(body, 'capacity')).flatMap(([key, value]) => {
    const quantity = readKubernetesQuantity(isObject(value) ? value['value'] : value);
    return quantity === null ? [] : [[unqualified(key, driver), quantity] as const];
  });
  const counters = arrayOf(body['consumesCounters']).flatMap((one) => Object.keys(objectAt(one, 'counters')));
  const memorySlices = [...capacities.map(([key]) => key), ...counters].flatMap((key) => {
    const number = /^memory-?[sS]lice-?(\d{1,2})$/.exec(key)?.[1];
    return number === undefined ? [] : [Number(number)];
  });
  return {
    name: textOf(entry['name']) ?? '',
    attributes: attributesOf(objectAt(body, 'attributes'), driver),
    capacity: Object.fromEntries(capacities),
    memorySlices: [...new Set(memorySlices)].sort((a, b) => a - b),
    shared: body['allowMultipleAllocations'] === true,
  };
}

function attributesOf(attributes: JsonObject, driver: string): Readonly<Record<string, AttributeValue>> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([key, wrapped]): [string, AttributeValue][] => {
      const { string, version, int, bool } = objectAt(wrapped);
      const value = [string, version, int, bool].find((one) => one !== undefined);
      if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean') return [];
      return [[unqualified(key, driver), value]];
    }),
  );
}

/** An attribute without a domain is of the driver's. */
const unqualified = (key: string, driver: string): string =>
  key.startsWith(`${driver}/`) ? key.slice(driver.length + 1) : key;
