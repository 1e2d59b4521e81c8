import * as z from 'zod';
import { bookOfShort } from '../../core/cost/prices/short-prices.ts';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import { currencyCode, lateRequestPrice, pricePerSecond } from './price-amount.ts';

/**
 * The short form of a price file:
 *
 * ```yaml
 * currency: EUR
 * accelerators: { default: 2.50/h }
 * lateRequest: 0.002
 * ```
 */
export const shortPricesSchema = z.strictObject({
  currency: currencyCode,
  accelerators: z
    .record(
      z.string().regex(/^(default|sha256:[0-9a-f]{64})$/, 'expected `default`, or the digest of a device class'),
      pricePerSecond,
    )
    .refine((all) => Object.keys(all).length > 0, 'expected at least `default`'),
  lateRequest: lateRequestPrice.optional(),
});

export const toBookOfShort = ({ currency, accelerators, lateRequest }: z.infer<typeof shortPricesSchema>): PriceBook =>
  bookOfShort({ currency, acceleratorSecond: accelerators, lateRequest: lateRequest ?? null });
