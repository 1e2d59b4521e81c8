/** A number that was read, or the reason why it was not. An unknown number is never zero. */
export type Reading = { readonly value: number } | { readonly unknown: string };

/** The number as a reading; unknown where it is no finite number. */
export const makeReading = (value: number): Reading =>
  Number.isFinite(value) ? { value } : { unknown: `what was read is no number (${value})` };

export const makeUnknown = (reason: string): Reading => ({ unknown: reason });

export const isRead = (reading: Reading): reading is { readonly value: number } => 'value' in reading;

/** The number, or null where it is unknown. */
export const valueOrNull = (reading: Reading): number | null => (isRead(reading) ? reading.value : null);

/** The reading with its number changed; unknown stays unknown. */
export const mapReading = (reading: Reading, change: (value: number) => number): Reading =>
  isRead(reading) ? makeReading(change(reading.value)) : reading;

/** One number of two; unknown, with the first reason, where either is unknown. */
export function combineReadings(a: Reading, b: Reading, combine: (a: number, b: number) => number): Reading {
  if (!isRead(a)) return a;
  return isRead(b) ? makeReading(combine(a.value, b.value)) : b;
}

/** `part / whole`; unknown where `whole` is zero, because nothing happened that a share could be of. */
export function makeShare(part: Reading, whole: Reading, nothing: string): Reading {
  if (isRead(whole) && whole.value <= 0 && isRead(part)) return makeUnknown(nothing);
  return combineReadings(part, whole, (a, b) => a / b);
}

/** A share as its source tells it; unknown outside 0 to 1, where the source tells another unit than a share. */
export function checkShare(reading: Reading, what: string): Reading {
  if (!isRead(reading) || (reading.value >= 0 && reading.value <= 1)) return reading;
  return makeUnknown(`${what} reads ${reading.value}, which is no share of 1: its source tells another unit`);
}

/** The largest of the numbers; unknown where any is unknown, because that one may be the largest. None: unknown for `nothing`. */
export function takeLargest(readings: readonly Reading[], nothing: string): Reading {
  if (readings.length === 0) return makeUnknown(nothing);
  return readings.reduce((a, b) => combineReadings(a, b, Math.max));
}

/** The largest of the numbers that are known; the first reason where none is. */
export function takeLargestKnown(readings: readonly Reading[], nothing: string): Reading {
  const known = readings.filter(isRead);
  if (known.length > 0) return makeReading(Math.max(...known.map(({ value }) => value)));
  return readings[0] ?? makeUnknown(nothing);
}

/** The sum of the numbers; unknown where any is unknown. None: unknown for `nothing`. */
export function addReadings(readings: readonly Reading[], nothing: string): Reading {
  if (readings.length === 0) return makeUnknown(nothing);
  return readings.reduce((a, b) => combineReadings(a, b, (x, y) => x + y));
}
