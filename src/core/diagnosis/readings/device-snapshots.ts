import { readDcgmSeries, type DcgmSample, type DeviceReading } from '../../cost/ledger/devices/read-dcgm-series.ts';
import type { DeviceFacts } from '../../pool/node-facts.ts';
import { checkFlag, checkGeneration, checkWidth, dcgmFields as fields, reasonsOfMask } from './dcgm-fields.ts';
import { noCeilings, type MeasuredCeilings } from './measured-ceilings.ts';
import type { DeviceSnapshot, ListReading } from './node-snapshot.ts';
import { isRead, makeReading, makeUnknown, mapReading, takeLargest, type Reading } from './reading.ts';

const bytesOfMib = 1024 * 1024;

/** Samples of DCGM, or why there are none. */
export type DcgmReading = { readonly samples: readonly DcgmSample[] } | { readonly unknown: string };

/**
 * Accelerators as the driver and DCGM tell them at one moment. The driver says which there are: DCGM through Prometheus tells
 * those of other nodes too. `GPU_UTIL` is not asked for: it says that a kernel ran, and not that the device was busy.
 *
 * @param devices facts of the driver; null where they are not known, for the reason `unknown`.
 * @param ceilings that a preflight of the node measured.
 */
export function makeDeviceSnapshots(
  devices: readonly DeviceFacts[] | null,
  unknown: string,
  dcgm: DcgmReading,
  ceilings: MeasuredCeilings,
): ListReading<DeviceSnapshot> {
  if (devices === null) return { unknown };
  const readings = 'samples' in dcgm ? readDcgmSeries(dcgm.samples) : [];
  return { list: devices.map((device) => snapshotOf(device, tellBy(device.uuid, readings, dcgm), ceilings)) };
}

/**
 * Accelerators of a node whose driver this program cannot ask: everything that DCGM tells of them.
 * @param uuids of the accelerators of the replica; null where nobody tells them.
 */
export function makeDistantDevices(
  uuids: readonly string[] | null,
  dcgm: DcgmReading,
  why: string,
): ListReading<DeviceSnapshot> {
  if (uuids === null) return { unknown: 'nobody tells which accelerators the replica has' };
  const readings = 'samples' in dcgm ? readDcgmSeries(dcgm.samples) : [];
  return {
    list: uuids.map((uuid) => snapshotOf({ ...distant, uuid }, tellBy(uuid, readings, dcgm), noCeilings(why), true)),
  };
}

type ToldDevice = Pick<
  DeviceFacts,
  'index' | 'uuid' | 'link' | 'throttleReasons' | 'memoryBytes' | 'numaNode' | 'state' | 'unknown'
>;

/** A device of which the driver tells nothing. */
const distant: ToldDevice = {
  ...{ index: null, uuid: null, link: null, throttleReasons: null, memoryBytes: null, numaNode: null, unknown: {} },
};

function snapshotOf(
  device: ToldDevice,
  tell: (field: string) => Reading,
  { copyBytesPerSecond, missing }: MeasuredCeilings,
  isDistant = false,
): DeviceSnapshot {
  const { uuid, index, link, throttleReasons, memoryBytes, numaNode, state } = device;
  const told = (value: number | null | undefined, what: string): Reading =>
    value === null || value === undefined
      ? makeUnknown(
          isDistant
            ? 'the driver of another node is not asked'
            : (device.unknown[what] ?? `the driver does not tell ${what}`),
        )
      : makeReading(value);
  /** The driver asks the device itself, at this moment; DCGM is asked where it does not tell. */
  const either = (reading: Reading, field: string, check: (told: Reading) => Reading = (same) => same): Reading => {
    if (isRead(reading)) return reading;
    const other = check(tell(field));
    return isRead(other) || isDistant ? other : reading;
  };
  const mebibytes = (field: string): Reading => mapReading(tell(field), (mib) => mib * bytesOfMib);
  const copied = index === null ? undefined : copyBytesPerSecond.get(index);
  return {
    uuid,
    index,
    smActiveShare: tell(fields.smActive),
    dramActiveShare: tell(fields.dramActive),
    clockMhz: tell(fields.clock),
    clockMhzAtMost: tell(fields.clockAtMost),
    throttleReasons:
      throttleReasons ?? reasonsOfMask(tell(fields.clockReasons)) ?? reasonsOfMask(tell(fields.throttleReasons)),
    linkGeneration: either(told(link?.generation, 'link.generation'), fields.generation, checkGeneration),
    linkGenerationAtMost: either(
      told(link?.maxGeneration, 'link.maxGeneration'),
      fields.generationAtMost,
      checkGeneration,
    ),
    linkWidth: either(told(link?.width, 'link.width'), fields.width, checkWidth),
    linkWidthAtMost: either(told(link?.maxWidth, 'link.maxWidth'), fields.widthAtMost, checkWidth),
    remapPending: either(told(remapOf(state), 'state.rowRemapping'), fields.remapPending, (reading) =>
      checkFlag(reading, fields.remapPending),
    ),
    peersRefused: told(refusedOf(state), 'state.peerAccess'),
    busBytesPerSecond: takeLargest([tell(fields.sent), tell(fields.received)], ''),
    busBytesPerSecondAtMost: copied === undefined ? makeUnknown(missing) : makeReading(copied),
    memoryUsedBytes: mebibytes(fields.used),
    memoryTotalBytes: isRead(told(memoryBytes, 'memoryBytes'))
      ? told(memoryBytes, 'memoryBytes')
      : mebibytes(fields.total),
    numaNode: told(numaNode, 'numaNode'),
  };
}

/** 1: rows wait for a reset to be replaced, or could not be replaced. */
const remapOf = (state: DeviceFacts['state']): number | null =>
  state?.rowRemapping === undefined ? null : state.rowRemapping === 'none' ? 0 : 1;

/** 1: the board cannot reach the memory of another one. Over NVLink it can, whatever PCIe allows. */
const refusedOf = (state: DeviceFacts['state']): number | null =>
  state?.nvlink === 'active' ? 0 : state?.peerAccess === undefined ? null : state.peerAccess === 'none' ? 1 : 0;

/** The board's own reading; of one that is divided, none, because its instances are measured one by one. */
function tellBy(
  uuid: string | null,
  readings: readonly DeviceReading[],
  dcgm: DcgmReading,
): (field: string) => Reading {
  return (field) => {
    if ('unknown' in dcgm) return makeUnknown(dcgm.unknown);
    if (uuid !== null && isTwin(uuid, dcgm.samples)) {
      return makeUnknown(`DCGM tells two accelerators of the UUID ${uuid}, so that nothing is certain of either`);
    }
    const found = readings.filter((reading) => reading.uuid === uuid && reading.metric === field && uuid !== null);
    const [first, ...others] = found;
    if (first === undefined) return makeUnknown(`DCGM does not tell ${field} of this accelerator`);
    if (others.length > 0) return makeUnknown(`${field} is told of several instances of this accelerator`);
    return first.value === null ? makeUnknown(`copies of ${field} contradict each other`) : makeReading(first.value);
  };
}

/** Whether series of one UUID name two places: an exporter, or a driver, that lists one twice. */
function isTwin(uuid: string, samples: readonly DcgmSample[]): boolean {
  const own = samples.filter(({ labels }) => labels.some(([name, value]) => name === 'UUID' && value === uuid));
  return ['Hostname', 'gpu'].some((place) => {
    const told = own.flatMap(({ labels }) => labels.flatMap(([name, value]) => (name === place ? [value] : [])));
    return new Set(told).size > 1;
  });
}
