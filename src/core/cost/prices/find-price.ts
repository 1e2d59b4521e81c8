import type { DeviceUnit } from '../ledger/row.ts';
import type { Discount, PriceBook, Validity } from './price-book.ts';

/** What one device costs for an hour, in whole millionths. */
export interface HourPrice {
  readonly listMicros: number;
  /** After discounts. */
  readonly contractedMicros: number;
  /** Weights of the compute and the memory account, by the book's method. */
  readonly computeWeight: number;
  readonly memoryWeight: number;
}

export const isValidAt = ({ fromMs, untilMs }: Validity, atMs: number): boolean =>
  fromMs <= atMs && (untilMs === null || atMs < untilMs);

/**
 * Returns the price of a device at a time; null where the book has none. A class without a price costs what `default` does.
 * Discounts follow one another: 10% and 5% leave 85.5%, rounded to the nearest millionth.
 */
export function findPrice(
  book: PriceBook,
  { pool, deviceClass, unit }: { readonly pool: string; readonly deviceClass: string; readonly unit: DeviceUnit },
  atMs: number,
): HourPrice | null {
  const purchase = book.pools[pool] ?? 'on-demand';
  const fits = <Entry extends Validity & { readonly purchase: string }>(entry: Entry): boolean =>
    entry.purchase === purchase && isValidAt(entry, atMs);
  const discounts = book.discounts.filter(
    (discount) => isValidAt(discount, atMs) && (discount.deviceClass === null || discount.deviceClass === deviceClass),
  );
  if (unit === 'core') {
    const core = book.cores.find(fits);
    return core === undefined
      ? null
      : discounted(Math.round(core.microsPerHour), discounts, { computeWeight: 1, memoryWeight: 0 });
  }
  const valid = book.devices.filter(fits);
  const price =
    valid.find((each) => each.deviceClass === deviceClass) ?? valid.find((each) => each.deviceClass === 'default');
  if (price === undefined) return null;
  const memoryMicros = price.memory === null ? 0 : Math.round(price.memory.gb * price.memory.microsPerGbHour);
  // The short form keeps twelve digits.
  const deviceMicros = Math.round(price.microsPerHour);
  return discounted(deviceMicros + memoryMicros, discounts, weightsOf(book, deviceMicros, memoryMicros));
}

function weightsOf(
  { split }: PriceBook,
  computeMicros: number,
  memoryMicros: number,
): Pick<HourPrice, 'computeWeight' | 'memoryWeight'> {
  switch (split) {
    case 'by-price':
      return { computeWeight: computeMicros, memoryWeight: memoryMicros };
    case 'even':
      return { computeWeight: 1, memoryWeight: 1 };
    case 'compute-slices':
      return { computeWeight: 1, memoryWeight: 0 };
    case 'memory-slices':
      return { computeWeight: 0, memoryWeight: 1 };
  }
}

function discounted(
  listMicros: number,
  discounts: readonly Discount[],
  weights: Pick<HourPrice, 'computeWeight' | 'memoryWeight'>,
): HourPrice {
  const contracted = discounts.reduce(
    (micros, { basisPoints }) => (micros * (10_000 - basisPoints)) / 10_000,
    listMicros,
  );
  return { listMicros, contractedMicros: Math.round(contracted), ...weights };
}
