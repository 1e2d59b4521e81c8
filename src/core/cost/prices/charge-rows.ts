import { apportion, scaledDown } from '../apportion.ts';
import { mergeRows } from '../ledger/merge-rows.ts';
import { hourMs, rowKey, type LedgerRow } from '../ledger/row.ts';
import { coverCommitments, type UnusedCommitment } from './cover-commitments.ts';
import { findPrice, type HourPrice } from './find-price.ts';
import type { PriceBook, SplitMethod } from './price-book.ts';

/** Money of a row, whole millionths. Null where the book has no price for the class at that time. */
export interface Charge {
  readonly row: LedgerRow;
  /** Without discounts and commitments. */
  readonly listMicros: number | null;
  /** With discounts. */
  readonly contractedMicros: number | null;
  /** With discounts and commitments: what the time cost. */
  readonly effectiveMicros: number | null;
}

export interface ChargedLedger {
  readonly currency: string | null;
  readonly source: string | null;
  /** How the money of a device is split between compute and memory; null without prices. */
  readonly split: SplitMethod | null;
  readonly charges: readonly Charge[];
  readonly unused: readonly UnusedCommitment[];
}

/**
 * Returns the money of rows. The charges of a device in an hour add up to what the device cost in that hour, exactly: each
 * amount is split by largest remainder, ties by label.
 *
 * 1. Commitments pay for devices of their class; what they do not cover costs its price after discounts.
 * 2. The money of a device is split between its accounts by the book's method.
 * 3. Each account's money is split over the rows by its device-milliseconds.
 *
 * Without a book there are no amounts: accelerator-seconds only. Corrections are added to the rows that they correct first.
 *
 * @param untilMs up to when rows are known: an hour that is not over uses up commitments up to here.
 */
export function chargeRows(rows: readonly LedgerRow[], book: PriceBook | null, untilMs = Infinity): ChargedLedger {
  const merged = mergeRows(rows);
  if (book === null) {
    const none = { listMicros: null, contractedMicros: null, effectiveMicros: null };
    const charges = merged.map((row) => ({ row, ...none }));
    return { currency: null, source: null, split: null, charges, unused: [] };
  }
  const charges: Charge[] = [];
  const unused: UnusedCommitment[] = [];
  const hours = Map.groupBy(merged, ({ hourMs: hour }) => hour);
  for (const [hour, ofHour] of hours) {
    const classes = Map.groupBy(ofHour, ({ deviceClass }) => deviceClass);
    const committed = book.commitments.filter((each) => each.fromMs < hour + hourMs && hour < each.untilMs);
    for (const deviceClass of new Set([...classes.keys(), ...committed.map((each) => each.deviceClass)])) {
      const devices = Map.groupBy(classes.get(deviceClass) ?? [], ({ pool, device }) => JSON.stringify([device, pool]));
      const exists = Array.from(devices, ([device, own]) => ({
        device,
        existedMs: own.reduce((sum, { computeMs }) => sum + computeMs, 0),
      }));
      const covered = coverCommitments(committed, deviceClass, hour, exists, untilMs);
      unused.push(...covered.unused);
      for (const { device: key, existedMs } of exists) {
        const own = devices.get(key) ?? [];
        const [first] = own;
        if (first === undefined) continue;
        charges.push(...chargeDevice(own, existedMs, findPrice(book, first, hour), covered.devices.get(key) ?? null));
      }
    }
  }
  return { currency: book.currency, source: book.source, split: book.split, charges, unused };
}

function chargeDevice(
  rows: readonly LedgerRow[],
  existedMs: number,
  price: HourPrice | null,
  covered: { readonly coveredMs: number; readonly micros: number } | null,
): readonly Charge[] {
  if (price === null && (covered === null || covered.coveredMs < existedMs)) {
    return rows.map((row) => ({ row, listMicros: null, contractedMicros: null, effectiveMicros: null }));
  }
  const costOf = (microsPerHour: number, lastedMs: number): number => scaledDown(microsPerHour, lastedMs, hourMs);
  const weights = price ?? { computeWeight: 1, memoryWeight: 1 };
  const effective =
    (covered?.micros ?? 0) + costOf(price?.contractedMicros ?? 0, existedMs - (covered?.coveredMs ?? 0));
  const keys = rows.map(rowKey);
  const splits = new Map<number, readonly number[]>();
  // Without discounts and commitments the three amounts are one.
  const split = (total: number): readonly number[] => {
    const known = splits.get(total) ?? splitOverRows(total, rows, keys, weights);
    splits.set(total, known);
    return known;
  };
  const list = price === null ? null : split(costOf(price.listMicros, existedMs));
  const contracted = price === null ? null : split(costOf(price.contractedMicros, existedMs));
  const effectives = split(effective);
  return rows.map((row, index) => ({
    row,
    listMicros: list?.[index] ?? null,
    contractedMicros: contracted?.[index] ?? null,
    effectiveMicros: effectives[index] ?? 0,
  }));
}

function splitOverRows(
  total: number,
  rows: readonly LedgerRow[],
  keys: readonly string[],
  { computeWeight, memoryWeight }: Pick<HourPrice, 'computeWeight' | 'memoryWeight'>,
): readonly number[] {
  const [compute = 0, memory = 0] = apportion(total, [
    { key: 'compute', weight: computeWeight },
    { key: 'memory', weight: memoryWeight },
  ]);
  const splitBy = (total: number, weightOf: (row: LedgerRow) => number): readonly number[] =>
    apportion(
      total,
      rows.map((row, index) => ({ key: keys[index] ?? '', weight: weightOf(row) })),
    );
  const byCompute = splitBy(compute, ({ computeMs }) => computeMs);
  const byMemory = splitBy(memory, ({ memoryMs }) => memoryMs);
  return rows.map((_, index) => (byCompute[index] ?? 0) + (byMemory[index] ?? 0));
}
