import type { LedgerError, LedgerRow } from './row.ts';
import { mergeRows, rowAmounts, withAmounts } from './merge-rows.ts';
import { sortErrors } from './record/make-error.ts';

/** What is appended to a ledger so that it adds up to what the facts say now. */
export interface LedgerCorrection {
  /** Differences: recorded rows and these together are the recomputed ones. Amounts may be negative. */
  readonly rows: readonly LedgerRow[];
  readonly newErrors: readonly LedgerError[];
  /** Recorded errors that the facts do not show any more. */
  readonly withdrawnErrors: readonly LedgerError[];
}

/**
 * Returns the correcting entries of a ledger, empty where the facts say what is recorded. Nothing that is recorded is edited.
 *
 * Worked: 60 s idle are recorded, and a late account says that 20 s of them were serving: a row of -20 s idle, and one of +20 s
 * serving. A correction moves time between labels, so that it adds up to 0 where the devices are the same.
 *
 * @param recorded all rows and errors of some hours, earlier corrections included.
 * @param recomputed all rows and errors of the same hours.
 */
export function correctLedgerRows(
  recorded: { readonly rows: readonly LedgerRow[]; readonly errors: readonly LedgerError[] },
  recomputed: { readonly rows: readonly LedgerRow[]; readonly errors: readonly LedgerError[] },
): LedgerCorrection {
  const taken = recorded.rows.map((row) => withAmounts(row, (name) => -row[name]));
  const [before, now] = [countErrors(recorded.errors), countErrors(recomputed.errors)];
  return {
    rows: mergeRows([...recomputed.rows, ...taken]).map(withoutNegativeZero),
    newErrors: errorsBeyond(now, before),
    withdrawnErrors: errorsBeyond(before, now),
  };
}

const withoutNegativeZero = (row: LedgerRow): LedgerRow =>
  rowAmounts.some((name) => Object.is(row[name], -0)) ? withAmounts(row, (name) => row[name] || 0) : row;

type Counted = ReadonlyMap<string, { readonly error: LedgerError; readonly count: number }>;

function countErrors(errors: readonly LedgerError[]): Counted {
  const counted = new Map<string, { error: LedgerError; count: number }>();
  for (const error of errors) {
    const key = JSON.stringify(error);
    counted.set(key, { error, count: 1 + (counted.get(key)?.count ?? 0) });
  }
  return counted;
}

function errorsBeyond(all: Counted, known: Counted): readonly LedgerError[] {
  const beyond = [...all].flatMap(([key, { error, count }]) =>
    Array.from({ length: Math.max(0, count - (known.get(key)?.count ?? 0)) }, () => error),
  );
  return sortErrors(beyond);
}
