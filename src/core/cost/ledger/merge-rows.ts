import { rowKey, type LedgerRow } from './row.ts';

/** Names of the amounts of a row. */
export const rowAmounts = ['computeMs', 'memoryMs', 'filledMs', 'unratedMs', 'answers', 'tokens'] as const;
export type RowAmount = (typeof rowAmounts)[number];

/**
 * Returns rows in order of hour, pool, device and label, each label once: rows that differ in amounts only are added up. Rows of
 * which nothing is left are dropped.
 */
export function mergeRows(rows: readonly LedgerRow[]): readonly LedgerRow[] {
  const merged = new Map<string, LedgerRow>();
  for (const row of rows) {
    const key = rowKey(row);
    const before = merged.get(key);
    merged.set(key, before === undefined ? row : withAmounts(row, (name) => before[name] + row[name]));
  }
  return [...merged]
    .filter(([, row]) => rowAmounts.some((name) => row[name] !== 0))
    .sort(([keyA, a], [keyB, b]) => a.hourMs - b.hourMs || byText(a.pool, b.pool) || byText(keyA, keyB))
    .map(([, row]) => row);
}

/** Returns a row with each amount replaced. */
export function withAmounts(row: LedgerRow, amount: (name: RowAmount) => number): LedgerRow {
  return {
    ...row,
    computeMs: amount('computeMs'),
    memoryMs: amount('memoryMs'),
    filledMs: amount('filledMs'),
    unratedMs: amount('unratedMs'),
    answers: amount('answers'),
    tokens: amount('tokens'),
  };
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
