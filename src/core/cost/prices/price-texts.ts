import { digestOf, type Digest } from '../../units/digest.ts';
import type { PriceBook, Validity } from './price-book.ts';
import { isShortPrice } from './short-prices.ts';

const millionths = 1_000_000;

/**
 * Returns what a book says, by key and in text: `prices.accelerators.default` is `2.50/h`. Books that say the same have equal
 * texts, in whatever form and order they are written. The source is left out: it is no price.
 *
 * | entry | key | text |
 * |---|---|---|
 * | device, on demand, since ever | `prices.accelerators.CLASS` | `2.50/h` |
 * | other device | `prices.devices.CLASS spot from 2026-01-01` | `2.50/h, memory 80 GB at 0.005/h` |
 * | core | `prices.cores on-demand from 2026-01-01` | `0.04/h` |
 * | commitment | `prices.commitments.ID` | devices, time, upfront and price |
 * | discount | `prices.discounts.1` | they follow one another, so their order counts |
 */
export function priceTexts(book: PriceBook): Readonly<Record<string, string>> {
  const { currency, split, devices, cores, commitments, discounts, pools, lateRequest } = book;
  return {
    'prices.currency': currency,
    ...(split === 'by-price' ? {} : { 'prices.split': split }),
    ...Object.fromEntries(
      devices.map((each) => {
        const { deviceClass, purchase, microsPerHour, memory } = each;
        if (isShortPrice(each)) return [`prices.accelerators.${deviceClass}`, hourText(microsPerHour)];
        const more = memory === null ? '' : `, memory ${memory.gb} GB at ${hourText(memory.microsPerGbHour)}`;
        return [`prices.devices.${deviceClass} ${purchase} ${validText(each)}`, `${hourText(microsPerHour)}${more}`];
      }),
    ),
    ...Object.fromEntries(
      cores.map((each) => [`prices.cores ${each.purchase} ${validText(each)}`, hourText(each.microsPerHour)]),
    ),
    ...Object.fromEntries(
      commitments.map((each) => [
        `prices.commitments.${each.id}`,
        `${each.devices} ${each.deviceClass} ${validText(each)}, ${amountText(each.upfrontMicros / millionths)} upfront, ${hourText(each.microsPerHour)}`,
      ]),
    ),
    ...Object.fromEntries(
      discounts.map((each, index) => [
        `prices.discounts.${index + 1}`,
        `${each.basisPoints / 100}% of ${each.deviceClass ?? 'all'} ${validText(each)}`,
      ]),
    ),
    ...Object.fromEntries(Object.entries(pools).map(([pool, purchase]) => [`prices.pools.${pool}`, purchase])),
    ...(lateRequest === null ? {} : { 'prices.lateRequest': amountText(lateRequest) }),
  };
}

/** Returns the digest of what a book says, whatever file or record says it. That of the short form is as it ever was. */
export const pricesDigest = (book: PriceBook): Digest => digestOf(priceTexts(book));

/** Returns an amount per second as one per hour: `2.50/h`. */
export const priceText = (perSecond: number): string => `${amountText(perSecond * 3_600)}/h`;

/** Returns millionths an hour as an amount per hour: `2.50/h`. */
export const hourText = (microsPerHour: number): string => `${amountText(microsPerHour / millionths)}/h`;

/** Returns a time as a day, where it is the start of one (UTC): `2026-01-31`. */
export const dayText = (atMs: number): string => new Date(atMs).toISOString().replace('T00:00:00.000Z', '');

const validText = ({ fromMs, untilMs }: Validity): string =>
  `from ${dayText(fromMs)}${untilMs === null ? '' : ` until ${dayText(untilMs)}`}`;

/** Twelve digits: `1/3600` of an amount, times 3600, is that amount again. */
function amountText(amount: number): string {
  const short = String(Number(amount.toPrecision(12)));
  return /^\d+(\.\d)?$/.test(short) ? Number(short).toFixed(2) : short;
}
