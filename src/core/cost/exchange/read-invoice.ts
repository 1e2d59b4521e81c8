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

/**
 * Returns the lines of an invoice in FOCUS form. Money is `BilledCost`: what is on the invoice. A line without a readable cost,
 * currency or period is a problem, and is never taken for 0.
 * @throws PlimsollError `csv-invalid` (input).
 */
export function readInvoice(text: string): ReadInvoice {
  const lines: InvoiceLine[] = [];
  const problems: { readonly line: number; readonly message: string }[] = [];
  for (const row of readCsv(text)) {
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
