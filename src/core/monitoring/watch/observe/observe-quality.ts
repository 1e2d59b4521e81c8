import { addValue, meanLimits, noCounts } from '../../../statistics/sequential/bounded-mean.ts';
import { qualityGroup } from '../../labels/label-evidence.ts';
import { recentCohortsAtMost, type ClosedCohort, type LabelState } from '../../labels/label-state.ts';
import type { QualityFinding } from '../../triage/observations.ts';
import type { DriftState, OpenAlarm } from '../drift-state.ts';

export interface RowsSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

/** Error of each side; the first cohort is chosen with a look at them, so that each of those that are kept gets a part. */
const alphaShare = 0.025 / recentCohortsAtMost;
/** A cohort of fewer labels says nothing of when it began. */
const leastLabels = 100;

/**
 * What labels say of quality.
 *
 * | what is known | verdict |
 * |---|---|
 * | labels are not judged | unknown |
 * | the live risk of one metric, over the cohorts inside `rows`, is above the evaluated risk and the margin | fell, of these rows |
 * | an alarm of labels stands | fell, of rows that are not known to be these |
 * | that risk of every metric with a limit is at most the limit | held |
 * | else: no such cohort, no limit, or missing labels decide | unknown |
 *
 * @param rows those that inputs and outputs are known of; null where they are not.
 */
export function observeQuality(
  labels: LabelState | null,
  rows: RowsSpan | null,
  isAlarmed: boolean,
): { readonly quality: QualityFinding; readonly isOfStable: boolean } {
  const judged = labels === null || rows === null ? 'unknown' : judgeCohorts(labels, rows);
  if (judged === 'fell') return { quality: { verdict: 'fell' }, isOfStable: true };
  return { quality: { verdict: isAlarmed ? 'fell' : judged }, isOfStable: false };
}

function judgeCohorts({ plan, recent }: LabelState, { fromMs, toMs }: RowsSpan): QualityFinding['verdict'] {
  const inside = recent.filter((cohort) => cohort.fromMs >= fromMs && cohort.fromMs + plan.cohortMs <= toMs);
  const limits = plan.metrics.flatMap(({ limit }, at) => (limit === null ? [] : [{ limit, at }]));
  if (inside.length === 0 || limits.length === 0) return 'unknown';
  const verdicts = limits.map(({ limit, at }) => {
    const { low, high } = meanLimits(countsOf(inside, at), alphaShare / limits.length);
    return low > limit ? 'fell' : high <= limit ? 'held' : 'unknown';
  });
  if (verdicts.includes('fell')) return 'fell';
  return verdicts.every((verdict) => verdict === 'held') ? 'held' : 'unknown';
}

function countsOf(cohorts: readonly ClosedCohort[], at: number) {
  return cohorts.reduce((counts, { risks }) => {
    const { low, high } = risks[at] ?? { low: 0, high: 1 };
    return addValue(counts, Math.min(1, low), Math.min(1, high));
  }, noCounts);
}

/** Whether an alarm is of labels: of the whole group, or of one of its metrics. */
export function isLabelAlarm(
  { kind, name }: Partial<Pick<OpenAlarm, 'kind' | 'name'>>,
  { plan }: Pick<LabelState, 'plan'>,
): boolean {
  if (kind === 'group') return name === qualityGroup;
  return kind === 'feature' && plan.metrics.some(({ metric }) => metric === name);
}

export const hasLabelAlarm = ({ alarms }: Pick<DriftState, 'alarms'>, labels: LabelState | null): boolean =>
  labels !== null && alarms.some((alarm) => isLabelAlarm(alarm, labels));

/**
 * When the last cohort began whose labels agreed with the limits, all cohorts since being above one: what labels found began
 * after it, as far as was seen. Null where no such cohort is known.
 */
export function lastAgreedMs({ plan, recent }: LabelState): number | null {
  const last = recent.at(-1);
  if (last === undefined || agrees(last, plan) !== false) return null;
  const before = recent.findLast((cohort) => agrees(cohort, plan) !== false);
  return before !== undefined && agrees(before, plan) === true ? before.fromMs : null;
}

/** By the rows with a label alone; null where they are too few. */
function agrees({ rows, labelled, risks }: ClosedCohort, { metrics }: LabelState['plan']): boolean | null {
  if (labelled < leastLabels) return null;
  return metrics.every(({ limit }, at) => limit === null || ((risks[at]?.low ?? 1) * rows) / labelled <= limit);
}
