import { formatDuration, readDuration } from './quantity-duration.ts';
import { splitNumber, unreadable, type Quantity } from './quantity.ts';

export const moneyRateForm = 'an amount per time such as `120 USD/day`';
export const countRateForm = 'a count per time such as `1 per 30d`';

export interface MoneyRate {
  readonly amount: number;
  /** ISO 4217, three capital letters. */
  readonly currency: string;
  readonly perMs: number;
}
export interface CountRate {
  readonly count: number;
  readonly perMs: number;
}

const hourMs = 3_600_000;
/** A month is 30 days here, so that a budget is one number in each month of the year. */
const namedSpansMs: Readonly<Record<string, number>> = {
  hour: hourMs,
  day: 24 * hourMs,
  week: 7 * 24 * hourMs,
  month: 30 * 24 * hourMs,
};

/** `AMOUNT CURRENCY/SPAN`, the span `hour`, `day`, `week`, `month` (30 days) or a duration such as `30d`. */
export function readMoneyRate(text: string): Quantity<MoneyRate> {
  const parts = splitNumber(text);
  const match = parts === null ? null : /^([A-Za-z]{3}) ?\/ ?(.+)$/.exec(parts.unit);
  if (parts === null || match === null) return unreadable(moneyRateForm, missingOfMoneyRate(parts?.unit));
  const [, currency = '', span = ''] = match;
  const amount = Number(parts.number);
  if (currency !== currency.toUpperCase()) {
    return unreadable(moneyRateForm, `write the currency in capitals: \`${currency.toUpperCase()}\``);
  }
  const perMs = readSpan(span);
  if (perMs === null) return unreadable(moneyRateForm, 'the time is `hour`, `day`, `week`, `month` or such as `30d`');
  if (amount <= 0) return unreadable('an amount above zero');
  return { ok: true, value: { amount, currency, perMs } };
}

function missingOfMoneyRate(unit: string | undefined): string | undefined {
  if (unit === undefined) return 'it starts with a number';
  if (unit === '' || unit.startsWith('/')) return 'the currency is missing';
  return unit.includes('/') ? undefined : 'the time is missing: write `/day` behind it';
}

/** `COUNT per SPAN`. */
export function readCountRate(text: string): Quantity<CountRate> {
  const match = /^(\d{1,9}(?:\.\d{1,6})?) per (.+)$/.exec(text.trim());
  const perMs = match === null ? null : readSpan(match[2] ?? '');
  if (match === null || perMs === null) return unreadable(countRateForm);
  const count = Number(match[1]);
  return count > 0 ? { ok: true, value: { count, perMs } } : unreadable('a count above zero');
}

export const formatCountRate = ({ count, perMs }: CountRate): string => `${count} per ${formatDuration(perMs)}`;

function readSpan(text: string): number | null {
  const named = Object.hasOwn(namedSpansMs, text.trim()) ? namedSpansMs[text.trim()] : undefined;
  if (named !== undefined) return named;
  const duration = readDuration(text);
  return duration.ok && duration.value > 0 ? duration.value : null;
}
