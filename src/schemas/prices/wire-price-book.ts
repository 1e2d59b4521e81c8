import * as z from 'zod';
import { purchases, splitMethods, type PriceBook } from '../../core/cost/prices/price-book.ts';
import { bookOfShort, type ShortPrices } from '../../core/cost/prices/short-prices.ts';
import { checkPriceBook } from '../../core/cost/prices/check-price-book.ts';

const entriesAtMost = 1_000;
const currency = z.string().regex(/^[A-Z]{3}$/);
const amount = z.number().nonnegative();
const validity = { fromMs: z.number().int(), untilMs: z.number().int().nullable() };
const deviceClass = z.string().min(1).max(500);
const purchase = z.enum(purchases);

/** A price book on the wire. */
export const wirePriceBook: z.ZodType<PriceBook> = z.object({
  currency,
  source: z.string().min(1).max(2_000),
  split: z.enum(splitMethods),
  devices: z
    .array(
      z.object({
        ...validity,
        deviceClass,
        purchase,
        microsPerHour: amount,
        memory: z.object({ gb: z.number().positive(), microsPerGbHour: amount }).nullable(),
      }),
    )
    .max(entriesAtMost),
  cores: z.array(z.object({ ...validity, purchase, microsPerHour: amount })).max(entriesAtMost),
  commitments: z
    .array(
      z.object({
        id: z.string().min(1).max(500),
        deviceClass,
        devices: z.number().int().positive(),
        fromMs: z.number().int(),
        untilMs: z.number().int(),
        upfrontMicros: amount,
        microsPerHour: amount,
      }),
    )
    .max(entriesAtMost),
  discounts: z
    .array(z.object({ ...validity, deviceClass: deviceClass.nullable(), basisPoints: z.number().int() }))
    .max(entriesAtMost),
  pools: z.record(z.string().min(1), purchase).refine((all) => Object.keys(all).length <= entriesAtMost),
  lateRequest: amount.nullable(),
});

/** As command lines before price books sent prices, and as control planes before them answer. */
const wireShortPrices: z.ZodType<ShortPrices> = z.strictObject({
  currency,
  acceleratorSecond: z
    .record(z.string().regex(/^(default|sha256:[0-9a-f]{64})$/), amount)
    .refine((all) => Object.keys(all).length > 0 && Object.keys(all).length <= entriesAtMost),
  lateRequest: amount.nullable(),
});

/** A book or the short form, as a book that can be used. */
export const anyWirePrices = z.union([
  wireShortPrices.transform(bookOfShort),
  wirePriceBook.superRefine((book, context) => {
    for (const { where, what } of checkPriceBook(book)) {
      context.addIssue({ code: 'custom', message: `\`${where}\`: ${what}` });
    }
  }),
]);
