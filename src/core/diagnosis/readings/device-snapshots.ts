import { readDcgmSeries, type DcgmSample, type DeviceReading } from '../../cost/ledger/devices/read-dcgm-series.ts';
import type { DeviceFacts } from '../../pool/node-facts.ts';
import type { MeasuredCeilings } from './measured-ceilings.ts';
import type { DeviceSnapshot, ListReading } from './node-snapshot.ts';
import { makeReading, makeUnknown, mapReading, takeLargest, type Reading } from './reading.ts';

/** What a DCGM exporter is asked for. Names of dcgm-exporter, https://github.com/NVIDIA/dcgm-exporter, 2026-11. */
const fields = {
  smActive: 'DCGM_FI_PROF_SM_ACTIVE',
  dramActive: 'DCGM_FI_PROF_DRAM_ACTIVE',
  sent: 'DCGM_FI_PROF_PCIE_TX_BYTES',
  received: 'DCGM_FI_PROF_PCIE_RX_BYTES',
  clock: 'DCGM_FI_DEV_SM_CLOCK',
  used: 'DCGM_FI_DEV_FB_USED',
} as const;

export const deviceMetricNames: readonly string[] = Object.values(fields);

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

function snapshotOf(
  device: DeviceFacts,
  tell: (field: string) => Reading,
  { copyBytesPerSecond, missing }: MeasuredCeilings,
): DeviceSnapshot {
  const { uuid, index, link, throttleReasons, memoryBytes, numaNode } = device;
  const told = (value: number | null | undefined, what: string): Reading =>
    value === null || value === undefined
      ? makeUnknown(device.unknown[what] ?? `the driver does not tell ${what}`)
      : makeReading(value);
  const used = tell(fields.used);
  const copied = index === null ? undefined : copyBytesPerSecond.get(index);
  return {
    uuid,
    index,
    smActiveShare: tell(fields.smActive),
    dramActiveShare: tell(fields.dramActive),
    clockMhz: tell(fields.clock),
    clockMhzAtMost: makeUnknown('the largest clock is not read'),
    throttleReasons,
    linkGeneration: told(link?.generation, 'link.generation'),
    linkGenerationAtMost: told(link?.maxGeneration, 'link.maxGeneration'),
    linkWidth: told(link?.width, 'link.width'),
    linkWidthAtMost: told(link?.maxWidth, 'link.maxWidth'),
    busBytesPerSecond: takeLargest([tell(fields.sent), tell(fields.received)], ''),
    busBytesPerSecondAtMost: copied === undefined ? makeUnknown(missing) : makeReading(copied),
    memoryUsedBytes: mapReading(used, (mib) => mib * bytesOfMib),
    memoryTotalBytes: told(memoryBytes, 'memoryBytes'),
    numaNode: told(numaNode, 'numaNode'),
  };
}

/** The board's own reading; of one that is divided, none, because its instances are measured one by one. */
function tellBy(
  uuid: string | null,
  readings: readonly DeviceReading[],
  dcgm: DcgmReading,
): (field: string) => Reading {
  return (field) => {
    if ('unknown' in dcgm) return makeUnknown(dcgm.unknown);
    const found = readings.filter((reading) => reading.uuid === uuid && reading.metric === field && uuid !== null);
    const [first, ...others] = found;
    if (first === undefined) return makeUnknown(`DCGM does not tell ${field} of this accelerator`);
    if (others.length > 0) return makeUnknown(`${field} is told of several instances of this accelerator`);
    return first.value === null ? makeUnknown(`copies of ${field} contradict each other`) : makeReading(first.value);
  };
}
