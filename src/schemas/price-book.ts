import * as z from 'zod';
import { checkPriceBook, type PriceProblem } from '../core/cost/prices/check-price-book.ts';
import { purchases, splitMethods, type PriceBook, type Validity } from '../core/cost/prices/price-book.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { nearest } from '../core/units/nearest.ts';
import { splitNumber } from '../core/units/quantity/quantity.ts';
import { readDuration } from '../core/units/quantity/quantity-duration.ts';
import { readPlainYaml } from './source/plain-yaml.ts';

const priceForm = 'an amount per time such as `2.50/h` or `0.0007/s`';
const hourMs = 3_600_000;
const millionths = 1_000_000;

/** In whole millionths an hour. Below zero is read, so that the check can name the entry. */
const price = z.string({ error: `expected ${priceForm}` }).transform((text, context) => {
  const micros = microsPerHour(text);
  if (micros !== null) return micros;
  context.issues.push({ code: 'custom', input: text, message: `expected ${priceForm}` });
  return z.NEVER;
});

const day = z
  .union([z.iso.date(), z.iso.datetime()], { error: 'expected a day such as `2026-01-31`, UTC' })
  .transform((text) => Date.parse(text));
const currency = z.string().regex(/^[A-Z]{3}$/, 'expected three capital letters, as EUR');
const validity = { from: day, until: day.optional(), currency: currency.optional() };
const deviceClass = z.string().min(1, 'expected the name of a device class, or `default`');

export const priceBookSchema = z.strictObject({
  currency,
  source: z.string().min(1, 'expected where the prices come from, and its date'),
  split: z.enum(splitMethods).default('by-price'),
  devices: z
    .array(
      z.strictObject({
        class: deviceClass,
        purchase: z.enum(purchases).default('on-demand'),
        price,
        memory: z.strictObject({ gb: z.number().positive(), price }).optional(),
        ...validity,
      }),
    )
    .default([]),
  cores: z.array(z.strictObject({ purchase: z.enum(purchases).default('on-demand'), price, ...validity })).default([]),
  commitments: z
    .array(
      z.strictObject({
        id: z.string().min(1),
        class: deviceClass,
        devices: z.int(),
        upfront: z.number().default(0),
        price: price.default(0),
        ...validity,
        until: day,
      }),
    )
    .default([]),
  discounts: z
    .array(z.strictObject({ class: deviceClass.optional(), percent: z.number(), ...validity }).omit({ currency: true }))
    .default([]),
  pools: z.record(z.string().min(1), z.enum(purchases)).default({}),
  lateRequest: z.number().nonnegative('a price is not below zero').optional(),
});

type Written = z.infer<typeof priceBookSchema>;

/**
 * Reads a price book, YAML or JSON.
 *
 * ```yaml
 * currency: EUR
 * source: price list of Example Cloud, 2026-11-01
 * devices:
 *   - { class: NVIDIA H100 80GB HBM3, price: 2.50/h, from: 2026-01-01 }
 *   - { class: default, price: 1.00/h, from: 2026-01-01 }
 * cores: [{ price: 0.04/h, from: 2026-01-01 }]
 * ```
 * @throws PlimsollError `price-book-invalid` (input) with what is wrong, under which key, and what to write. A time without a
 * price between two prices, two prices at one time, two currencies and prices below zero are among it.
 */
export function readPriceBook(text: string, file: string): PriceBook {
  const read = readPlainYaml(text);
  if (!read.ok) throw invalid(file, `it is not YAML as it is read here: ${read.reason}`, 'write it as YAML or JSON');
  const result = priceBookSchema.safeParse(read.value);
  if (!result.success) {
    const sentences = result.error.issues.slice(0, 5).map(sentence).join('; ');
    throw invalid(file, sentences, 'write it as in docs/ledger.md, under Prices');
  }
  const book = toPriceBook(result.data);
  const [first, ...more] = [...checkCurrencies(result.data), ...checkPriceBook(book)];
  if (first === undefined) return book;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  throw invalid(file, `\`${first.where}\`: ${first.what}${others}`, first.next);
}

function toPriceBook({ devices, cores, commitments, discounts, ...book }: Written): PriceBook {
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

function checkCurrencies(book: Written): readonly PriceProblem[] {
  return (['devices', 'cores', 'commitments'] as const).flatMap((key) =>
    book[key].flatMap((each, index): readonly PriceProblem[] => {
      if (each.currency === undefined || each.currency === book.currency) return [];
      const what = `the price is in ${each.currency}, and the book in ${book.currency}`;
      return [{ where: `${key}[${index}]`, what, next: `write the price in ${book.currency}, or a book of its own` }];
    }),
  );
}

/** `2.50/h`: 2,500,000. */
function microsPerHour(text: string): number | null {
  const [amount = '', span, ...more] = text.split('/').map((part) => part.trim());
  const isNegative = amount.startsWith('-');
  const parts = splitNumber(isNegative ? amount.slice(1).trim() : amount);
  if (parts === null || parts.unit !== '' || span === undefined || more.length > 0) return null;
  const spanMs = readDuration(/^\d/.test(span) ? span : `1${span}`);
  if (!spanMs.ok || spanMs.value <= 0) return null;
  const micros = Math.round((Number(parts.number) * millionths * hourMs) / spanMs.value);
  return isNegative ? -micros : micros;
}

function sentence(issue: z.core.$ZodIssue): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const meant = nearest(key, issue.path.length === 0 ? Object.keys(priceBookSchema.shape) : entryKeys);
    return `\`${path === '' ? '' : `${path}.`}${key}\` is no key${meant === null ? '' : `; did you mean \`${meant}\`?`}`;
  }
  return `${path === '' ? 'the file' : `\`${path}\``}: ${issue.message}`;
}

const entryKeys = [
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

function invalid(file: string, what: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'price-book-invalid', category: 'input', message: `${file}: ${what}`, next });
}
