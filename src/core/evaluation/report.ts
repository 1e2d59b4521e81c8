import { clopperPearson } from '../statistics/distributions/binomial.ts';
import type { Verdict } from '../units/verdict.ts';
import type { CalibrationBin } from './metrics/calibration.ts';
import type { GateVerdict } from './gate/gate-verdict.ts';
import type { EvaluationMeasurements, LatencyMeasurement, Limits, MetricMeasurement } from './measure/measurements.ts';
import type { Outcomes } from './outcomes.ts';

/** One evaluation for people and programs; every form of the report is made of this and of nothing else. */
export interface EvaluationReport {
  readonly service: string;
  readonly environment: string;
  readonly verdict: Verdict;
  readonly reasons: readonly string[];
  readonly candidate: ReportedVersion;
  readonly baselines: readonly (ReportedVersion & { readonly named: string })[];
  readonly dataset: { readonly name: string; readonly version: number; readonly rows: number; readonly ofRows: number };
  /** How task and scores were told. */
  readonly reasoning: readonly string[];
  readonly gates: readonly GateVerdict[];
  /** Of all rows. */
  readonly metrics: readonly ReportedMetric[];
  /** Of a classification with few classes: rows are labels, columns answers. */
  readonly confusion: { readonly classes: readonly string[]; readonly counts: readonly (readonly number[])[] } | null;
  readonly calibration: readonly CalibrationBin[] | null;
  readonly changed: ChangedRows | null;
  readonly latency: LatencyMeasurement;
  /** What became of the evidence, and what to do next: sentences. */
  readonly notes: readonly string[];
  readonly next: string;
}

export interface ReportedVersion {
  readonly model: string;
  readonly version: number;
  readonly digest: string;
}

/** Limits are one-sided, 95% each. */
export interface ReportedMetric {
  readonly metric: string;
  readonly rows: number;
  readonly value: number | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly because: string | null;
}

/** Rows that the two versions answer differently. */
export interface ChangedRows {
  readonly against: string;
  readonly rows: number;
  readonly better: number;
  readonly worse: number;
  /** At most `mostChangedRows`, those that got worse first. */
  readonly shown: readonly ChangedRow[];
}

export interface ChangedRow {
  /** Counts from 1. */
  readonly row: number;
  readonly label: string;
  readonly candidate: string;
  readonly baseline: string;
  readonly change: 'better' | 'worse' | 'other';
  /** A picture of its input, where one is shaped like an image: a data URI of a PNG. */
  readonly image?: string;
}

export const mostChangedRows = 60;
/** A confusion matrix of more classes is read by nobody. */
export const mostConfusionClasses = 30;
export const reportedConfidenceShare = 0.95;

/** A cell of the confusion matrix as a share of its label's rows, with limits; null for a label without rows. */
export interface ConfusionShare {
  readonly share: number;
  readonly lower: number;
  readonly upper: number;
}

/**
 * Of each label, how those of its rows are answered that are answered with a class. Limits are one-sided, 95% each, and each
 * cell's alone (Clopper-Pearson): of a hundred cells some lie outside of theirs.
 */
export function confusionShares(
  counts: readonly (readonly number[])[],
): readonly (readonly (ConfusionShare | null)[])[] {
  return counts.map((row) => {
    const rows = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) =>
      rows === 0 ? null : { share: count / rows, ...clopperPearson(count, rows, reportedConfidenceShare) },
    );
  });
}

export function reportedMetrics({ metrics }: Pick<EvaluationMeasurements, 'metrics'>): readonly ReportedMetric[] {
  return metrics
    .filter(({ slice }) => slice === null)
    .map((one) => {
      const limits = limitsOf(one);
      const because = one.undefinedBecause ?? (limits === null ? (one.noLimitsBecause ?? null) : null);
      return {
        metric: one.metric,
        rows: one.rows,
        value: one.value,
        lower: limits?.lower ?? null,
        upper: limits?.upper ?? null,
        because,
      };
    });
}

function limitsOf({ proportion, limits }: MetricMeasurement): Limits | null {
  if (proportion !== undefined) return clopperPearson(proportion.successes, proportion.rows, reportedConfidenceShare);
  return limits?.[String(reportedConfidenceShare)] ?? null;
}

/** The answers of two versions to the same rows, side by side; null for a task whose answers are numbers. */
export function changedRows(against: string, candidate: Outcomes, baseline: Outcomes): ChangedRows | null {
  const [ours, theirs] = [answersOf(candidate), answersOf(baseline)];
  if (ours === null || theirs === null) return null;
  const rows: ChangedRow[] = [];
  const counts = { better: 0, worse: 0, other: 0 };
  const changed = ours.answers.flatMap((answer, row) => (answer === theirs.answers[row] ? [] : [row]));
  for (const row of changed) {
    const [now, before] = [ours.isRight(row), theirs.isRight(row)];
    const change = now === before ? 'other' : now ? 'better' : 'worse';
    counts[change] += 1;
    const answers = { candidate: ours.answers[row] ?? '', baseline: theirs.answers[row] ?? '' };
    rows.push({ row: row + 1, label: ours.labelOf(row), ...answers, change });
  }
  const order = { worse: 0, other: 1, better: 2 };
  const shown = rows.toSorted((a, b) => order[a.change] - order[b.change] || a.row - b.row).slice(0, mostChangedRows);
  return { against, rows: rows.length, better: counts.better, worse: counts.worse, shown };
}

interface Answers {
  readonly answers: readonly string[];
  readonly labelOf: (row: number) => string;
  readonly isRight: (row: number) => boolean;
}

function answersOf(outcomes: Outcomes): Answers | null {
  if (outcomes.task === 'classification') {
    const { classes, labels, predicted } = outcomes;
    const nameOf = (index: number | undefined): string => classes[index ?? -1] ?? '?';
    return {
      answers: Array.from(predicted, nameOf),
      labelOf: (row) => nameOf(labels[row]),
      isRight: (row) => labels[row] === predicted[row],
    };
  }
  if (outcomes.task !== 'text') return null;
  const { references, answers } = outcomes;
  return {
    answers,
    labelOf: (row) => references[row]?.[0] ?? '',
    isRight: (row) => references[row]?.includes(answers[row] ?? '') === true,
  };
}

/** A share as a percentage where the metric is one; five significant digits otherwise. */
export function shownValue(value: number | null): string {
  if (value === null) return '-';
  return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : String(Number(value.toPrecision(5)));
}

export const shownLimits = ({
  lower,
  upper,
}: {
  readonly lower: number | null;
  readonly upper: number | null;
}): string => (lower === null && upper === null ? 'no limits' : `${shownValue(lower)} to ${shownValue(upper)}`);
