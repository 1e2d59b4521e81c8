import type { Prices } from '../priced-terms.ts';
import { isValidAt, type HourPrice, findPrice } from './find-price.ts';
import type { PriceBook } from './price-book.ts';

/**
 * Returns what a book says to scaling at one time: the price of an accelerator-second by device class, after discounts, as the
 * pool buys it. Commitments are left out: their money is spent whether a replica runs or not. Null where no class has a price.
 */
export function pricesAt(book: PriceBook, pool: string, atMs: number): Prices | null {
  const classes = new Set(book.devices.filter((price) => isValidAt(price, atMs)).map(({ deviceClass }) => deviceClass));
  const priced = [...classes].flatMap((deviceClass) => {
    const price = findPrice(book, { pool, deviceClass, unit: 'accelerator' }, atMs);
    return price === null ? [] : [[deviceClass, perSecond(price)] as const];
  });
  if (priced.length === 0) return null;
  return { currency: book.currency, acceleratorSecond: Object.fromEntries(priced), lateRequest: book.lateRequest };
}

const perSecond = ({ contractedMicros }: HourPrice): number => contractedMicros / 1_000_000 / 3_600;
