import { meanBounds, meanLimits, repeatCounts } from '../../statistics/sequential/bounded-mean.ts';
import { reportDelays, type DelayReport } from './label-delays.ts';
import type { PlannedMetric } from './label-plan.ts';
import type { LabelRows, LabelState, MetricState } from './label-state.ts';

export interface LabelsReport {
  readonly withinMs: number;
  readonly cohortMs: number;
  readonly cohorts: number;
  readonly rows: LabelRows;
  /** Share of the mature predictions that have a usable label; null while none is mature. */
  readonly completenessShare: number | null;
  readonly delays: DelayReport;
  readonly metrics: readonly JudgedMetric[];
  readonly unknown: readonly { readonly metric: string; readonly reason: string }[];
}

/** Risks in the metric's own unit: a share of wrong answers, or an error. */
export interface JudgedMetric {
  readonly metric: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive' | 'unknown';
  readonly reason: string;
  /** Limits that hold at every moment together with 95%; null before the first cohort. */
  readonly live: { readonly low: number; readonly high: number } | null;
  /** What was seen: the same numbers where no label is missing. */
  readonly seen: { readonly low: number; readonly high: number } | null;
  readonly evaluated: { readonly low: number; readonly high: number } | null;
  readonly limit: number | null;
  /** Further cohorts like those so far until there is a verdict; null where more of the same never tells. */
  readonly moreCohorts: number | null;
}

/** Error of each side of the limits. */
const alphaShare = 0.025;
/** Beyond it nobody waits. */
const mostMoreCohorts = 10_000;

/** What the labels say. Until a cohort is mature there is no verdict, whatever the labels so far say. */
export function judgeLabels(state: LabelState): LabelsReport {
  const { plan, rows, cohorts, delays } = state;
  return {
    withinMs: plan.withinMs,
    cohortMs: plan.cohortMs,
    cohorts,
    rows,
    completenessShare: rows.mature === 0 ? null : rows.labelled / rows.mature,
    delays: reportDelays(delays, plan.withinMs),
    metrics: plan.metrics.map((planned, index) => judgeMetric(planned, state.metrics[index])),
    unknown: plan.unknown,
  };
}

/**
 * | the live risk | verdict |
 * |---|---|
 * | no mature cohort, no limit, or missing labels decide | unknown |
 * | its lower limit is above the limit | fail |
 * | its upper limit is at most the limit | pass |
 * | else | inconclusive |
 */
function judgeMetric(planned: PlannedMetric, state: MetricState | undefined): JudgedMetric {
  const { metric, worst, evaluated, limit, noLimitBecause } = planned;
  const seen = state === undefined ? null : meanBounds(state.counts);
  const live = state === undefined || seen === null ? null : meanLimits(state.counts, alphaShare);
  const scaled = (bounds: { low: number; high: number } | null) =>
    bounds === null ? null : { low: bounds.low * worst, high: bounds.high * worst };
  const decided =
    state === undefined || live === null || seen === null
      ? { verdict: 'unknown' as const, reason: 'no prediction is as old as labels.within yet', moreCohorts: null }
      : limit === null
        ? { verdict: 'unknown' as const, reason: noLimitBecause ?? 'there is no limit', moreCohorts: null }
        : decide(state, live, seen, limit, worst);
  return {
    metric,
    ...decided,
    live: scaled(live),
    seen: scaled(seen),
    evaluated: scaled(evaluated),
    limit: limit === null ? null : limit * worst,
  };
}

type Bounds = { readonly low: number; readonly high: number };

function decide(
  { counts }: MetricState,
  live: Bounds,
  seen: Bounds,
  limit: number,
  worst: number,
): Pick<JudgedMetric, 'verdict' | 'reason' | 'moreCohorts'> {
  const shown = (value: number): string => Number((value * worst).toPrecision(3)).toString();
  const of = `the live risk is between ${shown(live.low)} and ${shown(live.high)}; the limit is ${shown(limit)}`;
  if (live.low > limit) return { verdict: 'fail', reason: of, moreCohorts: 0 };
  if (live.high <= limit) return { verdict: 'pass', reason: of, moreCohorts: 0 };
  if (seen.low <= limit && seen.high > limit && seen.high - seen.low > roundingWidth) {
    const spread = `${shown(seen.low)} if every missing label is right and ${shown(seen.high)} if every one is wrong`;
    return { verdict: 'unknown', reason: `missing labels decide: the risk is ${spread}; ${of}`, moreCohorts: null };
  }
  const total = findTotal((times) => {
    const { low, high } = meanLimits(repeatCounts(counts, times), alphaShare);
    return low > limit || high <= limit;
  });
  return {
    verdict: 'inconclusive',
    reason: of,
    moreCohorts: total === null ? null : Math.max(1, Math.ceil((total - 1) * counts.values)),
  };
}

/** Bounds that lie nearer than this differ by rounding, not by missing labels. */
const roundingWidth = 0.01;

/** The least number of times, about, from which on `isEnough` holds; null where it never does. */
function findTotal(isEnough: (times: number) => boolean): number | null {
  let high = 2;
  while (!isEnough(high)) {
    high *= 2;
    if (high > mostMoreCohorts) return null;
  }
  let low = high === 2 ? 1 : high / 2;
  for (let step = 0; step < 8; step += 1) {
    const middle = (low + high) / 2;
    if (isEnough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
