import { rowAmounts, withAmounts } from '../ledger/merge-rows.ts';
import { rowKey, type LedgerRow } from '../ledger/row.ts';
import type { Charge } from '../prices/charge-rows.ts';

const moneyNames = ['listMicros', 'contractedMicros', 'effectiveMicros'] as const;

/**
 * Returns what corrects charges: for each label the difference of time and of money, which may be negative. The charges before and
 * these add up to the charges after, to the millisecond and the millionth. Labels without a difference are left out.
 *
 * Worked: an hour idle for 2.50 was recorded, and a late account says that half of it was serving: -0.5 h idle for -1.25, and
 * 0.5 h serving for 1.25.
 *
 * @param before charges of the rows that were recorded first. @param after charges of the same hours with all corrections.
 */
export function findCorrections(before: readonly Charge[], after: readonly Charge[]): readonly Charge[] {
  const [first, last] = [byKey(before), byKey(after)];
  const keys = [...new Set([...first.keys(), ...last.keys()])];
  return keys.flatMap((key): readonly Charge[] => {
    const [was, is] = [first.get(key), last.get(key)];
    const row = differenceOf(was?.row, is?.row);
    const [listMicros, contractedMicros, effectiveMicros] = moneyNames.map((name) =>
      moneyDifference(was?.[name] ?? null, is?.[name] ?? null),
    );
    if (row === null) return [];
    const isSame =
      rowAmounts.every((name) => row[name] === 0) &&
      [listMicros, contractedMicros, effectiveMicros].every((micros) => (micros ?? 0) === 0);
    if (isSame) return [];
    return [
      {
        row,
        listMicros: listMicros ?? null,
        contractedMicros: contractedMicros ?? null,
        effectiveMicros: effectiveMicros ?? null,
      },
    ];
  });
}

const byKey = (charges: readonly Charge[]): ReadonlyMap<string, Charge> =>
  new Map(charges.map((charge) => [rowKey(charge.row), charge]));

function differenceOf(was: LedgerRow | undefined, is: LedgerRow | undefined): LedgerRow | null {
  const row = is ?? was;
  if (row === undefined) return null;
  return withAmounts(row, (name) => (is?.[name] ?? 0) - (was?.[name] ?? 0));
}

/** A side without a price has no money to take back. */
const moneyDifference = (was: number | null, is: number | null): number | null =>
  was === null && is === null ? null : (is ?? 0) - (was ?? 0);
