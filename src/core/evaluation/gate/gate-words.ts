import { formatPercent } from '../../units/quantity/quantity-percent.ts';
import { findMetric } from '../metrics/metric-name.ts';
import type { RowsNeeded } from './gate-verdict.ts';

/** A value of a metric in the unit in which the contract writes it. */
export function metricText(metric: string, value: number): string {
  const unit = findMetric(metric)?.row.unit ?? 'number';
  if (unit === 'share') return value < 0 ? `-${formatPercent(-value)}` : formatPercent(value);
  const number = String(Number(value.toPrecision(5)));
  return unit === 'ms' ? `${number} ms` : number;
}

export function rowsNeededText(needed: RowsNeeded | null): string {
  if (needed === null) return 'no number of rows can be told that would decide';
  const { moreRows, towards, powerShare, rowsIfEqual } = needed;
  const power = `with a probability of ${formatPercent(powerShare)}`;
  const if_ = 'if things are as they were seen';
  if (towards === 'pass') return `${moreRows} more rows would decide ${power}, ${if_}`;
  const equal = rowsIfEqual === null ? '' : `; were the two equally good, ${rowsIfEqual} rows in all would pass`;
  return `more rows promise no pass: the estimate lies on the wrong side; ${moreRows} more would show a fail ${power}, ${if_}${equal}`;
}
