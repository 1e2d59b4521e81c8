import type { CostReport, CostUnit } from '../../../src/schemas/http/cost/http-cost.ts';

/** Money of a group: absent where the control plane knows no prices, null where no row of the group has one. */
interface Priced {
  readonly micros?: number | null;
  readonly unpricedMs?: number;
}

export type Sums = CostUnit['total'] & Priced;
export type CostGroup = CostUnit['groups'][number] & Priced;
export type Report = CostReport & { readonly currency?: string | null };

/** What the page counts in: money where the account has prices, else time. */
export type Measure =
  | { readonly kind: 'money'; readonly currency: string }
  /** Hours of a device, of which the unit is the name: `accelerator`, `core`. */
  | { readonly kind: 'hours'; readonly unit: CostUnit['unit'] };

export function chooseMeasure({ currency = null }: Report, { unit, total }: CostUnit): Measure {
  const { micros = null }: Sums = total;
  return currency === null || micros === null ? { kind: 'hours', unit } : { kind: 'money', currency };
}

/** Millionths of the currency, or milliseconds of a device. What has no price costs nothing here. */
export function amountOf({ computeMs, micros }: Pick<Sums, 'computeMs' | 'micros'>, { kind }: Measure): number {
  return kind === 'money' ? (micros ?? 0) : computeMs;
}

/** `12.34 EUR`, `0.0042 EUR`; `12.3 accelerator-hours`. */
export function formatAmount(amount: number, measure: Measure): string {
  return `${formatNumber(amount, measure)} ${measureName(measure)}`;
}

/** `EUR`, `accelerator-hours`: for the head of a column. */
export const measureName = (measure: Measure): string =>
  measure.kind === 'money' ? measure.currency : `${measure.unit}-hours`;

/**
 * The number alone. Money has two digits after the point, hours have three digits in all; both have as many as show two that
 * are not zero.
 */
export function formatNumber(amount: number, { kind }: Measure): string {
  const value = amount / unitAmounts[kind];
  const size = Math.abs(value);
  if (size === 0) return '0';
  if (size < 0.095) return value.toFixed(Math.min(6, 1 - Math.floor(Math.log10(size))));
  if (kind === 'money') return groupDigits(value.toFixed(2));
  return groupDigits(value.toFixed(size < 9.995 ? 2 : size < 99.95 ? 1 : 0));
}

/** A round number beside an axis, with the digits that it has: `60`, `0.125`. */
export const formatTick = (amount: number, { kind }: Measure): string =>
  groupDigits(String(Number((amount / unitAmounts[kind]).toPrecision(3))));

/** What one of the unit is in amounts. */
export const unitAmounts = { money: 1_000_000, hours: 3_600_000 } as const;

const groupDigits = (text: string): string => text.replace(/\B(?<!\..*)(?=(?:\d{3})+(?:\.|$))/g, ',');

/** `31%`; `<1%` where there is some, so that what is there is never called nothing. */
export function formatPart(amount: number, total: number): string {
  if (total <= 0 || amount <= 0) return '0%';
  const share = amount / total;
  if (share < 0.01) return '<1%';
  return share > 0.99 && share < 1 ? '>99%' : `${Math.round(share * 100)}%`;
}
