import type { DeviceUnit } from '../ledger/row.ts';
import type { Prices } from '../priced-terms.ts';
import { productOf, type NamedClass } from './class-names.ts';
import { findPrice, isValidAt } from './find-price.ts';
import type { PriceBook } from './price-book.ts';

/** Where and when prices are asked for. */
export interface PricedPlace {
  readonly pool: string;
  readonly atMs: number;
  /** Device classes of the pool by digest, as far as they are known. */
  readonly classes: readonly NamedClass[];
}

/**
 * Returns what a book says to scaling at one time: the price of an accelerator-second by device class, after discounts, as the
 * pool buys it, and that of a core. A class of the pool also stands by its digest. Commitments are left out: their money is spent
 * whether a replica runs or not. Null where nothing has a price.
 */
export function pricesAt(book: PriceBook, { pool, atMs, classes }: PricedPlace): Prices | null {
  const priceOf = (deviceClass: string, unit: DeviceUnit): number | null => {
    const price = findPrice(book, { pool, deviceClass, unit }, atMs);
    return price === null ? null : price.contractedMicros / 1_000_000 / 3_600;
  };
  const own = new Set(book.devices.filter((price) => isValidAt(price, atMs)).map(({ deviceClass }) => deviceClass));
  const byDigest = classes
    .filter(({ digest, text }) => !own.has(digest) && own.has(productOf(text)))
    .map(({ digest, text }) => [digest, productOf(text)] as const);
  const named = [...[...own].map((name) => [name, name] as const), ...byDigest];
  const priced = named.flatMap(([key, deviceClass]) => {
    const price = priceOf(deviceClass, 'accelerator');
    return price === null ? [] : [[key, price] as const];
  });
  const coreSecond = priceOf('cpu', 'core');
  if (priced.length === 0 && coreSecond === null) return null;
  const { currency, lateRequest } = book;
  return { currency, acceleratorSecond: Object.fromEntries(priced), coreSecond, lateRequest };
}
