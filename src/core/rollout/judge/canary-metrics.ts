import { logEvidenceAbove, shareLimits } from '../../statistics/sequential/sequential-share.ts';
import { logAverage } from '../../statistics/sequential/sequential-stakes.ts';
import { addedCount, shownMargins, type SharesState } from './canary-shares.ts';
import type { CanaryMetric, MetricJudgement } from './canary.ts';
import {
  countOf,
  logFaster,
  logSlower,
  marginShifts,
  quantileMs,
  relativeOfShift,
  shownShifts,
  type LatencyState,
} from './canary-latency.ts';
import type { AgreementState, KnownCanaryState } from './canary-state.ts';

/** Logarithms of the evidence that is asked for: against the release, and for it. */
export interface MetricLevels {
  readonly logWorse: number;
  readonly logBetter: number;
}

/** A metric that is not in the state was not asked for, and has no data. */
export function judgeMetric(state: KnownCanaryState, metric: CanaryMetric, levels: MetricLevels): MetricJudgement {
  switch (metric) {
    case 'errors':
      return state.errors === null ? noData(metric) : judgeShares(metric, state.errors, levels);
    case 'latency':
      return state.latency === null ? noData(metric) : judgeLatency(state.latency, levels);
    case 'agreement':
      return state.agreement === null ? noData(metric) : judgeAgreement(state.agreement, levels);
    case 'labels':
      return state.labels === null ? noData(metric) : judgeShares(metric, state.labels, levels);
  }
}

function noData(metric: CanaryMetric): MetricJudgement {
  return {
    metric,
    outcome: 'hold',
    live: null,
    canary: null,
    difference: null,
    margin: 0,
    units: { live: 0, canary: 0 },
    reason: `${metric}: nothing was counted`,
  };
}

/** Worse is final at its peak (Ville's inequality is about the peak); better must hold at the moment of the look. */
function outcomeOf(worsePeak: number, better: number, levels: MetricLevels): 'roll-back' | 'promote' | 'hold' {
  if (worsePeak >= levels.logWorse) return 'roll-back';
  return better >= levels.logBetter ? 'promote' : 'hold';
}

function judgeShares(metric: 'errors' | 'labels', state: SharesState, levels: MetricLevels): MetricJudgement {
  const live = addedCount(state.whole.live, state.pending.live);
  const canary = addedCount(state.whole.canary, state.pending.canary);
  const shareOf = ({ units, hits }: { units: number; hits: number }): number | null =>
    units === 0 ? null : hits / units;
  const [liveShare, canaryShare] = [shareOf(live), shareOf(canary)];
  const better = logAverage(state.better);
  const outcome = outcomeOf(state.worsePeak, better, levels);
  const difference =
    liveShare === null || canaryShare === null
      ? null
      : { estimate: canaryShare - liveShare, ...limitsOf(state, outcome, levels) };
  const what = metric === 'errors' ? 'errors' : 'wrong answers by the labels';
  const counted = `${percent(canaryShare)} of ${count(canary.units)} canary units against ${percent(liveShare)} of ${count(live.units)} live ones`;
  return {
    metric,
    outcome,
    live: liveShare,
    canary: canaryShare,
    difference,
    margin: state.margin,
    units: { live: live.units, canary: canary.units },
    reason:
      difference === null
        ? `${what}: ${missing(live.units, canary.units, metric === 'errors' ? 'unit' : 'label')}`
        : `${what}: ${counted}; ${words(outcome, `${points(state.margin)} above live`, state.worsePeak, better, levels)}`,
  };
}

/** Limits lie on `shownMargins`; a decision is never contradicted by them. */
function limitsOf(
  state: SharesState,
  outcome: string,
  levels: MetricLevels,
): { readonly low: number; readonly high: number } {
  const margins = shownMargins(state.margin);
  const kept = margins.findIndex((_, index) => (state.above[index] ?? 0) < levels.logWorse);
  const keptHigh = margins.findLastIndex((_, index) => (state.below[index] ?? 0) < levels.logBetter);
  const low = kept === -1 ? (margins.at(-1) ?? -1) : kept === 0 ? -1 : (margins[kept - 1] ?? -1);
  const high = keptHigh === margins.length - 1 ? 1 : (margins[keptHigh + 1] ?? 1);
  if (outcome === 'roll-back') return { low: Math.max(low, state.margin), high: Math.max(high, low, state.margin) };
  return { low: Math.min(low, high), high: outcome === 'promote' ? Math.min(high, state.margin) : high };
}

function judgeLatency(state: LatencyState, levels: MetricLevels): MetricJudgement {
  const shifts = marginShifts(state.marginShare);
  const units = { live: countOf(state.totals.live), canary: countOf(state.totals.canary) };
  const live = quantileMs(state.totals.live, state.quantile);
  const canary = quantileMs(state.totals.canary, state.quantile);
  const better = logFaster(state, shifts.better);
  const outcome = outcomeOf(state.worsePeak, better, levels);
  const name = `p${Number((state.quantile * 100).toPrecision(6))}`;
  const blocks = state.streams.reduce((sum, stream) => sum + stream.blocks, 0);
  const counted = `${milliseconds(canary)} of ${count(units.canary)} canary units against ${milliseconds(live)} of ${count(units.live)} live ones, in ${blocks} blocks`;
  return {
    metric: 'latency',
    outcome,
    live,
    canary,
    difference:
      live === null || canary === null
        ? null
        : { estimate: canary / live - 1, ...latencyLimits(state, outcome, levels) },
    margin: state.marginShare,
    units,
    reason:
      live === null || canary === null
        ? `latency ${name}: ${missing(units.live, units.canary, 'answer')}`
        : `latency ${name}: ${counted}; ${words(outcome, `${points(state.marginShare, '%')} above live`, state.worsePeak, better, levels)}`,
  };
}

/** Evidence is monotone in the shift, so that the limits are where it crosses; null where nothing bounds it yet. */
function latencyLimits(
  state: LatencyState,
  outcome: string,
  levels: MetricLevels,
): { readonly low: number; readonly high: number | null } {
  const shifts = shownShifts(state.marginShare);
  const own = marginShifts(state.marginShare);
  const low = shifts.findLast((shift) => logSlower(state, shift) >= levels.logWorse);
  const high = shifts.find((shift) => logFaster(state, shift) >= levels.logBetter);
  const lowest = low === undefined ? -1 : relativeOfShift(low);
  return {
    low: outcome === 'roll-back' ? Math.max(lowest, relativeOfShift(own.worse)) : lowest,
    high: high === undefined || (outcome === 'roll-back' && high < own.worse) ? null : relativeOfShift(high),
  };
}

function judgeAgreement(state: AgreementState, levels: MetricLevels): MetricJudgement {
  const { compared, agreed, atLeastShare } = state;
  const share = compared === 0 ? null : agreed / compared;
  const better = logEvidenceAbove(agreed, compared, atLeastShare);
  const outcome = outcomeOf(state.worsePeak, better, levels);
  const limits = shareLimits(agreed, compared, levels.logBetter, levels.logWorse);
  return {
    metric: 'agreement',
    outcome,
    live: null,
    canary: share,
    difference: share === null ? null : { estimate: share - 1, low: limits.low - 1, high: limits.high - 1 },
    margin: atLeastShare - 1,
    units: { live: compared, canary: compared },
    reason:
      share === null
        ? 'agreement: no answer of the shadow was compared yet'
        : `agreement: ${percent(share)} of ${count(compared)} answers; ${words(outcome, `a disagreement above ${percent(1 - atLeastShare)}`, state.worsePeak, better, levels)}`,
  };
}

function words(outcome: string, beyond: string, worse: number, better: number, levels: MetricLevels): string {
  switch (outcome) {
    case 'roll-back':
      return `more than ${beyond} is proven (evidence ${odds(worse)}, ${odds(levels.logWorse)} is asked for)`;
    case 'promote':
      return `less than ${beyond} is proven (evidence ${odds(better)}, ${odds(levels.logBetter)} is asked for)`;
    default:
      return `neither more nor less than ${beyond} is proven yet (evidence ${odds(worse)} of ${odds(levels.logWorse)} against it, ${odds(better)} of ${odds(levels.logBetter)} for it)`;
  }
}

function missing(live: number, canary: number, what: string): string {
  if (live === 0 && canary === 0) return `no ${what} was counted yet`;
  return live === 0 ? `the live arm has no ${what}` : `the canary has no ${what} yet`;
}

function odds(log: number): string {
  if (log > Math.log(1e6)) return 'over 1,000,000:1';
  const value = Math.exp(Math.max(0, log));
  return `${value < 10 ? value.toFixed(1) : count(Math.round(value))}:1`;
}

function percent(share: number | null): string {
  return share === null ? 'none' : `${(share * 100).toFixed(2)}%`;
}

function points(share: number, unit = ' points'): string {
  return `${Number((share * 100).toPrecision(4))}${unit}`;
}

function milliseconds(value: number | null): string {
  return value === null ? 'none' : `${Number(value.toPrecision(3))} ms`;
}

function count(value: number): string {
  return Math.round(value)
    .toString()
    .replace(/\B(?=(?:\d{3})+$)/g, ',');
}
