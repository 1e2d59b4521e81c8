import { isShare } from '../asked/choose-asked.ts';
import type { AskedState } from '../asked/asked-state.ts';
import { addValue, noCounts, type BoundedCounts } from '../../statistics/sequential/bounded-mean.ts';
import { betOn, lossOf } from './label-bets.ts';
import { addDelay, noDelays, type LabelDelays } from './label-delays.ts';
import type { LabelPlan } from './label-plan.ts';
import type { Truth } from './row-loss.ts';

/** One prediction with its label, if one came. */
export interface LabelledPrediction {
  /** Order of arrival: grows by at least one with each prediction. */
  readonly seq: number;
  readonly requestId: string;
  /** When it was asked for. */
  readonly atMs: number;
  readonly release: number;
  readonly replicaId: string | null;
  readonly prediction: string | number;
  readonly confidence: number | null;
  /** The first label that came; null where none did. */
  readonly truth: Truth | null;
  readonly labelledAtMs: number | null;
}

/** All that is remembered of predictions that are judged; plain JSON of bounded size. */
export interface LabelState {
  readonly plan: LabelPlan;
  /** The last prediction that was judged. */
  readonly afterSeq: number;
  readonly rows: LabelRows;
  readonly delays: LabelDelays;
  readonly open: OpenCohort | null;
  readonly cohorts: number;
  /** In the order of the plan. */
  readonly metrics: readonly MetricState[];
  /** Newest last. */
  readonly recent: readonly ClosedCohort[];
  /** Of requests that somebody was asked to label; absent before the first of these asks was judged. */
  readonly asked?: AskedState;
}

/** Predictions that are as old as `labels.within`. */
export interface LabelRows {
  readonly mature: number;
  readonly labelled: number;
  /** Their label came after `labels.within`: they count as not labelled. */
  readonly late: number;
  /** Their label does not tell how wrong the answer was: they count as not labelled. */
  readonly unusable: number;
  /** Of releases that are not judged. */
  readonly otherRelease: number;
}

export interface OpenCohort {
  readonly fromMs: number;
  readonly rows: number;
  readonly labelled: number;
  /** Sums over the rows with a loss, for each metric. */
  readonly losses: readonly { readonly sum: number; readonly known: number }[];
  /** Losses that the model's own scores expect; absent where no answer had a score. */
  readonly scores?: ScoredRows;
}

export interface ScoredRows {
  readonly rows: number;
  readonly expectedLosses: number;
}

/** Bounds of the mean loss by metric: a missing label is right at best and wrong at worst. */
export interface ClosedCohort {
  readonly fromMs: number;
  readonly rows: number;
  readonly labelled: number;
  readonly risks: readonly { readonly low: number; readonly high: number }[];
  readonly scores?: ScoredRows;
}

export interface MetricState {
  readonly counts: BoundedCounts;
  /** Products of the stakes since they were last taken; null where no cohort closed since. */
  readonly bets: readonly number[] | null;
}

export const recentCohortsAtMost = 60;

const noRows: LabelRows = { mature: 0, labelled: 0, late: 0, unusable: 0, otherRelease: 0 };

/** @param afterSeq predictions up to this one are not judged. */
export function beginLabels(plan: LabelPlan, afterSeq = 0): LabelState {
  return {
    plan,
    afterSeq,
    rows: noRows,
    delays: noDelays,
    open: null,
    cohorts: 0,
    metrics: plan.metrics.map(() => ({ counts: noCounts, bets: null })),
    recent: [],
  };
}

/** Of the predictions, in order, those that are mature. An older prediction behind one that is not mature waits for it. */
export function maturePart(
  predictions: readonly LabelledPrediction[],
  withinMs: number,
  nowMs: number,
): readonly LabelledPrediction[] {
  const end = predictions.findIndex(({ atMs }) => atMs + withinMs > nowMs);
  return end === -1 ? predictions : predictions.slice(0, end);
}

/**
 * Takes mature predictions in the order of their arrival, each once, with the label that it had when it matured. A cohort
 * closes when a prediction of a later cohort is taken, or when all of its predictions are mature at `nowMs`.
 *
 * Why at maturity: which labels come early depends on the answer, so that the labels so far are no fair sample. At maturity
 * every prediction of the cohort counts, and one without a label is bounded on both sides.
 *
 * @param nowMs null while further mature predictions wait to be taken.
 */
export function takeMature(state: LabelState, mature: readonly LabelledPrediction[], nowMs: number | null): LabelState {
  let next = state;
  for (const prediction of mature) {
    if (prediction.seq <= next.afterSeq) continue;
    next = takeOne({ ...next, afterSeq: prediction.seq }, prediction);
  }
  const { cohortMs, withinMs } = state.plan;
  const isOver = nowMs !== null && next.open !== null && next.open.fromMs + cohortMs + withinMs <= nowMs;
  return isOver ? closeCohort(next) : next;
}

function takeOne(state: LabelState, prediction: LabelledPrediction): LabelState {
  const { plan, rows } = state;
  if (!plan.releases.includes(prediction.release)) {
    return { ...state, rows: { ...rows, otherRelease: rows.otherRelease + 1 } };
  }
  const { cohortMs } = plan;
  const fromMs = Math.floor(prediction.atMs / cohortMs) * cohortMs;
  const ready = state.open !== null && fromMs > state.open.fromMs ? closeCohort(state) : state;
  const open = ready.open ?? emptyCohort(plan, Math.max(fromMs, (ready.recent.at(-1)?.fromMs ?? -Infinity) + 1));
  return addRow({ ...ready, open }, open, prediction);
}

const emptyCohort = (plan: LabelPlan, fromMs: number): OpenCohort => ({
  fromMs,
  rows: 0,
  labelled: 0,
  losses: plan.metrics.map(() => ({ sum: 0, known: 0 })),
});

function addRow(state: LabelState, open: OpenCohort, prediction: LabelledPrediction): LabelState {
  const { plan, rows, delays } = state;
  const delayMs = prediction.labelledAtMs === null ? Infinity : Math.max(0, prediction.labelledAtMs - prediction.atMs);
  const isLate = prediction.truth !== null && delayMs > plan.withinMs;
  const truth = isLate ? null : prediction.truth;
  const losses = plan.metrics.map((metric) => (truth === null ? null : lossOf(metric, prediction.prediction, truth)));
  const isUsed = losses.some((loss) => loss !== null);
  const [first] = losses;
  return {
    ...state,
    rows: {
      ...rows,
      mature: rows.mature + 1,
      labelled: rows.labelled + Number(isUsed),
      late: rows.late + Number(isLate),
      unusable: rows.unusable + Number(truth !== null && !isUsed),
    },
    delays: first === null || first === undefined ? delays : addDelay(delays, delayMs, plan.withinMs, first < 0.5),
    open: {
      ...open,
      rows: open.rows + 1,
      labelled: open.labelled + Number(isUsed),
      ...addScore(open.scores, prediction.confidence),
      losses: open.losses.map(({ sum, known }, index) => {
        const loss = losses[index] ?? null;
        return loss === null ? { sum, known } : { sum: sum + loss, known: known + 1 };
      }),
    },
  };
}

function addScore(scores: ScoredRows | undefined, confidence: number | null): { readonly scores?: ScoredRows } {
  if (!isShare(confidence)) return scores === undefined ? {} : { scores };
  const { rows, expectedLosses } = scores ?? { rows: 0, expectedLosses: 0 };
  return { scores: { rows: rows + 1, expectedLosses: expectedLosses + 1 - confidence } };
}

function closeCohort(state: LabelState): LabelState {
  const { open, plan } = state;
  if (open === null) return state;
  const { fromMs, rows, labelled, scores } = open;
  const risks = open.losses.map(({ sum, known }) => ({ low: sum / rows, high: (sum + rows - known) / rows }));
  return {
    ...state,
    open: null,
    cohorts: state.cohorts + 1,
    metrics: state.metrics.map(({ counts, bets }, index) => {
      const { low, high } = risks[index] ?? { low: 0, high: 1 };
      const limit = plan.metrics[index]?.limit ?? null;
      return {
        counts: addValue(counts, Math.min(1, low), Math.min(1, high)),
        bets: limit === null ? null : betOn(bets, low, limit),
      };
    }),
    recent: [...state.recent, { fromMs, rows, labelled, risks, ...(scores === undefined ? {} : { scores }) }].slice(
      -recentCohortsAtMost,
    ),
  };
}
