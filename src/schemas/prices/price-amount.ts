import * as z from 'zod';
import { splitNumber } from '../../core/units/quantity/quantity.ts';
import { readDuration } from '../../core/units/quantity/quantity-duration.ts';

const priceForm = 'an amount per time such as `2.50/h` or `0.0007/s`';
const secondsPerHour = 3_600;

/** Returns `2.50/h` as an amount per second, `2.50 / 3600`; null where the text has another form. */
export function readPerSecond(text: string): number | null {
  const [amount = '', span, ...more] = text.split('/').map((part) => part.trim());
  const isNegative = amount.startsWith('-');
  const parts = splitNumber(isNegative ? amount.slice(1).trim() : amount);
  if (parts === null || parts.unit !== '' || span === undefined || more.length > 0) return null;
  const spanMs = readDuration(/^\d/.test(span) ? span : `1${span}`);
  if (!spanMs.ok || spanMs.value <= 0) return null;
  const perSecond = (Number(parts.number) * 1_000) / spanMs.value;
  return isNegative ? -perSecond : perSecond;
}

const read = (of: (perSecond: number) => number | string) =>
  z.string({ error: `expected ${priceForm}` }).transform((text, context) => {
    const perSecond = readPerSecond(text);
    const result = perSecond === null ? `expected ${priceForm}` : of(perSecond);
    if (typeof result === 'number') return result;
    context.issues.push({ code: 'custom', input: text, message: result });
    return z.NEVER;
  });

/** An amount per second, 0 or more. */
export const pricePerSecond = read((perSecond) => (perSecond < 0 ? 'a price is not below zero' : perSecond));

/** In whole millionths an hour. Below zero is read, so that the check can name the entry. */
export const microsPerHour = read((perSecond) => Math.round(perSecond * secondsPerHour * 1_000_000));

export const currencyCode = z.string().regex(/^[A-Z]{3}$/, 'expected three capital letters, as EUR');
export const lateRequestPrice = z.number().nonnegative('a price is not below zero');
