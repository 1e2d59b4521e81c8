import type * as z from 'zod';
import type { PriceBook } from '../../core/cost/prices/price-book.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import { nearest } from '../../core/units/nearest.ts';
import { readPlainYaml } from '../source/plain-yaml.ts';
import { entryKeys, findBookProblems, priceBookSchema, toPriceBook } from './price-book-schema.ts';
import { shortPricesSchema, toBookOfShort } from './short-prices.ts';

/**
 * Reads a price book, YAML or JSON. The short form, which has `accelerators`, is read as a book that is valid since ever.
 *
 * ```yaml
 * currency: EUR
 * source: price list of Example Cloud, 2026-11-01
 * devices:
 *   - { class: NVIDIA H100 80GB HBM3, price: 2.50/h, from: 2026-01-01 }
 *   - { class: default, price: 1.00/h, from: 2026-01-01 }
 * cores: [{ price: 0.04/h, from: 2026-01-01 }]
 * ```
 * @throws PlimsollError `prices-invalid` (input) with what is wrong, under which key, and what to write. A time without a
 * price between two prices, two prices at one time, two currencies and prices below zero are among it.
 */
export function readPriceBook(text: string, file: string): PriceBook {
  const read = readPlainYaml(text);
  if (!read.ok) throw invalid(file, `it is not YAML as it is read here: ${read.reason}`, 'write it as YAML or JSON');
  if (isShortForm(read.value)) {
    const result = shortPricesSchema.safeParse(read.value);
    if (result.success) return toBookOfShort(result.data);
    const keys = Object.keys(shortPricesSchema.shape);
    throw invalid(file, sentences(result.error, keys), nextOfShort);
  }
  const result = priceBookSchema.safeParse(read.value);
  if (!result.success) {
    const keys = Object.keys(priceBookSchema.shape);
    throw invalid(file, sentences(result.error, keys), 'write it as in docs/cost.md, under Prices');
  }
  const book = toPriceBook(result.data);
  const [first, ...more] = findBookProblems(result.data, book);
  if (first === undefined) return book;
  const others = more.length === 0 ? '' : ` (and ${more.length} more)`;
  throw invalid(file, `\`${first.where}\`: ${first.what}${others}`, first.next);
}

const nextOfShort = 'write it as `currency: EUR` and `accelerators: { default: 2.50/h }`';
const keysOfBook: readonly string[] = Object.keys(priceBookSchema.shape).filter(
  (key) => !Object.hasOwn(shortPricesSchema.shape, key),
);

/** What has no key of a book is read as the short form, and refused as that. */
export function isShortForm(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || 'accelerators' in value) return true;
  const keys = Object.keys(value);
  return !keys.some((key) => keysOfBook.includes(key) || keysOfBook.includes(nearest(key, keysOfBook) ?? ''));
}

const sentences = (error: z.ZodError, keys: readonly string[]): string =>
  error.issues
    .slice(0, 5)
    .map((issue) => sentence(issue, keys))
    .join('; ');

function sentence(issue: z.core.$ZodIssue, keys: readonly string[]): string {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const meant = nearest(key, issue.path.length === 0 ? keys : entryKeys);
    return `\`${path === '' ? '' : `${path}.`}${key}\` is no key${meant === null ? '' : `; did you mean \`${meant}\`?`}`;
  }
  if (issue.code === 'invalid_key') return `\`${path}\`: ${issue.issues[0]?.message ?? issue.message}`;
  return `${path === '' ? 'the file' : `\`${path}\``}: ${issue.message}`;
}

function invalid(file: string, what: string, next: string): PlimsollError {
  return new PlimsollError({ code: 'prices-invalid', category: 'input', message: `${file}: ${what}`, next });
}
