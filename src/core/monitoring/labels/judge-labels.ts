import { meanBounds, meanLimits, repeatCounts, type BoundedCounts } from '../../statistics/sequential/bounded-mean.ts';
import { askedLimits, cutShare, type AskedMetric } from '../asked/asked-state.ts';
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
  /** By labels that were asked for alone; null before the first of these asks was judged. */
  readonly asked: AskedReport | null;
  /** By the model's own scores alone, over the last cohorts; null where answers have no score. */
  readonly estimate: ScoreEstimate | null;
  readonly unknown: readonly { readonly metric: string; readonly reason: string }[];
}

export interface AskedReport {
  readonly asks: number;
  /** Requests that were chosen from. */
  readonly rows: number;
  readonly chosen: number;
  readonly labelled: number;
  /** As `metrics`; `moreCohorts` are further labels. */
  readonly metrics: readonly JudgedMetric[];
}

/** What the scores expect, without any label: it sees no concept drift, and nothing is judged by it. */
export interface ScoreEstimate {
  readonly riskShare: number;
  readonly rows: number;
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
    metrics: plan.metrics.map((planned, index) => judgeMetric(planned, plainReading(state.metrics[index]), ofCohorts)),
    asked: reportAsked(state),
    estimate: estimateByScores(state),
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
function judgeMetric(planned: PlannedMetric, reading: Reading | null, noneYet: string): JudgedMetric {
  const { metric, worst, evaluated, limit, noLimitBecause } = planned;
  const scaled = (bounds: Bounds | null) =>
    bounds === null ? null : { low: bounds.low * worst, high: bounds.high * worst };
  const decided =
    reading === null
      ? { verdict: 'unknown' as const, reason: noneYet, moreCohorts: null }
      : limit === null
        ? { verdict: 'unknown' as const, reason: noLimitBecause ?? 'there is no limit', moreCohorts: null }
        : decide(reading, limit, worst);
  return {
    metric,
    ...decided,
    live: scaled(reading?.limitsAfter(1) ?? null),
    seen: scaled(reading?.seen ?? null),
    evaluated: scaled(evaluated),
    limit: limit === null ? null : limit * worst,
  };
}

type Bounds = { readonly low: number; readonly high: number };

/** Values of which one is known after the other, as risks from 0 to 1. */
interface Reading {
  readonly values: number;
  readonly seen: Bounds;
  /** The limits after `times` as many values like those so far. */
  limitsAfter(times: number): Bounds;
}

const ofCohorts = 'no prediction is as old as labels.within yet';

const plainReading = (state: MetricState | undefined): Reading | null =>
  state === undefined ? null : readCounts(state.counts, (bounds) => bounds);

function readCounts(counts: BoundedCounts, read: (bounds: Bounds) => Bounds): Reading | null {
  const seen = meanBounds(counts);
  if (seen === null) return null;
  return {
    values: counts.values,
    seen: read(seen),
    limitsAfter: (times) => read(meanLimits(times === 1 ? counts : repeatCounts(counts, times), alphaShare)),
  };
}

function reportAsked({ plan, asked }: LabelState): AskedReport | null {
  if (asked === undefined) return null;
  const { asks, rows, chosen, labelled } = asked;
  const metrics = plan.metrics.map((planned, index) =>
    judgeMetric(planned, askedReading(asked.metrics[index]), 'no label that was asked for was judged yet'),
  );
  return { asks, rows, chosen, labelled, metrics };
}

function askedReading(state: AskedMetric | undefined): Reading | null {
  if (state === undefined || state.low.terms === 0) return null;
  return {
    values: state.low.terms,
    seen: { low: cutShare(state.low.sum / state.low.terms), high: cutShare(state.high.sum / state.high.terms) },
    limitsAfter: (times) => askedLimits(state, times, alphaShare),
  };
}

function estimateByScores({ recent }: LabelState): ScoreEstimate | null {
  const scores = recent.flatMap(({ scores: each }) => (each === undefined ? [] : [each]));
  const rows = scores.reduce((sum, each) => sum + each.rows, 0);
  const losses = scores.reduce((sum, each) => sum + each.expectedLosses, 0);
  return rows === 0 ? null : { riskShare: losses / rows, rows };
}

function decide(
  { values, seen, limitsAfter }: Reading,
  limit: number,
  worst: number,
): Pick<JudgedMetric, 'verdict' | 'reason' | 'moreCohorts'> {
  const live = limitsAfter(1);
  const shown = (value: number): string => Number((value * worst).toPrecision(3)).toString();
  const of = `the live risk is between ${shown(live.low)} and ${shown(live.high)}; the limit is ${shown(limit)}`;
  if (live.low > limit) return { verdict: 'fail', reason: of, moreCohorts: 0 };
  if (live.high <= limit) return { verdict: 'pass', reason: of, moreCohorts: 0 };
  if (seen.low <= limit && seen.high > limit && seen.high - seen.low > roundingWidth) {
    const spread = `${shown(seen.low)} if every missing label is right and ${shown(seen.high)} if every one is wrong`;
    return { verdict: 'unknown', reason: `missing labels decide: the risk is ${spread}; ${of}`, moreCohorts: null };
  }
  const total = findTotal((times) => {
    const { low, high } = limitsAfter(times);
    return low > limit || high <= limit;
  });
  return {
    verdict: 'inconclusive',
    reason: of,
    moreCohorts: total === null ? null : Math.max(1, Math.ceil((total - 1) * values)),
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
