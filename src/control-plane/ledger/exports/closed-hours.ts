import { hourMs, hourOf, type LedgerRow } from '../../../core/cost/ledger/row.ts';
import type { LedgerReader } from '../../../ports/records/ledger-records.ts';
import type { CostRange } from '../../../schemas/http/cost/http-cost-export.ts';
import { addEntries } from '../hours/close-hours.ts';

export interface ClosedHours {
  /** As each hour was recorded first. */
  readonly first: readonly LedgerRow[];
  /** With all corrections. */
  readonly corrected: readonly LedgerRow[];
  /** When the last correction of an hour was derived, by hour; hours without a correction have none. */
  readonly correctedAtMs: ReadonlyMap<number, number>;
  /** How many hours are recorded. */
  readonly count: number;
}

/** Returns the recorded hours of a range. Hours that are not closed are left out: they may change. */
export async function readClosedHours(
  reader: Pick<LedgerReader, 'ledgerEntries'>,
  { fromMs, toMs }: CostRange,
): Promise<ClosedHours> {
  const entries = await reader.ledgerEntries(hourOf(fromMs), hourOf(toMs - 1) + hourMs);
  const hours = [...Map.groupBy(entries, (entry) => entry.hourMs)];
  return {
    first: hours.flatMap(([, own]) => own[0]?.rows ?? []),
    corrected: hours.flatMap(([, own]) => addEntries(own).rows),
    correctedAtMs: new Map(
      hours.flatMap(([hour, own]) => {
        const last = own.at(-1);
        return own.length < 2 || last === undefined ? [] : [[hour, last.derivedAtMs] as const];
      }),
    ),
    count: hours.length,
  };
}
