import type { DeviceFacts } from '../../core/pool/node-facts.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { QueriedDevice } from '../nvidia-smi-lines/query-csv.ts';
import {
  readBrand,
  readCount,
  readCuda,
  readDriver,
  readMebibytes,
  readName,
  readPciBusId,
  readPciDeviceId,
  readSwitch,
  readUuid,
  readWatts,
  readWidth,
  type ReadValue,
} from './told-value.ts';

const inUnit =
  <T>(read: ReadValue<T>, unit: string): ReadValue<T> =>
  (text) =>
    read(`${text} ${unit}`);

/** Columns that tell a fact of a device, by any of the names that nvidia-smi gives them. */
const columns: readonly (readonly [field: keyof DeviceFacts, names: readonly string[], read: ReadValue<unknown>])[] = [
  ['index', ['index'], readCount],
  ['uuid', ['uuid', 'gpu_uuid'], readUuid],
  ['product', ['name', 'gpu_name'], readName],
  ['brand', ['product.brand', 'gpu_brand'], readBrand],
  ['pciDeviceId', ['pci.device_id'], readPciDeviceId],
  ['pciBusId', ['pci.bus_id', 'gpu_bus_id'], readPciBusId],
  ['computeCapability', ['compute_cap'], readCuda],
  ['memoryBytes', ['memory.total'], inUnit(readMebibytes, 'MiB')],
  ['reservedBytes', ['memory.reserved'], inUnit(readMebibytes, 'MiB')],
  ['driver', ['driver_version'], readDriver],
  ['eccEnabled', ['ecc.mode.current'], readSwitch],
  ['powerLimitWatts', ['enforced.power.limit', 'power.limit'], inUnit(readWatts, 'W')],
];

const linkColumns = [
  ['generation', ['pcie.link.gen.current', 'pcie.link.gen.gpucurrent'], readCount],
  ['maxGeneration', ['pcie.link.gen.max'], readCount],
  ['width', ['pcie.link.width.current'], readWidth],
  ['maxWidth', ['pcie.link.width.max'], readWidth],
] as const;

/** Facts that cannot move while a node runs: where two outputs differ in one, they are not of one node. */
const identity: readonly (keyof DeviceFacts)[] = [
  'uuid',
  'product',
  'pciDeviceId',
  'pciBusId',
  'driver',
  'memoryBytes',
];

/** Facts that one row tells; absent where it has no such column or no value in it. */
function toldBy({ columns: cells }: QueriedDevice): Partial<DeviceFacts> {
  const told: Record<string, unknown> = {};
  for (const [field, names, read] of columns) {
    const value = names.map((name) => readCell(cells.get(name), read)).find((found) => found !== null);
    if (value !== undefined) told[field] = value;
  }
  return told;
}

function readCell<T>(cell: string | undefined, read: ReadValue<T>): T | null {
  return cell === undefined ? null : read(cell);
}

/**
 * The devices with what the rows add: the compute capability, and whatever the XML left out. The XML's own facts stand.
 * @throws PlimsollError `nvidia-smi-invalid` (input) for a row of another node.
 */
export function withQuery(devices: readonly DeviceFacts[], rows: readonly QueriedDevice[]): readonly DeviceFacts[] {
  const completed = [...devices];
  for (const row of rows) {
    const told = toldBy(row);
    const at = completed.findIndex((device) => isSame(device, told));
    const device = completed[at];
    if (device === undefined) {
      throw notOneNode(`line ${row.line} of the CSV is of a board (${nameOf(told)}) that is not in the XML`);
    }
    completed[at] = complete(device, told, row);
  }
  return completed;
}

/** By bus id where both tell it, else by UUID, else by index. */
export function isSame(
  device: Pick<DeviceFacts, 'pciBusId' | 'uuid' | 'index'>,
  other: Partial<Pick<DeviceFacts, 'pciBusId' | 'uuid' | 'index'>>,
): boolean {
  for (const key of ['pciBusId', 'uuid', 'index'] as const) {
    const [mine, theirs] = [device[key], other[key] ?? null];
    if (mine !== null && theirs !== null) return mine === theirs;
  }
  return false;
}

function complete(device: DeviceFacts, told: Partial<DeviceFacts>, row: QueriedDevice): DeviceFacts {
  for (const field of identity) {
    const [mine, theirs] = [device[field], told[field] ?? null];
    if (mine === null || theirs === null || mine === theirs) continue;
    throw notOneNode(
      `line ${row.line} of the CSV says ${field} ${String(theirs)}, the XML ${String(mine)} of ${nameOf(device)}`,
    );
  }
  // What the driver says of itself goes before what a table says of the board.
  const missing = Object.entries(told).filter(
    ([field]) => field === 'computeCapability' || device[field as keyof DeviceFacts] === null,
  );
  const link = linkWith(device.link, row);
  const settled = new Set([
    ...missing.map(([field]) => field),
    ...Object.entries(link ?? {}).flatMap(([field, value]) => (value === null ? [] : [`link.${field}`])),
  ]);
  const unknown = Object.fromEntries(Object.entries(device.unknown).filter(([field]) => !settled.has(field)));
  return { ...device, ...Object.fromEntries(missing), link, unknown };
}

function linkWith(link: DeviceFacts['link'], { columns: cells }: QueriedDevice): DeviceFacts['link'] {
  const none = { generation: null, maxGeneration: null, width: null, maxWidth: null };
  const whole = Object.fromEntries(
    linkColumns.map(([field, names, read]) => [
      field,
      (link ?? none)[field] ?? names.map((name) => readCell(cells.get(name), read)).find((v) => v !== null) ?? null,
    ]),
  ) as unknown as NonNullable<DeviceFacts['link']>;
  return Object.values(whole).every((value) => value === null) ? null : whole;
}

const nameOf = ({ pciBusId, uuid, index }: Partial<DeviceFacts>): string =>
  pciBusId ?? uuid ?? (index === undefined || index === null ? 'without a name' : `GPU ${index}`);

export function notOneNode(what: string): PlimsollError {
  return new PlimsollError({
    code: 'nvidia-smi-invalid',
    category: 'input',
    message: `the outputs of nvidia-smi are not of one node at one time: ${what}`,
    next: 'write them again on one node, one after the other',
  });
}
