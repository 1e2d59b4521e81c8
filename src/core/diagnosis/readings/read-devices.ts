import { averageGauge } from './counter.ts';
import { listOrNone, type DeviceSnapshot, type ListReading, type NodeSnapshot } from './node-snapshot.ts';
import {
  checkShare,
  combineReadings,
  isRead,
  makeReading,
  makeUnknown,
  takeLargestKnown,
  type Reading,
} from './reading.ts';
import type { Readings } from './window-readings.ts';

type DeviceReadings = Pick<
  Readings,
  | 'smActiveShare'
  | 'dramActiveShare'
  | 'harmfullyThrottledDevices'
  | 'clockShare'
  | 'linkGenerationShare'
  | 'linkWidthShare'
  | 'busUseShare'
  | 'devicesOnOtherNumaNode'
  | 'deviceMemoryUseShare'
  | 'devicesToBeReset'
  | 'devicesWithoutPeers'
>;

/**
 * Gigabytes a second that one PCIe lane carries one way, by generation.
 * Source: PCI Express Base Specification 6.0, raw rate less encoding (8b/10b to generation 2, 128b/130b to 5, 1b/1b in 6).
 */
const laneGigabytes: Readonly<Record<number, number>> = { 1: 0.25, 2: 0.5, 3: 0.985, 4: 1.969, 5: 3.938, 6: 7.563 };

/** No clock of an accelerator reaches it: a larger number is of another unit. */
const clockMhzEver = 10_000;
/** An idle link lowers its generation to save power: 1,415 changes in two minutes were seen. */
const loadedSmShare = 0.05;

/**
 * Reasons that hold clocks below what was asked for. Idle clocks, and a maximum that somebody set, are no fault.
 * Source: NVML, nvmlClocksEventReasons, 2026-11.
 */
const harmlessReason = /idle|applications_clocks|display_clock|^none$/i;

export const isHarmfulReason = (reason: string): boolean => !harmlessReason.test(reason);

/** What a window shows of the accelerators. Each reading is of the worst device, so that one bad board shows. */
export function measureDevices(
  before: NodeSnapshot,
  after: NodeSnapshot,
): { readonly values: DeviceReadings; readonly throttleReasons: readonly string[] } {
  const devices = pairDevices(before.devices, after.devices);
  if ('unknown' in devices) return { values: fillUnknown(devices.unknown), throttleReasons: [] };
  if (devices.list.length === 0) return { values: fillUnknown('the node has no accelerator'), throttleReasons: [] };
  const each = (read: (device: DeviceSnapshot) => Reading): readonly Reading[] => devices.list.map(read);
  const throttled = devices.list.map(({ throttleReasons }) => throttleReasons?.filter(isHarmfulReason) ?? null);
  return {
    throttleReasons: [...new Set(throttled.flatMap((reasons) => reasons ?? []))].sort(),
    values: {
      smActiveShare: averageOf(each(({ smActiveShare }) => checkShare(smActiveShare, 'SM activity'))),
      dramActiveShare: takeLargestKnown(
        each(({ dramActiveShare }) => checkShare(dramActiveShare, 'DRAM activity')),
        '',
      ),
      harmfullyThrottledDevices: countThrottled(throttled),
      clockShare: takeSmallestKnown(each(shareOfClock)),
      linkGenerationShare: takeSmallestKnown(each(shareOfGeneration)),
      linkWidthShare: takeSmallestKnown(each(({ linkWidth, linkWidthAtMost }) => shareOf(linkWidth, linkWidthAtMost))),
      busUseShare: takeLargestKnown(each(shareOfBus), ''),
      devicesOnOtherNumaNode: countForeign(after, devices.list),
      devicesToBeReset: countFlags(each(({ remapPending }) => remapPending)),
      devicesWithoutPeers:
        devices.list.length < 2 ? makeReading(0) : countFlags(each(({ peersRefused }) => peersRefused)),
      deviceMemoryUseShare: takeLargestKnown(
        each(({ memoryUsedBytes, memoryTotalBytes }) => shareOf(memoryUsedBytes, memoryTotalBytes)),
        '',
      ),
    },
  };
}

/**
 * Devices of both looks with the mean of their gauges. Two devices of one UUID are refused: an exporter that copies one device
 * to every sharer, or a driver that lists it twice, would count it twice.
 */
function pairDevices(
  before: ListReading<DeviceSnapshot>,
  after: ListReading<DeviceSnapshot>,
): ListReading<DeviceSnapshot> {
  if (!('list' in after)) return after;
  const uuids = after.list.map(({ uuid }) => uuid).filter((uuid) => uuid !== null);
  const twin = uuids.find((uuid, at) => uuids.indexOf(uuid) !== at);
  if (twin !== undefined)
    return { unknown: `two accelerators tell the UUID ${twin}, so that nothing is certain of either` };
  return {
    list: after.list.map((device) => {
      const first = listOrNone(before).find(({ uuid, index }) =>
        device.uuid === null ? index === device.index : uuid === device.uuid,
      );
      if (first === undefined) return device;
      return {
        ...device,
        smActiveShare: averageGauge(first.smActiveShare, device.smActiveShare),
        dramActiveShare: averageGauge(first.dramActiveShare, device.dramActiveShare),
        busBytesPerSecond: averageGauge(first.busBytesPerSecond, device.busBytesPerSecond),
        clockMhz: averageGauge(first.clockMhz, device.clockMhz),
        throttleReasons: keepSteady(first.throttleReasons, device.throttleReasons),
      };
    }),
  };
}

/** Reasons that stand at both looks: one that comes and goes, as a power cap does for a moment, holds nothing down. */
function keepSteady(first: readonly string[] | null, last: readonly string[] | null): readonly string[] | null {
  return first === null || last === null ? last : last.filter((reason) => first.includes(reason));
}

function countThrottled(throttled: readonly (readonly string[] | null)[]): Reading {
  const count = throttled.filter((reasons) => reasons !== null && reasons.length > 0).length;
  // One that is known to be throttled counts, whatever the others are.
  if (count > 0 || throttled.every((reasons) => reasons !== null)) return makeReading(count);
  return makeUnknown('the reasons for lowered clocks could not be read');
}

/** One that is known to be set counts, whatever the others are; none is known only where all are. */
function countFlags(flags: readonly Reading[]): Reading {
  const set = flags.filter((flag) => isRead(flag) && flag.value === 1).length;
  const unknown = flags.find((flag) => !isRead(flag));
  return set > 0 || unknown === undefined ? makeReading(set) : unknown;
}

function shareOfClock({ clockMhz, clockMhzAtMost }: DeviceSnapshot): Reading {
  const wrong = [clockMhz, clockMhzAtMost].find((clock) => isRead(clock) && clock.value > clockMhzEver);
  return wrong === undefined
    ? shareOf(clockMhz, clockMhzAtMost)
    : makeUnknown('the clock is told in another unit than MHz');
}

/** Judged under load alone, and unknown where it is not known whether there is load. */
function shareOfGeneration({ linkGeneration, linkGenerationAtMost, smActiveShare }: DeviceSnapshot): Reading {
  const busy = checkShare(smActiveShare, 'SM activity');
  if (!isRead(busy))
    return makeUnknown(`an idle link lowers its generation, and the load is not known: ${busy.unknown}`);
  if (busy.value < loadedSmShare) return makeUnknown('an idle link lowers its generation, and there is no load');
  return shareOf(linkGeneration, linkGenerationAtMost);
}

function shareOfBus(device: DeviceSnapshot): Reading {
  const { busBytesPerSecond: bytes, linkGenerationAtMost: generation, linkWidthAtMost: width } = device;
  const most = combineReadings(generation, width, (gen, lanes) => (laneGigabytes[gen] ?? NaN) * lanes * 1e9);
  if (isRead(bytes) && isRead(most) && bytes.value > most.value) {
    return makeUnknown('the bus carries more than its lanes can: the exporter tells another unit than bytes a second');
  }
  return shareOf(bytes, device.busBytesPerSecondAtMost);
}

function countForeign({ replicaNumaNodes }: NodeSnapshot, devices: readonly DeviceSnapshot[]): Reading {
  if (!('list' in replicaNumaNodes)) return makeUnknown(replicaNumaNodes.unknown);
  const unknown = devices.map(({ numaNode }) => numaNode).find((node) => !isRead(node));
  if (unknown !== undefined) return unknown;
  const { list } = replicaNumaNodes;
  return makeReading(devices.filter(({ numaNode }) => isRead(numaNode) && !list.includes(numaNode.value)).length);
}

/** Above 1 is a source that contradicts itself. */
function shareOf(part: Reading, whole: Reading): Reading {
  const share = combineReadings(part, whole, (a, b) => a / b);
  if (isRead(share) && share.value > 1.05) return makeUnknown('the value is above its own maximum');
  return isRead(share) ? makeReading(Math.min(1, share.value)) : share;
}

function takeSmallestKnown(readings: readonly Reading[]): Reading {
  const known = readings.filter(isRead);
  if (known.length > 0) return makeReading(Math.min(...known.map(({ value }) => value)));
  return readings[0] ?? makeUnknown('there is no accelerator');
}

/** Of all devices, because a request may run on any: unknown where one is. */
function averageOf(readings: readonly Reading[]): Reading {
  const unknown = readings.find((reading) => !isRead(reading));
  if (unknown !== undefined) return unknown;
  return makeReading(readings.reduce((sum, one) => sum + (isRead(one) ? one.value : 0), 0) / readings.length);
}

function fillUnknown(reason: string): DeviceReadings {
  const unknown = makeUnknown(reason);
  return {
    smActiveShare: unknown,
    dramActiveShare: unknown,
    harmfullyThrottledDevices: unknown,
    clockShare: unknown,
    linkGenerationShare: unknown,
    linkWidthShare: unknown,
    busUseShare: unknown,
    devicesOnOtherNumaNode: unknown,
    deviceMemoryUseShare: unknown,
    devicesToBeReset: unknown,
    devicesWithoutPeers: unknown,
  };
}
