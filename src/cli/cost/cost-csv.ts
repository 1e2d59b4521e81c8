import { writeCsv } from '../../core/cost/exchange/csv-text.ts';
import { moneyText } from '../../core/cost/exchange/money-text.ts';
import { ledgerStates } from '../../core/cost/ledger/state.ts';
import type { CostReport, CostUnit } from '../../schemas/http/cost/http-cost.ts';

/**
 * Returns the groups of a report as CSV, a line a group of a unit; times are milliseconds, money has six digits after the point.
 * Lines end as those of a terminal.
 */
export function costCsv({ by, units, currencies }: CostReport): string {
  const columns = [
    ...['unit', ...by, 'total_ms', ...ledgerStates.map((state) => `${state}_ms`)],
    ...['filled_ms', 'unrated_ms', 'answers', 'tokens', 'unpriced_ms'],
    ...currencies.map(costColumn),
    ...['per_1000_answers', 'per_million_tokens'],
  ];
  const rows = units.flatMap(({ unit, groups }) =>
    groups.map((sums) => ({ ...{ unit, ...sums.group }, ...timesOf(sums), ...moneyOf(sums, currencies) })),
  );
  return writeCsv(columns, rows).replaceAll('\r\n', '\n').trimEnd();
}

const costColumn = (currency: string): string => `cost_${currency.toLowerCase()}`;

const timesOf = ({ computeMs, stateMs, filledMs, unratedMs, answers, tokens }: CostUnit['total']) => ({
  total_ms: String(computeMs),
  ...Object.fromEntries(ledgerStates.map((state) => [`${state}_ms`, String(stateMs[state] ?? 0)])),
  ...{ filled_ms: String(filledMs), unrated_ms: String(unratedMs) },
  ...{ answers: String(answers), tokens: String(tokens) },
});

const moneyOf = (sums: CostUnit['total'], currencies: readonly string[]) => ({
  unpriced_ms: String(sums.unpricedMs),
  ...Object.fromEntries(currencies.map((each) => [costColumn(each), textOf(sums.moneyMicros[each] ?? null)])),
  per_1000_answers: textOf(sums.costPer1000AnswersMicros),
  per_million_tokens: textOf(sums.costPerMillionTokensMicros),
});

const textOf = (micros: number | null): string | null => (micros === null ? null : moneyText(micros));
