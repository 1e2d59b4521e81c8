import type { ServiceAccount } from '../../../core/cost/judgement/service-account.ts';
import type { ServiceHour } from '../../../core/cost/judgement/service-hours.ts';
import { ledgerStates, type LedgerState } from '../../../core/cost/ledger/state.ts';
import { hour, hour0 } from './ledger-builders.ts';

/** An hour of a service, of the states that are given; without a price. */
export const serviceHour = (
  index: number,
  stateMs: Partial<Record<LedgerState, number>>,
  over: Partial<ServiceHour> = {},
): ServiceHour => ({
  hourMs: hour0 + index * hour,
  stateMs: Object.fromEntries(ledgerStates.map((state) => [state, stateMs[state] ?? 0])) as ServiceHour['stateMs'],
  filledMs: 0,
  unratedMs: 0,
  idle: {},
  unattributableMs: {},
  currency: null,
  micros: 0,
  unpricedMs: 0,
  ...over,
});

/** An account that ends with its last hour. */
export const serviceAccount = (hours: readonly ServiceHour[], over: Partial<ServiceAccount> = {}): ServiceAccount => ({
  fromMs: hour0,
  toMs: (hours.at(-1)?.hourMs ?? hour0) + hour,
  hours,
  days: [],
  errors: [],
  ...over,
});
