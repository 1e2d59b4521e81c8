import { splitNumber, unreadable, type Quantity } from './quantity.ts';

export const percentForm = 'a percentage such as `95%` or `99.9%`';

/** A share, 0 to 1. `99.9%` is exactly the number 0.999. */
export function readPercent(text: string): Quantity<number> {
  const parts = splitNumber(text);
  if (parts === null) return unreadable(percentForm);
  if (parts.unit !== '%') return unreadable(percentForm, percentHint(parts.number, parts.unit));
  const share = Number(`${parts.number}e-2`);
  if (share > 1) return unreadable('a percentage from 0% to 100%');
  return { ok: true, value: share };
}

function percentHint(number: string, unit: string): string | undefined {
  if (unit !== '') return undefined;
  const value = Number(number);
  return `the sign is missing: write \`${value < 1 ? formatPercent(value) : `${number}%`}\``;
}

/** `95%`, `99.9%`, `0.5%`: at most four decimals. */
export function formatPercent(share: number): string {
  return `${Number((share * 100).toFixed(4))}%`;
}
