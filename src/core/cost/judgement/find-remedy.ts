import type { Contract } from '../../contract/contract.ts';
import { defaults, effectiveScaling } from '../../contract/defaults.ts';
import { formatElapsed } from '../../units/quantity/quantity-duration.ts';
import { findChange } from '../ledger/causes/find-change.ts';
import { idleCauses, type IdleCause } from '../ledger/state.ts';
import { formatMoney } from './format-money.ts';
import { dayMs, hoursWithin, type ServiceAccount } from './service-account.ts';

/** A change of the contract, and what it takes away at most. */
export interface Remedy {
  readonly cause: IdleCause;
  /** What to do, in sentences. */
  readonly change: string;
  /** Idle time of the cause in the last 24 hours, device-milliseconds. */
  readonly idleMs: number;
  /** Its money, millionths; null where some of it has no price. */
  readonly micros: number | null;
  readonly currency: string | null;
}

/**
 * Whether a contract leaves room for the change that `findChange` has for a cause.
 *
 * | cause | room while |
 * |---|---|
 * | min-replicas | the minimum is above 0 |
 * | warm-pool | there is one |
 * | keep-previous | the previous release is kept |
 * | asleep | replicas may sleep |
 * | start-ahead, fragmentation | always |
 * | no-demand | an accelerator is not shared yet, or a replica has more than one core |
 * | not-recorded | never: nobody recorded why |
 */
const hasRoom: Readonly<Record<IdleCause, (contract: Contract) => boolean>> = {
  'min-replicas': (contract) => effectiveScaling(contract).replicas.min > 0,
  'warm-pool': (contract) => effectiveScaling(contract).warmPool > 0,
  'keep-previous': ({ rollout }) => (rollout?.keepPreviousMs ?? defaults.keepPreviousMs) > 0,
  'start-ahead': () => true,
  asleep: (contract) => effectiveScaling(contract).sleep !== undefined,
  fragmentation: () => true,
  'no-demand': (contract) =>
    isOnCores(contract)
      ? (contract.hardware?.host?.cpus ?? 1) > 1
      : contract.hardware?.sharing.every((each) => each === 'exclusive') === true,
  'not-recorded': () => false,
};

const isOnCores = ({ hardware }: Contract): boolean => hardware === undefined || hardware.accelerator === 'cpu';

/**
 * Returns the change that saves most of what a service kept idle in the last 24 hours; null where no change is known. By money
 * where all idle time has a price in one currency, else by time; ties in the order of the causes.
 */
export function findRemedy(account: ServiceAccount, contract: Contract): Remedy | null {
  const hours = hoursWithin(account, dayMs);
  const currencies = new Set(hours.flatMap(({ currency }) => (currency === null ? [] : [currency])));
  const [currency = null] = currencies.size === 1 ? currencies : [];
  const unit = isOnCores(contract) ? 'core' : 'accelerator';
  const found = idleCauses.flatMap((cause): readonly Remedy[] => {
    const own = hours.flatMap(({ idle }) => idle[cause] ?? []);
    const idleMs = own.reduce((sum, each) => sum + each.idleMs, 0);
    const change = findChange({ unit, state: 'idle', cause })?.change;
    if (idleMs <= 0 || change === undefined || !hasRoom[cause](contract)) return [];
    const isPriced = currency !== null && own.every(({ micros }) => micros !== null);
    const micros = isPriced ? own.reduce((sum, each) => sum + (each.micros ?? 0), 0) : null;
    return [{ cause, change, idleMs, micros, currency: micros === null ? null : currency }];
  });
  const isByMoney = found.every(({ micros }) => micros !== null);
  const worth = ({ idleMs, micros }: Remedy): number => (isByMoney ? (micros ?? 0) : idleMs);
  return found.reduce<Remedy | null>((best, each) => (best === null || worth(each) > worth(best) ? each : best), null);
}

/** ``Lower `scaling.warmPool`. It saves at most 6h 0m of device time (1.32 EUR) in 24 h; cause: warm-pool``. */
export function describeRemedy({ cause, change, idleMs, micros, currency }: Remedy): string {
  const money = micros === null || currency === null ? '' : ` (${formatMoney(micros, currency)})`;
  return `${change} It saves at most ${formatElapsed(idleMs)} of device time${money} in 24 h; cause: ${cause}`;
}
