import type { Digest } from '../../units/digest.ts';
import type { Task } from '../outcomes.ts';

/**
 * What `plimsoll evaluate` stores as `measurements` of evaluation evidence: enough to judge again by the contract as it is
 * then. Thresholds and margins may move freely; another confidence, baseline, metric or slice needs another evaluation,
 * and the judge says so.
 */
export interface EvaluationMeasurements {
  readonly evaluationVersion: 1;
  readonly task: Task;
  readonly dataset: { readonly name: string; readonly version: number; readonly digest: Digest; readonly rows: number };
  /** Blob of the candidate's predictions (formats/stored-predictions.ts). */
  readonly predictions: Digest;
  /** Golden set that the evaluated replica reproduced: what carries this evidence to another runtime or device class. */
  readonly golden: Digest | null;
  /** Blob of the features of the rows and predictions (core/monitoring/features/reference.ts); earlier versions had none. */
  readonly reference?: Digest;
  readonly metrics: readonly MetricMeasurement[];
  readonly comparisons: readonly ComparisonMeasurement[];
  readonly latency: LatencyMeasurement;
  /** Baselines that named no version when this was measured: `released` where nothing is live yet, or an alias that is missing. */
  readonly absentBaselines?: readonly string[];
}

/** What a gate calls the version that is live; every other name of a baseline is an alias. */
export const released = 'released';

/** One-sided limits by confidence in text (`0.95`): each alone holds with that confidence, the two together with 2c - 1. */
export type LimitsByConfidence = Readonly<Record<string, Limits>>;
export interface Limits {
  readonly lower: number;
  readonly upper: number;
}
export const confidenceText = (confidenceShare: number): string => String(confidenceShare);

/** One metric of the candidate on its own, over all rows or over one slice. */
export interface MetricMeasurement {
  readonly metric: string;
  readonly slice: SliceKey | null;
  readonly rows: number;
  /** Null where it is not defined (no row of a class, a NaN); `undefinedBecause` says why. */
  readonly value: number | null;
  readonly undefinedBecause?: string;
  /** True where a larger value is better. */
  readonly largerIsBetter: boolean;
  /** A share of rows: the limits are exact (Clopper-Pearson), from the counts, at any confidence. */
  readonly proportion?: { readonly successes: number; readonly rows: number };
  /** One-sided limits by bootstrap, where it is no proportion. */
  readonly limits?: LimitsByConfidence;
  /** By the bootstrap: says how many rows would decide. */
  readonly standardError?: number;
  /** Why the bootstrap gives no limits: too few rows, no spread. */
  readonly noLimitsBecause?: string;
}

export interface SliceKey {
  readonly column: string;
  readonly value: string;
}

/** Candidate against a baseline on the same rows. `difference` is candidate less baseline. */
export interface ComparisonMeasurement {
  readonly metric: string;
  readonly slice: SliceKey | null;
  readonly baseline: BaselineMeasurement;
  /** Rows that count for this metric: for `recall[cat]` those labelled `cat`. */
  readonly rows: number;
  readonly candidate: number | null;
  readonly baselineValue: number | null;
  readonly largerIsBetter: boolean;
  /** Paired counts of a proportion: all four cells, so that every test can be made again. */
  readonly paired?: {
    readonly both: number;
    readonly onlyCandidate: number;
    readonly onlyBaseline: number;
    readonly neither: number;
  };
  /** Paired bootstrap of the difference: its one-sided limits. */
  readonly limits?: LimitsByConfidence;
  /** Standard error of the difference by the bootstrap: says how many rows would decide. */
  readonly standardError?: number;
  readonly undefinedBecause?: string;
  readonly noLimitsBecause?: string;
}

export interface BaselineMeasurement {
  /** As the contract names it: `released` or an alias. */
  readonly named: string;
  readonly model: string;
  readonly version: number;
  readonly digest: Digest;
  readonly predictions: Digest;
}

/** Of one row at a time unless said otherwise, through the server that will serve; milliseconds. */
export interface LatencyMeasurement {
  readonly requests: number;
  readonly rowsPerRequest: number;
  readonly concurrency: number;
  readonly p50Ms: number | null;
  readonly p90Ms: number | null;
  readonly p99Ms: number | null;
  readonly maxMs: number | null;
  readonly rowsPerSecond: number | null;
  /** By metric name (`latency-p99`), by order statistics; null where so few requests bound nothing on that side. */
  readonly limits?: Readonly<
    Record<string, Readonly<Record<string, { readonly lower: number | null; readonly upper: number | null }>>>
  >;
}
