import { classificationMetric } from './classification-metrics.ts';
import { meanMetric, type BoundMetric, type UndefinedMetric } from './bound-metric.ts';
import type { MetricName } from './metric-name.ts';
import { metricForm } from './metric-name.ts';
import { rowsOf, type Outcomes } from '../outcomes.ts';
import { rankingMetric } from './ranking-metrics.ts';
import { regressionMetric } from './regression-metrics.ts';
import { textMetric } from './text-metrics.ts';

/** A metric of the table over some outcomes; or why it is not defined there. Never NaN for all rows. */
export function bindMetric(name: MetricName, outcomes: Outcomes): BoundMetric | UndefinedMetric {
  if (name.row.task !== outcomes.task) {
    return { undefinedBecause: `${metricForm(name.row)} is of ${name.row.task}, and the data is for ${outcomes.task}` };
  }
  if (rowsOf(outcomes) === 0) return { undefinedBecause: 'there are no rows' };
  switch (outcomes.task) {
    case 'classification':
      return classificationMetric(name, outcomes);
    case 'regression':
      return regressionMetric(name, outcomes);
    case 'ranking':
      return rankingMetric(name, outcomes);
    case 'text':
      return textMetric(name, outcomes);
  }
}

/** A user-defined metric: the mean of one value per row. */
export function bindRowMetric(values: Float64Array): BoundMetric | UndefinedMetric {
  if (values.length === 0) return { undefinedBecause: 'there are no rows' };
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) return { undefinedBecause: `row ${bad + 1} has the value ${values[bad]}` };
  return meanMetric(values, null);
}

/** A user-defined metric that is one number for all rows: it has no spread, so that its limits are never known. */
export function bindWholeMetric(value: number, rows: number | null): BoundMetric | UndefinedMetric {
  if (rows === null) return { undefinedBecause: 'it is one number for all rows, and none for a slice' };
  return Number.isFinite(value) ? { rows, at: () => value } : { undefinedBecause: `its value is ${value}` };
}
