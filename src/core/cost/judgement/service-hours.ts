import type { Charge } from '../prices/charge-rows.ts';
import {
  idleCauses,
  ledgerStates,
  unattributableReasons,
  type IdleCause,
  type LedgerState,
  type UnattributableReason,
} from '../ledger/state.ts';

/** What one service held in one hour. Times are device-milliseconds of the compute account. */
export interface ServiceHour {
  /** Start of the hour, milliseconds since 1970. */
  readonly hourMs: number;
  readonly stateMs: Readonly<Record<LedgerState, number>>;
  readonly filledMs: number;
  readonly unratedMs: number;
  readonly idle: Readonly<Partial<Record<IdleCause, Idle>>>;
  readonly unattributableMs: Readonly<Partial<Record<UnattributableReason, number>>>;
  /** Of the money; null where no time has a price. */
  readonly currency: string | null;
  /** Whole millionths. */
  readonly micros: number;
  /** Time without a price, or with one in another currency: money is never added over currencies. */
  readonly unpricedMs: number;
}

/** Idle time of one cause, with its money; null where some of it has no price. */
export interface Idle {
  readonly idleMs: number;
  readonly micros: number | null;
}

/** A charge with the currency of its pool's price book; null without a book. */
export interface CurrencyCharge extends Pick<Charge, 'row' | 'effectiveMicros'> {
  readonly currency: string | null;
}

/** Names a service in an environment. */
export const accountKey = (service: string, environment: string): string => JSON.stringify([service, environment]);

/**
 * Returns what each service held in one hour, by `accountKey`; time without an owner is left out. The currency of a service is
 * that of its first priced charge.
 * @param charges of one hour.
 */
export function sumServiceHours(charges: readonly CurrencyCharge[]): ReadonlyMap<string, ServiceHour> {
  const owned = charges.filter(({ row }) => row.owner !== null);
  const services = Map.groupBy(owned, ({ row }) => accountKey(row.owner?.service ?? '', row.owner?.environment ?? ''));
  return new Map(Array.from(services, ([key, own]) => [key, sumHour(own)]));
}

function sumHour(charges: readonly CurrencyCharge[]): ServiceHour {
  const currency = charges.find(isPriced)?.currency ?? null;
  const isOwn = (charge: CurrencyCharge): boolean => isPriced(charge) && charge.currency === currency;
  const priced = charges.filter(isOwn);
  const idle = charges.filter(({ row }) => row.state === 'idle');
  return {
    hourMs: charges[0]?.row.hourMs ?? 0,
    stateMs: Object.fromEntries(
      ledgerStates.map((state) => [state, timeOf(charges.filter(({ row }) => row.state === state))]),
    ) as Record<LedgerState, number>,
    filledMs: charges.reduce((sum, { row }) => sum + row.filledMs, 0),
    unratedMs: charges.reduce((sum, { row }) => sum + row.unratedMs, 0),
    idle: sumBy(idleCauses, (cause) => {
      const own = idle.filter(({ row }) => row.cause === cause);
      return own.length === 0 ? null : { idleMs: timeOf(own), micros: own.every(isOwn) ? moneyOf(own) : null };
    }),
    unattributableMs: sumBy(unattributableReasons, (reason) => {
      const own = charges.filter(({ row }) => row.reason === reason);
      return own.length === 0 ? null : timeOf(own);
    }),
    currency,
    micros: moneyOf(priced),
    unpricedMs: timeOf(charges.filter((charge) => !isOwn(charge))),
  };
}

const isPriced = ({ effectiveMicros, currency }: CurrencyCharge): boolean =>
  effectiveMicros !== null && currency !== null;
const timeOf = (charges: readonly CurrencyCharge[]): number => charges.reduce((sum, { row }) => sum + row.computeMs, 0);
const moneyOf = (charges: readonly CurrencyCharge[]): number =>
  charges.reduce((sum, { effectiveMicros }) => sum + (effectiveMicros ?? 0), 0);

function sumBy<Name extends string, Sum>(
  names: readonly Name[],
  sumOf: (name: Name) => Sum | null,
): Readonly<Partial<Record<Name, Sum>>> {
  const sums: Partial<Record<Name, Sum>> = {};
  for (const name of names) {
    const sum = sumOf(name);
    if (sum !== null) sums[name] = sum;
  }
  return sums;
}
