import { formatMoney } from '../../cost/judgement/format-money.ts';

/** Spares of one group, as they are shown. */
export interface ShownSpares {
  readonly wanted: number;
  readonly free: number;
  readonly starting: number;
  /** Starts that took one in the last 24 hours; absent where that is not told. */
  readonly takenLastDay?: number;
  /** What those that are free or starting cost an hour; null where a price is not known, absent where it is not told. */
  readonly pricePerHour?: { readonly micros: number; readonly currency: string } | null;
}

/** Returns one line: `2 wanted: 1 warm, 1 loading; 5 taken in the last day; 3.60 USD an hour`. What is not known is said. */
export function formatSpares({ wanted, free, starting, takenLastDay, pricePerHour }: ShownSpares): string {
  const price =
    pricePerHour === undefined || pricePerHour === null
      ? 'price unknown'
      : `${formatMoney(pricePerHour.micros, pricePerHour.currency)} an hour`;
  return [
    `${wanted} wanted: ${free} warm, ${starting} loading`,
    `${takenLastDay === undefined ? 'unknown how many were' : takenLastDay} taken in the last day`,
    price,
  ].join('; ');
}
