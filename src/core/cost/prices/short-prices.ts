import type { Prices } from '../priced-terms.ts';
import type { DevicePrice, PriceBook } from './price-book.ts';

/** The short form of a price file: one price for each class, without a date and without a source. */
export type ShortPrices = Omit<Prices, 'coreSecond'>;

/** What a book of the short form says of its source. */
export const sourceNotStated = 'stated without a source';
/** The short form holds since ever. */
export const sinceEverMs = 0;

/**
 * Returns the short form as a book that is valid since ever. Prices keep twelve digits: `100/d` is 4166666.66666667 millionths
 * an hour, so that a digest of the short form stays what it was.
 */
export const bookOfShort = ({ currency, acceleratorSecond, lateRequest }: ShortPrices): PriceBook => ({
  currency,
  source: sourceNotStated,
  split: 'by-price',
  devices: Object.entries(acceleratorSecond).map(([deviceClass, price]) => ({
    ...{ deviceClass, purchase: 'on-demand', fromMs: sinceEverMs, untilMs: null, memory: null },
    microsPerHour: Number((price * 3_600_000_000).toPrecision(12)),
  })),
  ...{ cores: [], commitments: [], discounts: [], pools: {} },
  lateRequest,
});

/** Returns a book as it is, and the short form as a book: earlier versions stored the short form. */
export const asPriceBook = (stated: PriceBook | ShortPrices): PriceBook =>
  'acceleratorSecond' in stated ? bookOfShort(stated) : stated;

/** A price that the short form can say. */
export const isShortPrice = ({ purchase, fromMs, untilMs, memory }: DevicePrice): boolean =>
  purchase === 'on-demand' && fromMs === sinceEverMs && untilMs === null && memory === null;

/** Whether the short form says all that the book says. */
export const isShortBook = (book: PriceBook): boolean =>
  book.source === sourceNotStated &&
  book.split === 'by-price' &&
  book.devices.every(isShortPrice) &&
  book.cores.length + book.commitments.length + book.discounts.length + Object.keys(book.pools).length === 0;
