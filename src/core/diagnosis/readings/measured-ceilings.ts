import type { NodeFacts } from '../../pool/node-facts.ts';
import type { PreflightCheck } from '../../pool/preflight/preflight.ts';
import { formatDuration } from '../../units/quantity/quantity-duration.ts';
import { makeReading, makeUnknown, type Reading } from './reading.ts';

/** What `plimsoll probe --active` measured of a node, as ceilings of a diagnosis. A data sheet is no ceiling. */
export interface MeasuredCeilings {
  /** When it was measured, Unix milliseconds; null where no fresh preflight is known. */
  readonly takenAtMs: number | null;
  /** Bytes a second of the fastest copy between the host and a device, by the index of the device. */
  readonly copyBytesPerSecond: ReadonlyMap<number, number>;
  /** Bytes a second of the fastest cold read of a file. */
  readonly storageBytesPerSecond: Reading;
  /** Bytes a second of the fastest read of a file that the page cache held. */
  readonly cachedBytesPerSecond: Reading;
  /** Why a ceiling that is not here is not known. */
  readonly missing: string;
}

/** Older measurements are no ceiling: drivers, slots and disks change. */
export const ceilingsHoldMs = 7 * 86_400_000;
/** Two clocks of one machine differ by less. */
const clockSlackMs = 60_000;
const hourMs = 3_600_000;
const remedy = 'plimsoll probe --active';

/** Ceilings of a node of which nothing was measured. @param why as `nothing was measured on this node` */
export const noCeilings = (why: string): MeasuredCeilings => ({
  takenAtMs: null,
  copyBytesPerSecond: new Map(),
  storageBytesPerSecond: makeUnknown(why),
  cachedBytesPerSecond: makeUnknown(why),
  missing: why,
});

/**
 * Returns the ceilings that the last preflight of a node measured.
 *
 * | preflight | ceilings |
 * |---|---|
 * | none | unknown, with the reason that the facts tell |
 * | of the future by more than a minute | unknown: a clock is wrong |
 * | older than 7 days | unknown, with its age |
 * | fresh | the fastest copy, and the fastest cold and cached read that passed; those that did not pass are no ceiling |
 *
 * Of several NUMA nodes one is near the device: the fastest copy is of that one. A copy that failed because the link is slow is a
 * ceiling all the same: the link carries no more.
 */
export function findMeasuredCeilings(
  { preflight, unknown }: Pick<NodeFacts, 'preflight' | 'unknown'>,
  nowMs: number,
): MeasuredCeilings {
  if (preflight === undefined) {
    return noCeilings(`nothing was measured on this node: ${unknown['preflight'] ?? remedy}`);
  }
  const ageMs = nowMs - preflight.takenAtMs;
  if (ageMs < -clockSlackMs) return noCeilings('the preflight of this node is of the future: a clock is wrong');
  if (ageMs > ceilingsHoldMs) {
    const age = formatDuration(Math.floor(ageMs / hourMs) * hourMs);
    return noCeilings(`the preflight of this node is ${age} old: ${remedy}`);
  }
  const copyBytesPerSecond = new Map<number, number>();
  for (const check of preflight.checks.filter(isCopy)) {
    const [, index] = /^GPU (\d+)\b/.exec(check.of) ?? [];
    if (index === undefined || check.bytesPerSecond === undefined) continue;
    const before = copyBytesPerSecond.get(Number(index)) ?? 0;
    copyBytesPerSecond.set(Number(index), Math.max(before, check.bytesPerSecond));
  }
  const missing = `the preflight of this node did not measure it: ${remedy}`;
  return {
    takenAtMs: preflight.takenAtMs,
    copyBytesPerSecond,
    storageBytesPerSecond: fastestRead(preflight.checks, 'storage-cold', missing),
    cachedBytesPerSecond: fastestRead(preflight.checks, 'storage-cached', missing),
    missing,
  };
}

/** Copies of memory that is held in place. Pageable memory passes through a second copy, and is no ceiling of the link. */
const isCopy = ({ kind }: PreflightCheck): boolean => kind === 'host-to-device' || kind === 'device-to-host';

function fastestRead(
  checks: readonly PreflightCheck[],
  of: 'storage-cold' | 'storage-cached',
  missing: string,
): Reading {
  const rates = checks.flatMap(({ kind, verdict, bytesPerSecond }) =>
    kind === of && verdict === 'pass' && bytesPerSecond !== undefined ? [bytesPerSecond] : [],
  );
  return rates.length === 0 ? makeUnknown(`${missing} with the files of the model`) : makeReading(Math.max(...rates));
}
