import type { MetricRule } from './metric-rule.ts';
import { seriesKey } from './reading.ts';
import {
  faultOf,
  increaseOf,
  seriesOf,
  startedAnew,
  sumOf,
  type Increase,
  type ReadingPair,
} from './series-of-metric.ts';
import { told, unknown, type Told } from './told.ts';

type RuleOf<Kind extends MetricRule['kind']> = Extract<MetricRule, { readonly kind: Kind }>;

/** What the first of the rules gives whose metrics are there; `missing` when none's are, `not-exported` without a rule. */
export function readRules(rules: readonly MetricRule[] | undefined, pair: ReadingPair): Told {
  if (rules === undefined || rules.length === 0) return unknown('not-exported');
  for (const rule of rules) {
    const answer = readRule(rule, pair);
    if (answer.known || answer.reason !== 'missing') return answer;
  }
  return unknown('missing');
}

function readRule(rule: MetricRule, pair: ReadingPair): Told {
  const { scale = 1 } = rule;
  const answer = unscaled(rule, pair);
  return answer.known ? told(answer.value * scale) : answer;
}

function unscaled(rule: MetricRule, pair: ReadingPair): Told {
  switch (rule.kind) {
    case 'gauge':
      return readGauge(rule, pair);
    case 'share-of':
      return readShare(rule, pair);
    case 'increase':
      return counted(pair, rule.names, rule).told;
    case 'mean-increase':
      return readMean(rule, pair);
    case 'mean-of-series':
      return readMeanOfSeries(rule, pair);
    case 'in-state':
      return readInState(rule, pair);
  }
}

/** An increase, or that the process it was counted in is no longer the same one. */
function counted(pair: ReadingPair, names: readonly string[], { only }: Pick<MetricRule, 'only'>): Increase {
  const increase = increaseOf(pair, names, only);
  return increase.told.known && startedAnew(pair) ? { told: unknown('reset'), overMs: 0 } : increase;
}

function readGauge({ names, over, less, only }: RuleOf<'gauge'>, pair: ReadingPair): Told {
  const series = seriesOf(pair.now, names, only);
  const taken = less === undefined ? [] : seriesOf(pair.now, less, only);
  const fault = faultOf(series, pair) ?? (less === undefined ? null : faultOf(taken, pair));
  if (fault !== null) return unknown(fault);
  if (over === 'max') return told(Math.max(...series.map(({ value }) => value)));
  if (over === 'mean') return told(sumOf(series) / series.length);
  // Two gauges are not read in one instant, so that the difference may be a little below zero.
  return told(Math.max(0, sumOf(series) - sumOf(taken)));
}

function readShare({ part, whole, optional = [], only }: RuleOf<'share-of'>, pair: ReadingPair): Told {
  const of = seriesOf(pair.now, part, only);
  const needed = whole.map((names) => seriesOf(pair.now, names, only));
  const more = optional.map((names) => seriesOf(pair.now, names, only)).filter((series) => series.length > 0);
  for (const series of [of, ...needed, ...more]) {
    const fault = faultOf(series, pair);
    if (fault !== null) return unknown(fault);
  }
  const total = [...needed, ...more].reduce((sum, series) => sum + sumOf(series), 0);
  return total > 0 ? told(sumOf(of) / total) : unknown('impossible');
}

function readMean(rule: RuleOf<'mean-increase'>, pair: ReadingPair): Told {
  const count = counted(pair, rule.count, rule).told;
  const sum = counted(pair, rule.sum, rule).told;
  const less = rule.less === undefined ? told(0) : counted(pair, rule.less, rule).told;
  if (!count.known) return count;
  if (!sum.known) return sum;
  if (!less.known) return less;
  return count.value > 0 ? told(Math.max(0, sum.value - less.value) / count.value) : unknown('idle');
}

/** Each series by itself, so that a queue for each worker becomes the queue of all workers. */
function readMeanOfSeries({ histogram, only }: RuleOf<'mean-of-series'>, pair: ReadingPair): Told {
  const name = histogram.find((each) => seriesOf(pair.now, [`${each}_count`], only).length > 0);
  if (name === undefined) return unknown('missing');
  const count = counted(pair, [`${name}_count`], { ...(only === undefined ? {} : { only }) }).told;
  const sum = counted(pair, [`${name}_sum`], { ...(only === undefined ? {} : { only }) }).told;
  if (!count.known) return count;
  if (!sum.known) return sum;
  if (count.value === 0) return unknown('idle');
  const before = valuesByLabels(pair.before ?? pair.now, name, only);
  let queued = 0;
  for (const [labels, now] of valuesByLabels(pair.now, name, only)) {
    const base = before.get(labels) ?? { sum: 0, count: 0 };
    if (now.count > base.count) queued += (now.sum - base.sum) / (now.count - base.count);
  }
  return told(queued);
}

function valuesByLabels(
  reading: ReadingPair['now'],
  name: string,
  only: MetricRule['only'],
): ReadonlyMap<string, { sum: number; count: number }> {
  const values = new Map<string, { sum: number; count: number }>();
  for (const part of ['sum', 'count'] as const) {
    for (const sample of seriesOf(reading, [`${name}_${part}`], only)) {
      const labels = seriesKey({ name, labels: sample.labels });
      const value = values.get(labels) ?? { sum: 0, count: 0 };
      value[part] = sample.value;
      values.set(labels, value);
    }
  }
  return values;
}

/** Little's law: time that requests spent in a state, over the time that passed, is how many were in it on the mean. */
function readInState({ names, only }: RuleOf<'in-state'>, pair: ReadingPair): Told {
  const { told: answer, overMs } = counted(pair, names, { ...(only === undefined ? {} : { only }) });
  return answer.known ? told(answer.value / overMs) : answer;
}
