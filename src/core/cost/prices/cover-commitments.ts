import { apportion, scaledDown } from '../apportion.ts';
import { hourMs } from '../ledger/row.ts';
import type { Commitment } from './price-book.ts';

/** What exists of one class in one hour. */
export interface DeviceHour {
  readonly device: string;
  /** Device-milliseconds. */
  readonly existedMs: number;
}

export interface Covered {
  /** By device: time that commitments pay for, and their money. */
  readonly devices: ReadonlyMap<string, { readonly coveredMs: number; readonly micros: number }>;
  /** Commitments that paid for more than exists. Nobody owns this money. */
  readonly unused: readonly UnusedCommitment[];
}

export interface UnusedCommitment {
  readonly hourMs: number;
  readonly commitment: string;
  readonly deviceClass: string;
  /** Device-milliseconds. */
  readonly unusedMs: number;
  readonly micros: number;
}

/**
 * Returns what commitments pay for in one hour of one class. Commitments are used up in order of their id, on devices in order
 * of theirs, so that the same inventory is always covered alike. The money of a commitment in an hour is split over what it
 * covers and what is unused by time, by largest remainder: it adds up.
 *
 * Worked: 2 devices are committed at 1.00 an hour and one exists: 1.00 is the device's, and 1.00 is unused.
 *
 * @param untilMs the hour counts up to here alone: an hour that is not over uses up no more of a commitment.
 */
export function coverCommitments(
  commitments: readonly Commitment[],
  deviceClass: string,
  hour: number,
  exists: readonly DeviceHour[],
  untilMs = hour + hourMs,
): Covered {
  const devices = new Map<string, { coveredMs: number; micros: number }>();
  const unused: UnusedCommitment[] = [];
  const order = [...exists].sort((a, b) => (a.device < b.device ? -1 : a.device > b.device ? 1 : 0));
  const own = commitments.filter(
    (each) => each.deviceClass === deviceClass && each.fromMs < hour + hourMs && hour < each.untilMs,
  );
  for (const commitment of own.sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const activeMs = Math.min(commitment.untilMs, hour + hourMs, untilMs) - Math.max(commitment.fromMs, hour);
    let left = Math.max(0, activeMs) * commitment.devices;
    const parts: { key: string; weight: number }[] = [];
    for (const { device, existedMs } of order) {
      const takenMs = Math.min(left, existedMs - (devices.get(device)?.coveredMs ?? 0));
      if (takenMs <= 0) continue;
      left -= takenMs;
      parts.push({ key: device, weight: takenMs });
    }
    const shares = apportion(commitmentMicros(commitment, hour, untilMs), [...parts, { key: '\uffff', weight: left }]);
    parts.forEach(({ key, weight }, index) => {
      const before = devices.get(key) ?? { coveredMs: 0, micros: 0 };
      devices.set(key, { coveredMs: before.coveredMs + weight, micros: before.micros + (shares[index] ?? 0) });
    });
    const micros = shares[parts.length] ?? 0;
    if (left > 0) unused.push({ hourMs: hour, commitment: commitment.id, deviceClass, unusedMs: left, micros });
  }
  return { devices, unused };
}

/** Money of a commitment in one hour: its share of what was paid upfront, and its hourly price. All hours add up. */
function commitmentMicros(
  { fromMs, untilMs, upfrontMicros, microsPerHour, devices }: Commitment,
  hour: number,
  countedUntilMs: number,
): number {
  const length = untilMs - fromMs;
  const from = Math.max(hour, fromMs) - fromMs;
  const to = Math.max(from, Math.min(hour + hourMs, untilMs, countedUntilMs) - fromMs);
  const spread = (amount: number): number => scaledDown(amount, to, length) - scaledDown(amount, from, length);
  const hourly = scaledDown(microsPerHour * devices, to, hourMs) - scaledDown(microsPerHour * devices, from, hourMs);
  return spread(upfrontMicros) + hourly;
}
