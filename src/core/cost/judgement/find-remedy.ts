import type { Contract } from '../../contract/contract.ts';
import { defaults, effectiveScaling } from '../../contract/defaults.ts';
import { formatElapsed } from '../../units/quantity/quantity-duration.ts';
import { idleCauses, type IdleCause } from '../ledger/state.ts';
import { dayMs, hoursWithin, type ServiceAccount } from './service-account.ts';

/** A change of the contract, and what it takes away at most. */
export interface Remedy {
  readonly cause: IdleCause;
  /** What to do, as the beginning of a sentence. */
  readonly change: string;
  /** Idle time of the cause in the last 24 hours, device-milliseconds. */
  readonly idleMs: number;
  /** Its money, millionths; null where some of it has no price. */
  readonly micros: number | null;
  readonly currency: string | null;
}

/**
 * The change that takes away what a cause keeps idle.
 *
 * | cause | change |
 * |---|---|
 * | min-replicas, minimum above 1 | lower `scaling.replicas.min` |
 * | min-replicas, minimum 1 | `scaling.replicas.min: 0` with `toZero: when-proven` |
 * | warm-pool | lower `scaling.warmPool` |
 * | keep-previous | shorten `rollout.keepPrevious` |
 * | start-ahead | make starts shorter, so that fewer replicas are started ahead |
 * | fragmentation | `plimsoll pack` |
 * | no-demand, exclusive devices | let replicas share a device: `hardware.sharing` |
 * | no-demand, several cores a replica | fewer cores: `hardware.host.cpus` |
 * | no-demand otherwise | none: demand itself needs the replica |
 * | not-recorded | none: nobody recorded why |
 */
const changes: Readonly<Record<IdleCause, (contract: Contract) => string | null>> = {
  'min-replicas': (contract) => {
    const { min } = effectiveScaling(contract).replicas;
    if (min > 1) return `lower \`scaling.replicas.min\` (${min} now)`;
    return min === 1 ? 'let the service go to zero: `scaling.replicas.min: 0` and `scaling.toZero: when-proven`' : null;
  },
  'warm-pool': (contract) => {
    const { warmPool } = effectiveScaling(contract);
    return warmPool > 0 ? `lower \`scaling.warmPool\` (${warmPool} now)` : null;
  },
  'keep-previous': ({ rollout }) => {
    const keptMs = rollout?.keepPreviousMs ?? defaults.keepPreviousMs;
    return keptMs > 0 ? `shorten \`rollout.keepPrevious\` (${formatElapsed(keptMs)} now)` : null;
  },
  'start-ahead': () =>
    'make starts shorter (`plimsoll coldstart` names the phases), so that fewer replicas start ahead of demand',
  fragmentation: () => 'place replicas closer: `plimsoll pack`',
  'no-demand': ({ hardware }) => {
    if (hardware === undefined) return null;
    if (hardware.accelerator === 'cpu') {
      const cpus = hardware.host?.cpus ?? 1;
      return cpus > 1 ? `give each replica fewer cores: \`hardware.host.cpus\` (${cpus} now)` : null;
    }
    const isShared = hardware.sharing.some((each) => each !== 'exclusive');
    return isShared ? null : 'let replicas share a device: `hardware.sharing`';
  },
  'not-recorded': () => null,
};

/**
 * Returns the change that saves most of what a service kept idle in the last 24 hours; null where no change is known. By money
 * where all idle time has a price in one currency, else by time; ties in the order of the causes.
 */
export function findRemedy(account: ServiceAccount, contract: Contract): Remedy | null {
  const hours = hoursWithin(account, dayMs);
  const currencies = new Set(hours.flatMap(({ currency }) => (currency === null ? [] : [currency])));
  const [currency = null] = currencies.size === 1 ? currencies : [];
  const found = idleCauses.flatMap((cause): readonly Remedy[] => {
    const own = hours.flatMap(({ idle }) => idle[cause] ?? []);
    const idleMs = own.reduce((sum, each) => sum + each.idleMs, 0);
    const change = idleMs > 0 ? changes[cause](contract) : null;
    if (change === null) return [];
    const isPriced = currency !== null && own.every(({ micros }) => micros !== null);
    const micros = isPriced ? own.reduce((sum, each) => sum + (each.micros ?? 0), 0) : null;
    return [{ cause, change, idleMs, micros, currency: micros === null ? null : currency }];
  });
  const isByMoney = found.every(({ micros }) => micros !== null);
  const worth = ({ idleMs, micros }: Remedy): number => (isByMoney ? (micros ?? 0) : idleMs);
  return found.reduce<Remedy | null>((best, each) => (best === null || worth(each) > worth(best) ? each : best), null);
}

/** `lower \`scaling.replicas.min\` (2 now): min-replicas kept 22h 0m idle in 24 h (0.89 EUR)`. */
export function describeRemedy({ cause, change, idleMs, micros, currency }: Remedy): string {
  const money = micros === null || currency === null ? '' : `, ${(micros / 1_000_000).toFixed(2)} ${currency}`;
  return `${change}; saves at most ${formatElapsed(idleMs)} of device time${money} in 24 h (cause: ${cause})`;
}
