import { Counter, Gauge, type Registry } from 'prom-client';
import { hourMs } from '../../core/cost/ledger/row.ts';
import { chargePools } from '../../core/cost/prices/charge-pools.ts';
import { readClosedHours } from './exports/closed-hours.ts';
import { readPoolBooks, type PoolBookParts } from './prices/read-pool-books.ts';

export interface CostMetrics {
  /** Counts hours that were closed since the last call. Never rejects: what cannot be read now is counted later. */
  update(): Promise<void>;
}

/** Services and environments with series of their own; time of further ones is of `_other`. */
const ownersAtMost = 1_000;
const hoursAtOnce = 24;
const other = '_other';

/**
 * Registers what device time cost as counters, by service, environment and state.
 *
 * They count each hour once it is closed, from the hour on that is the newest when this process takes the lease: whoever held the
 * lease before counted the earlier ones. Corrections are not counted, because a counter does not go down: `plimsoll cost` has
 * them. Time without an owner has an empty service.
 *
 * @param leaseHeld a process that stands by counts nothing, so that a sum over processes has each hour once.
 */
export function registerCostMetrics(
  registry: Registry,
  { store, bundles }: PoolBookParts,
  leaseHeld: () => boolean,
): CostMetrics {
  const registers = [registry];
  const labels = ['service', 'environment', 'state', 'unit'] as const;
  const seconds = new Counter({
    name: 'plimsoll_cost_device_seconds_total',
    help: 'Device time of closed hours, by state.',
    labelNames: labels,
    registers,
  });
  const money = new Counter({
    name: 'plimsoll_cost_money_total',
    help: 'Effective cost of device time of closed hours, in the currency.',
    labelNames: [...labels, 'currency'],
    registers,
  });
  const unusedMoney = new Counter({
    name: 'plimsoll_cost_unused_commitment_money_total',
    help: 'What commitments paid for and nobody had, in the currency.',
    labelNames: ['currency'],
    registers,
  });
  const unpriced = new Counter({
    name: 'plimsoll_cost_unpriced_device_seconds_total',
    help: 'Device time of closed hours without a price.',
    labelNames: ['unit'],
    registers,
  });
  let countedToMs: number | null = null;
  new Gauge({
    name: 'plimsoll_cost_counted_to_timestamp_seconds',
    help: 'End of the newest hour that is counted.',
    registers,
    collect() {
      this.set((countedToMs ?? 0) / 1_000);
    },
  });
  const owners = new Set<string>();
  const boundOwner = (owner: { readonly service: string; readonly environment: string } | null) => {
    if (owner === null) return { service: '', environment: '' };
    const { service, environment } = owner;
    const key = JSON.stringify([service, environment]);
    if (!owners.has(key) && owners.size >= ownersAtMost) return { service: other, environment: other };
    owners.add(key);
    return { service, environment };
  };

  async function countHours(fromMs: number, toMs: number): Promise<void> {
    const { first } = await readClosedHours(store, { fromMs, toMs });
    const { charges, ledgers } = chargePools(first, (await readPoolBooks({ store, bundles })).books);
    for (const { row, effectiveMicros, currency } of charges) {
      const { state, unit, computeMs } = row;
      const own = { ...boundOwner(row.owner), state, unit };
      seconds.inc(own, computeMs / 1_000);
      if (effectiveMicros === null || currency === null) unpriced.inc({ unit }, computeMs / 1_000);
      else money.inc({ ...own, currency }, effectiveMicros / 1_000_000);
    }
    for (const { currency, unused } of ledgers) {
      if (currency === null) continue;
      for (const { micros } of unused) unusedMoney.inc({ currency }, micros / 1_000_000);
    }
  }

  async function update(): Promise<void> {
    if (!leaseHeld()) {
      countedToMs = null;
      return;
    }
    const last = await store.lastLedgerHour();
    if (last === null) {
      countedToMs ??= 0;
      return;
    }
    const closedToMs = last + hourMs;
    const fromMs = countedToMs ?? closedToMs;
    const toMs = fromMs === 0 ? closedToMs : Math.min(closedToMs, fromMs + hoursAtOnce * hourMs);
    if (fromMs < toMs) await countHours(fromMs, toMs);
    countedToMs = toMs;
  }

  let updating: Promise<void> | null = null;
  return {
    // Two scrapes at once count an hour once.
    update: () => {
      updating ??= update()
        .catch(() => undefined)
        .finally(() => {
          updating = null;
        });
      return updating;
    },
  };
}
