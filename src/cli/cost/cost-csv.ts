import { writeCsv } from '../../core/cost/exchange/csv-text.ts';
import { ledgerStates } from '../../core/cost/ledger/state.ts';
import type { CostReport } from '../../schemas/http/http-cost.ts';

/** Returns the groups of a report as CSV, a line a group of a unit; times are milliseconds. Lines end as those of a terminal. */
export function costCsv({ by, units }: CostReport): string {
  const columns = [
    ...['unit', ...by, 'total_ms', ...ledgerStates.map((state) => `${state}_ms`)],
    ...['filled_ms', 'unrated_ms', 'answers', 'tokens'],
  ];
  const rows = units.flatMap(({ unit, groups }) =>
    groups.map(({ group, computeMs, stateMs, filledMs, unratedMs, answers, tokens }) => ({
      ...{ unit, ...group, total_ms: String(computeMs) },
      ...Object.fromEntries(ledgerStates.map((state) => [`${state}_ms`, String(stateMs[state] ?? 0)])),
      ...{ filled_ms: String(filledMs), unrated_ms: String(unratedMs) },
      ...{ answers: String(answers), tokens: String(tokens) },
    })),
  );
  return writeCsv(columns, rows).replaceAll('\r\n', '\n').trimEnd();
}
