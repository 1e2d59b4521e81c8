import * as z from 'zod';
import { PlimsollError } from '../core/units/errors.ts';
import { nearest } from '../core/units/nearest.ts';
import { splitNumber } from '../core/units/quantity/quantity.ts';
import { readDuration } from '../core/units/quantity/quantity-duration.ts';
import type { Prices } from '../core/cost/priced-terms.ts';
import { readPlainYaml } from './source/plain-yaml.ts';

const priceForm = 'an amount per time such as `2.50/h` or `0.0007/s`';

const price = z.string({ error: `expected ${priceForm}` }).transform((text, context) => {
  const second = perSecond(text);
  if (second !== null) return second;
  const message = text.trim().startsWith('-') ? 'a price is not below zero' : `expected ${priceForm}`;
  context.issues.push({ code: 'custom', input: text, message });
  return z.NEVER;
});

export const pricesSchema = z.strictObject({
  currency: z.string().regex(/^[A-Z]{3}$/, 'expected three capital letters, as EUR'),
  accelerators: z
    .record(
      z.string().regex(/^(default|sha256:[0-9a-f]{64})$/, 'expected `default`, or the digest of a device class'),
      price,
    )
    .refine((all) => Object.keys(all).length > 0, 'expected at least `default`'),
  lateRequest: z.number().nonnegative('a price is not below zero').optional(),
});

/**
 * ```yaml
 * currency: EUR
 * accelerators: { default: 2.50/h }
 * lateRequest: 0.002
 * ```
 * @throws PlimsollError `prices-invalid` (input), with what is wrong under which key.
 */
export function readPrices(text: string, file: string): Prices {
  const result = pricesSchema.safeParse(parsed(text, file));
  if (!result.success) throw pricesInvalid(file, result.error.issues.slice(0, 5).map(sentence).join('; '));
  return toPrices(result.data);
}

export function toPrices({ currency, accelerators, lateRequest }: z.infer<typeof pricesSchema>): Prices {
  return { currency, acceleratorSecond: accelerators, lateRequest: lateRequest ?? null };
}

/** `2.50/h`: 2.50 / 3600. */
function perSecond(text: string): number | null {
  const [amount = '', span, ...more] = text.split('/').map((part) => part.trim());
  const parts = splitNumber(amount);
  if (parts === null || parts.unit !== '' || span === undefined || more.length > 0) return null;
  const spanMs = readDuration(/^\d/.test(span) ? span : `1${span}`);
  return spanMs.ok && spanMs.value > 0 ? (Number(parts.number) * 1_000) / spanMs.value : null;
}

function parsed(text: string, file: string): unknown {
  const read = readPlainYaml(text);
  if (!read.ok) throw pricesInvalid(file, `it is not YAML as it is read here: ${read.reason}`);
  return read.value;
}

function sentence(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const meant = nearest(key, Object.keys(pricesSchema.shape));
    return `it has no key \`${key}\`${meant === null ? '' : `; did you mean \`${meant}\`?`}`;
  }
  if (issue.code === 'invalid_key') return `\`${path}\`: ${issue.issues[0]?.message ?? issue.message}`;
  return `${path === '' ? 'the file' : `\`${path}\``}: ${issue.message}`;
}

function pricesInvalid(file: string, what: string): PlimsollError {
  return new PlimsollError({
    code: 'prices-invalid',
    category: 'input',
    message: `${file}: ${what}`,
    next: 'write it as `currency: EUR` and `accelerators: { default: 2.50/h }`',
  });
}
