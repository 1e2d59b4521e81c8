import { nearest } from '../../units/nearest.ts';
import { unreadable, type Quantity } from '../../units/quantity/quantity.ts';
import { metricTable, type MetricRow } from './metric-table.ts';

/** A metric as the contract writes it: `accuracy`, `f1[cat]`, `ndcg@10`, `quantile-loss@0.9`. */
export interface MetricName {
  readonly text: string;
  readonly row: MetricRow;
  /** Of `f1[CLASS]`. */
  readonly className?: string;
  /** Of `ndcg@K`: how many of the first documents count. */
  readonly depth?: number;
  /** Of `quantile-loss@Q`. */
  readonly level?: number;
}

const form = /^(?<name>[A-Za-z0-9][A-Za-z0-9.-]*)(?:\[(?<className>.{1,200})\]|@(?<number>[0-9.]{1,20}))?$/u;

/** Null for a name that the table does not hold, in whatever form: it may be user-defined. */
export function findMetric(text: string): MetricName | null {
  const read = readMetricName(text);
  return read.ok ? read.value : null;
}

/** Says what was expected, with the nearest name, where `text` is no metric of the table. */
export function readMetricName(text: string): Quantity<MetricName> {
  const { name, className, number } = form.exec(text)?.groups ?? {};
  const rows = metricTable.filter((row) => row.name === name);
  if (rows.length === 0) return unreadable('a metric', nearestName(text));
  const wanted = className !== undefined ? 'class' : number !== undefined ? 'number' : null;
  for (const row of rows) {
    const argument = readArgument(row, wanted, className, number);
    if (argument !== null) return { ok: true, value: { text, row, ...argument } };
  }
  return unreadable(rows.map(metricForm).join(' or '));
}

type Argument = Pick<MetricName, 'className' | 'depth' | 'level'>;

function readArgument(
  { argument }: MetricRow,
  wanted: 'class' | 'number' | null,
  className: string | undefined,
  number: string | undefined,
): Argument | null {
  if (argument === null) return wanted === null ? {} : null;
  if (argument === 'class') return className === undefined ? null : { className };
  if (number === undefined) return null;
  const value = Number(number);
  if (argument === 'depth') return /^[1-9]\d{0,5}$/.test(number) ? { depth: value } : null;
  return value > 0 && value < 1 ? { level: value } : null;
}

const arguments_ = { class: '[CLASS]', depth: '@K', level: '@LEVEL' } as const;

/** How it is written: `f1[CLASS]`. */
export const metricForm = ({ name, argument }: MetricRow): string =>
  `${name}${argument === null ? '' : arguments_[argument]}`;

function nearestName(text: string): string | undefined {
  const found = nearest(text.replace(/[[@].*$/, ''), [...new Set(metricTable.map(({ name }) => name))]);
  return found === undefined || found === null ? undefined : `did you mean \`${found}\`?`;
}
