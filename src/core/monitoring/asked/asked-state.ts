import { findMetric } from '../../evaluation/metrics/metric-name.ts';
import {
  addTerm,
  centreOf,
  noTerms,
  repeatTerms,
  sumMargin,
  type TermSums,
} from '../../statistics/sequential/moving-mean.ts';
import { betOn, lossOf } from '../labels/label-bets.ts';
import type { LabelPlan, PlannedMetric } from '../labels/label-plan.ts';
import type { Truth } from '../labels/row-loss.ts';
import type { Ask } from './ask.ts';
import { centreAtMost, drawSlack, rangeAbove, rangeBelow } from './choose-asked.ts';

/** All that is remembered of asks that were judged; plain JSON of bounded size. */
export interface AskedState {
  readonly asks: number;
  /** Requests that were chosen from. */
  readonly rows: number;
  readonly chosen: number;
  readonly labelled: number;
  readonly lastAskedMs: number;
  readonly lastJudgedMs: number;
  /** Time between the last two asks; null with one. */
  readonly everyMs: number | null;
  /** In the order of the plan. */
  readonly metrics: readonly AskedMetric[];
}

export interface AskedMetric {
  /** A missing label is right at best and wrong at worst. */
  readonly low: TermSums;
  readonly high: TermSums;
  /** Products of the stakes since they were last taken; null where no ask that bets was judged since. */
  readonly bets: readonly number[] | null;
  /** Weighted sums over labelled requests so far, which say how far the scores are worth following. */
  readonly fit: { readonly cross: number; readonly square: number };
}

const noMetric: AskedMetric = { low: noTerms, high: noTerms, bets: null, fit: { cross: 0, square: 0 } };

export const noAsked = (plan: LabelPlan): AskedState => ({
  ...{ asks: 0, rows: 0, chosen: 0, labelled: 0, lastAskedMs: 0, lastJudgedMs: 0, everyMs: null },
  metrics: plan.metrics.map(() => noMetric),
});

/** The estimate of an ask lies in [-slack, 1 + slack]; here it is in [0, 1]. */
const toUnit = (value: number): number => Math.min(1, Math.max(0, (value + drawSlack) / (1 + 2 * drawSlack)));

/**
 * The state after the labels of one more ask. Asks are taken in their order, each once.
 *
 * One term for each draw: lambda F + k / n (y - lambda f) / pi, where n requests were chosen from in k draws, pi is the
 * propensity, f the loss that the score expects, y the true one, and F the mean of k / n f / pi over the draw. The mean of the
 * terms over the draws is the mean loss of the n requests, whatever f is (Angelopoulos et al. 2023, Prediction-powered
 * inference, arXiv 2301.09633; by propensities: Zrnic and Candes 2024, Active statistical inference, arXiv 2403.03208).
 * Lambda and the centres come from the asks before, as sequential limits need it.
 */
export function takeAsk(
  state: AskedState,
  plan: LabelPlan,
  ask: Ask,
  truths: ReadonlyMap<string, Truth>,
  nowMs: number,
): AskedState {
  return {
    asks: state.asks + 1,
    rows: state.rows + ask.rows,
    chosen: state.chosen + ask.chosen.length,
    labelled: state.labelled + ask.chosen.filter(({ requestId }) => truths.has(requestId)).length,
    lastAskedMs: ask.askedAtMs,
    lastJudgedMs: nowMs,
    everyMs: state.asks === 0 ? null : ask.askedAtMs - state.lastAskedMs,
    metrics: plan.metrics.map((planned, index) => takeMetric(state.metrics[index] ?? noMetric, planned, ask, truths)),
  };
}

function takeMetric(
  before: AskedMetric,
  planned: PlannedMetric,
  ask: Ask,
  truths: ReadonlyMap<string, Truth>,
): AskedMetric {
  const trust = scoresCount(planned) ? trustOf(before.fit) : 0;
  let { low, high } = before;
  let { cross, square } = before.fit;
  let sum = 0;
  const [centreLow, centreHigh] = [centreOf(before.low), centreOf(before.high)];
  for (const { requestId, prediction, propensityShare, expectedLoss, drawnExpectation } of ask.chosen) {
    const truth = truths.get(requestId);
    const loss = truth === undefined ? null : lossOf(planned, prediction, truth);
    const weight = ask.chosen.length / ask.rows / propensityShare;
    const expected = trust * drawnExpectation;
    const term = (y: number): number => expected + weight * (y - trust * expectedLoss);
    const usual = (rest: number): number => Math.min(centreAtMost, Math.max(0, expected + rest));
    low = addTerm(low, term(loss ?? 0), usual(centreLow), expected);
    high = addTerm(high, term(loss ?? 1), usual(centreHigh), expected);
    sum += term(loss ?? 0);
    if (loss === null) continue;
    const spread = weight * (weight - Math.min(1, ask.chosen.length / ask.rows));
    cross += spread * loss * expectedLoss;
    square += spread * expectedLoss ** 2;
  }
  const unit = toUnit(sum / Math.max(1, ask.chosen.length));
  const bets = planned.limit === null || !ask.bets ? before.bets : betOn(before.bets, unit, toUnit(planned.limit));
  return { low, high, bets, fit: { cross, square } };
}

/** A score says how likely an answer is wrong, which is the loss of a metric that is right or wrong. */
const scoresCount = ({ metric }: PlannedMetric): boolean => findMetric(metric)?.row.decomposes === 'proportion';

/** The least squares of the loss on what was expected, from what is known; at first scores are followed. */
const trustOf = ({ cross, square }: AskedMetric['fit']): number =>
  square === 0 ? 1 : Math.min(1, Math.max(0, cross / square));

/** Limits of the mean loss of the requests that asks chose from, each label counting the same; they hold at every moment. */
export function askedLimits(
  { low, high }: Pick<AskedMetric, 'low' | 'high'>,
  times: number,
  alphaShare: number,
): { readonly low: number; readonly high: number } {
  const [downs, ups] = [repeatTerms(low, times), repeatTerms(high, times)];
  return {
    low: cutShare((downs.sum - sumMargin(downs, rangeBelow, alphaShare)) / downs.terms),
    high: cutShare((ups.sum + sumMargin(ups, rangeAbove, alphaShare)) / ups.terms),
  };
}

export const cutShare = (value: number): number => Math.min(1, Math.max(0, value));
