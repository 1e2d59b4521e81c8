import { PlimsollError } from '../../units/errors.ts';
import { readCsv, type CsvRow } from './csv-text.ts';
import { readMoney } from './money-text.ts';

/** One line of an invoice in FOCUS form. */
export interface InvoiceLine {
  /** Of the file, from 1. */
  readonly line: number;
  /** Null where the line names no resource: tax, support. */
  readonly resource: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly currency: string;
  readonly micros: number;
  readonly description: string;
}

export interface ReadInvoice {
  readonly lines: readonly InvoiceLine[];
  /** Lines that cannot be read, with the reason. */
  readonly problems: readonly { readonly line: number; readonly message: string }[];
}

const neededColumns = ['BilledCost', 'BillingCurrency', 'ChargePeriodStart', 'ChargePeriodEnd'] as const;

/** Returns the lines of an invoice as CSV, as `readInvoiceRows` does. @throws PlimsollError `csv-invalid` (input) as well. */
export const readInvoice = (text: string): ReadInvoice => readInvoiceRows(readCsv(text));

/**
 * Returns the lines of an invoice in FOCUS form. Money is `BilledCost`: what is on the invoice. A line without a readable cost,
 * currency or period is a problem, and is never taken for 0.
 * @throws PlimsollError `invoice-without-columns` (input) for a table that is no FOCUS.
 */
export function readInvoiceRows(rows: readonly CsvRow[]): ReadInvoice {
  const missing = neededColumns.filter((name) => rows[0] !== undefined && !Object.hasOwn(rows[0].fields, name));
  if (missing.length > 0) throw withoutColumns(missing);
  const lines: InvoiceLine[] = [];
  const problems: { readonly line: number; readonly message: string }[] = [];
  for (const row of rows) {
    const read = readLine(row);
    if (typeof read === 'string') problems.push({ line: row.line, message: `line ${row.line}: ${read}` });
    else lines.push(read);
  }
  return { lines, problems };
}

function readLine({ line, fields }: CsvRow): InvoiceLine | string {
  const field = (name: string): string | null => (Object.hasOwn(fields, name) ? (fields[name] ?? null) : null);
  const [cost, currency] = [field('BilledCost'), field('BillingCurrency')];
  const micros = cost === null ? null : readMoney(cost);
  if (micros === null) return `BilledCost is ${cost ?? 'empty'}, and no decimal number`;
  if (currency === null) return 'BillingCurrency is empty';
  const [fromMs, toMs] = [readTime(field('ChargePeriodStart')), readTime(field('ChargePeriodEnd'))];
  if (fromMs === null || toMs === null || fromMs >= toMs) return 'ChargePeriodStart and ChargePeriodEnd are no period';
  const description = field('ChargeDescription') ?? '';
  return { line, resource: field('ResourceId'), fromMs, toMs, currency, micros, description };
}

/** `2026-01-01T00:00:00Z`, and the same with a blank in place of the T; a day is its start. Times without a zone are UTC. */
function readTime(text: string | null): number | null {
  const match = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})?)?$/.exec(
    text ?? '',
  );
  if (match === null) return null;
  const [, day = '', time = '00:00:00', zone = 'Z'] = match;
  const atMs = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(atMs) ? null : atMs;
}

function withoutColumns(missing: readonly string[]): PlimsollError {
  return new PlimsollError({
    code: 'invoice-without-columns',
    category: 'input',
    message: `the invoice has no column ${missing.join(', ')}`,
    next: 'export it in FOCUS form: https://focus.finops.org',
  });
}
