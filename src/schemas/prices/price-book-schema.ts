import * as z from 'zod';
import { checkPriceBook, type PriceProblem } from '../../core/cost/prices/check-price-book.ts';
import { purchases, splitMethods, type PriceBook, type Validity } from '../../core/cost/prices/price-book.ts';
import { currencyCode, lateRequestPrice, microsPerHour } from './price-amount.ts';

const millionths = 1_000_000;

const day = z
  .union([z.iso.date(), z.iso.datetime()], { error: 'expected a day such as `2026-01-31`, UTC' })
  .transform((text) => Date.parse(text));
const validity = { from: day, until: day.optional(), currency: currencyCode.optional() };
const deviceClass = z.string().min(1, 'expected the name of a device class, or `default`');

export const priceBookSchema = z.strictObject({
  currency: currencyCode,
  source: z.string().min(1, 'expected where the prices come from, and its date'),
  split: z.enum(splitMethods).default('by-price'),
  devices: z
    .array(
      z.strictObject({
        class: deviceClass,
        purchase: z.enum(purchases).default('on-demand'),
        price: microsPerHour,
        memory: z.strictObject({ gb: z.number().positive(), price: microsPerHour }).optional(),
        ...validity,
      }),
    )
    .default([]),
  cores: z
    .array(z.strictObject({ purchase: z.enum(purchases).default('on-demand'), price: microsPerHour, ...validity }))
    .default([]),
  commitments: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        class: deviceClass,
        devices: z.int(),
        upfront: z.number().default(0),
        price: microsPerHour.default(0),
        ...validity,
        until: day,
      }),
    )
    .default([]),
  discounts: z
    .array(z.strictObject({ class: deviceClass.optional(), percent: z.number(), ...validity }).omit({ currency: true }))
    .default([]),
  pools: z.record(z.string().min(1), z.enum(purchases)).default({}),
  lateRequest: lateRequestPrice.optional(),
});

export type WrittenBook = z.infer<typeof priceBookSchema>;

/** Returns what is wrong with a book beside its form: currencies, and what `checkPriceBook` names. */
export const findBookProblems = (written: WrittenBook, book: PriceBook): readonly PriceProblem[] => [
  ...checkCurrencies(written),
  ...checkPriceBook(book),
];

export function toPriceBook({ devices, cores, commitments, discounts, ...book }: WrittenBook): PriceBook {
  return {
    currency: book.currency,
    source: book.source,
    split: book.split,
    pools: book.pools,
    lateRequest: book.lateRequest ?? null,
    devices: devices.map((each) => ({
      ...validityOf(each),
      deviceClass: each.class,
      purchase: each.purchase,
      microsPerHour: each.price,
      memory: each.memory === undefined ? null : { gb: each.memory.gb, microsPerGbHour: each.memory.price },
    })),
    cores: cores.map((each) => ({ ...validityOf(each), purchase: each.purchase, microsPerHour: each.price })),
    commitments: commitments.map((each) => ({
      id: each.id,
      deviceClass: each.class,
      devices: each.devices,
      fromMs: each.from,
      untilMs: each.until,
      upfrontMicros: Math.round(each.upfront * millionths),
      microsPerHour: each.price,
    })),
    discounts: discounts.map((each) => ({
      ...validityOf(each),
      deviceClass: each.class ?? null,
      basisPoints: Math.round(each.percent * 100),
    })),
  };
}

const validityOf = ({ from, until }: { readonly from: number; readonly until?: number | undefined }): Validity => ({
  fromMs: from,
  untilMs: until ?? null,
});

function checkCurrencies(book: WrittenBook): readonly PriceProblem[] {
  return (['devices', 'cores', 'commitments'] as const).flatMap((key) =>
    book[key].flatMap((each, index): readonly PriceProblem[] => {
      if (each.currency === undefined || each.currency === book.currency) return [];
      const what = `the price is in ${each.currency}, and the book in ${book.currency}`;
      return [{ where: `${key}[${index}]`, what, next: `write the price in ${book.currency}, or a book of its own` }];
    }),
  );
}

/** Keys of entries, for the word that was most likely meant. */
export const entryKeys = [
  'class',
  'purchase',
  'price',
  'memory',
  'from',
  'until',
  'currency',
  'devices',
  'upfront',
  'percent',
];
