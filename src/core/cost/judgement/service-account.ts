import type { LedgerState } from '../ledger/state.ts';
import type { ServiceHour } from './service-hours.ts';

export const dayMs = 86_400_000;

/** What one service held, as its cost is judged. */
export interface ServiceAccount {
  /** From when on the account was read: what was before is not known. */
  readonly fromMs: number;
  /** Up to when everything is recorded. */
  readonly toMs: number;
  /** Hours in which the service held something, oldest first; the last one may not be over. At least those of the last day. */
  readonly hours: readonly ServiceHour[];
  /** Money of the hours before those, by day (UTC), oldest first. A day may be here and in `hours`, each with its part. */
  readonly days: readonly DayMoney[];
  /** Facts that cannot be true and are about replicas of the service, in words; of the last two hours. */
  readonly errors: readonly string[];
}

/** Money of hours of one day. */
export interface DayMoney extends Pick<ServiceHour, 'currency' | 'micros' | 'unpricedMs'> {
  readonly dayMs: number;
}

type Hour = Omit<ServiceHour, 'idle' | 'unattributableMs'>;

/** Returns days with hours added to them, in order of time. */
export function addToDays(days: readonly DayMoney[], hours: readonly Hour[]): readonly DayMoney[] {
  const byDay = new Map(days.map((day) => [day.dayMs, day]));
  for (const hour of hours) {
    const day = Math.floor(hour.hourMs / dayMs) * dayMs;
    byDay.set(day, addMoney(byDay.get(day) ?? { dayMs: day, currency: null, micros: 0, unpricedMs: 0 }, hour));
  }
  return [...byDay.values()].sort((a, b) => a.dayMs - b.dayMs);
}

function addMoney(day: DayMoney, hour: Hour): DayMoney {
  const heldMs = heldOf(hour) + hour.stateMs.unattributable;
  if (hour.currency === null || day.currency === hour.currency || day.currency === null) {
    return {
      dayMs: day.dayMs,
      currency: day.currency ?? hour.currency,
      micros: day.micros + hour.micros,
      unpricedMs: day.unpricedMs + hour.unpricedMs,
    };
  }
  return { ...day, unpricedMs: day.unpricedMs + heldMs };
}

/** Returns the days of an account with money, those of its hours included. */
export const listDays = ({ days, hours }: Pick<ServiceAccount, 'days' | 'hours'>): readonly DayMoney[] =>
  addToDays(days, hours);

const heldStates = ['serving', 'idle', 'loading', 'draining'] as const satisfies readonly LedgerState[];

/** Returns the time that replicas hold in an hour, what they did being known. */
export const heldOf = ({ stateMs }: Pick<ServiceHour, 'stateMs'>): number =>
  heldStates.reduce((sum, state) => sum + stateMs[state], 0);

/** Returns the hours that begin inside of a span before the end of the account. */
export const hoursWithin = ({ hours, toMs }: Pick<ServiceAccount, 'hours' | 'toMs'>, spanMs: number) =>
  hours.filter(({ hourMs }) => hourMs >= toMs - spanMs);
