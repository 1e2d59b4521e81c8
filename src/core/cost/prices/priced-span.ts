import type { DeviceUnit, LedgerRow } from '../ledger/row.ts';
import { rowAmounts, withAmounts } from '../ledger/merge-rows.ts';
import { chargePools, type ChargedFleet } from './charge-pools.ts';
import type { PriceBook } from './price-book.ts';

export type FleetCharge = ChargedFleet['charges'][number];

/** What a commitment paid for and nobody had. */
export interface FleetUnused {
  readonly commitment: string;
  readonly currency: string;
  readonly deviceClass: string;
  /** Device-milliseconds. */
  readonly unusedMs: number;
  readonly micros: number;
}

/** Devices that somebody has time of; null: nobody. */
export interface SpanHolder {
  readonly unit: DeviceUnit;
  readonly service: string | null;
  readonly environment: string | null;
  readonly devices: readonly string[];
}

/**
 * The money of an hour or of a day. Rows are added up over devices and replicas, which have no names in them any more: a fleet
 * has some thousand times as many of these as of owners and states.
 */
export interface PricedSpan {
  /** Start of the hour or day, wall milliseconds. */
  readonly fromMs: number;
  readonly charges: readonly FleetCharge[];
  readonly unused: readonly FleetUnused[];
  readonly holders: readonly SpanHolder[];
}

/**
 * Returns the money of the rows of one hour.
 *
 * @param untilMs as `chargeRows`.
 */
export function priceHour(
  rows: readonly LedgerRow[],
  books: ReadonlyMap<string, PriceBook>,
  fromMs: number,
  untilMs = Infinity,
): PricedSpan {
  const { charges, ledgers } = chargePools(rows, books, untilMs);
  const unused = ledgers.flatMap(({ currency, unused: parts }) =>
    currency === null ? [] : parts.map((part) => ({ ...part, currency })),
  );
  const holders = rows.map(({ unit, owner, device }) => ({
    ...{ unit, service: owner?.service ?? null, environment: owner?.environment ?? null, devices: [device] },
  }));
  return addSpans([{ fromMs, charges, unused, holders }], fromMs);
}

/** Returns the money of some hours as that of one span. Each sum is exact, so the order of the hours does not matter. */
export function addSpans(spans: readonly PricedSpan[], fromMs: number): PricedSpan {
  return {
    fromMs,
    charges: mergeCharges(
      spans.flatMap(({ charges }) => charges),
      fromMs,
    ),
    unused: mergeUnused(spans.flatMap(({ unused }) => unused)),
    holders: mergeHolders(spans.flatMap(({ holders }) => holders)),
  };
}

function mergeCharges(charges: readonly FleetCharge[], fromMs: number): readonly FleetCharge[] {
  const merged = new Map<string, FleetCharge>();
  for (const charge of charges) {
    const key = chargeKey(charge);
    const before = merged.get(key);
    if (before === undefined) {
      merged.set(key, { ...charge, row: { ...charge.row, hourMs: fromMs, device: '', claim: null } });
      continue;
    }
    merged.set(key, {
      currency: charge.currency,
      listMicros: addMoney(before.listMicros, charge.listMicros),
      contractedMicros: addMoney(before.contractedMicros, charge.contractedMicros),
      effectiveMicros: addMoney(before.effectiveMicros, charge.effectiveMicros),
      row: withAmounts(before.row, (name) => before.row[name] + charge.row[name]),
    });
  }
  return [...merged.values()].filter(({ row, effectiveMicros }) => isSome(row) || (effectiveMicros ?? 0) !== 0);
}

const isSome = (row: LedgerRow): boolean => rowAmounts.some((name) => row[name] !== 0);

/** Both are null or neither is: charges with and without a price have different keys. */
const addMoney = (a: number | null, b: number | null): number | null => (a === null || b === null ? null : a + b);

/** All labels of a row but its hour, device and replica, and whether it has a price. */
function chargeKey({ row, currency, listMicros, effectiveMicros }: FleetCharge): string {
  const { pool, deviceClass, unit, state, owner, purpose, cause, reason, grade } = row;
  const { service, environment, release, team, model } = owner ?? {};
  return JSON.stringify([
    ...[pool, deviceClass, unit, state, service, environment, release, team, model, purpose, cause, reason, grade],
    ...[currency, listMicros === null, effectiveMicros === null],
  ]);
}

function mergeUnused(parts: readonly FleetUnused[]): readonly FleetUnused[] {
  const groups = Map.groupBy(parts, ({ commitment, currency }) => JSON.stringify([commitment, currency]));
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const { commitment, currency, deviceClass } = first;
    const unusedMs = same.reduce((sum, part) => sum + part.unusedMs, 0);
    return [{ commitment, currency, deviceClass, unusedMs, micros: same.reduce((sum, part) => sum + part.micros, 0) }];
  });
}

function mergeHolders(holders: readonly SpanHolder[]): readonly SpanHolder[] {
  const groups = Map.groupBy(holders, ({ unit, service, environment }) => JSON.stringify([unit, service, environment]));
  return [...groups.values()].flatMap((same) => {
    const [first] = same;
    return first === undefined ? [] : [{ ...first, devices: [...new Set(same.flatMap(({ devices }) => devices))] }];
  });
}
