import { beginBatches, type BatchMeans } from './batch-means.ts';
import type { DistanceMeasure } from './distance-measures.ts';

/** What is known of all live rows: plain JSON, of constant size for a reference. */
export interface DistanceState {
  /** By feature, in the order of the reference, then by measure. */
  readonly measures: readonly (readonly MeasureState[])[];
}

export interface MeasureState {
  readonly measure: DistanceMeasure;
  /** Null until the first row of the period. */
  sinceMs: number | null;
  lengthMs: number;
  batches: BatchMeans;
  /** Looks at the limits in this period. */
  looks: number;
  /** Looks between these, at upper limits alone. */
  looksBetween?: number;
  /** Of the last look of this period, else of the last period that had one. */
  limit: DistanceLimit | null;
  /** Rows per category of the reference; empty for other measures. */
  counts: number[];
  /** The same of the rows of this period alone. */
  periodCounts?: number[] | undefined;
  /** The categories that came more often than in the reference, by the rows before the open batch. */
  more: boolean[];
  /** The newest rows by themselves: a period that a change cuts in two has no limit for long. */
  newest?: NewestRows;
  /** When the newest block began that agreed with the limit; null before the first limit. */
  agreedMs?: number | null;
}

/** A block of rows that is judged when it has 24 batches; the next one begins empty. */
export interface NewestRows {
  sinceMs: number | null;
  /** Blocks of this period that were looked at. */
  looks: number;
  batches: BatchMeans;
}

export interface DistanceLimit {
  readonly sinceMs: number;
  readonly rows: number;
  /** Signed for `mean` and `missing`: above 0 where live rows lie higher. */
  readonly estimate: number;
  /** The distance is at least this. */
  readonly lower: number;
  /** It is at most this; absent where that is not known. */
  readonly upper?: number;
  /** When the last of these rows was seen. */
  readonly untilMs?: number;
  /** Half of the interval around the estimate, and the variance of the mean times the rows: of rows that depend on each other. */
  readonly half?: number;
  readonly rowVariance?: number;
  /** When rows still agreed with the limit before, which this one contradicts; absent where none was contradicted. */
  readonly changedAfterMs?: number;
}

/** A state to which rows are added in place. */
export const draftDistance = ({ measures }: DistanceState): DistanceState => ({
  measures: measures.map((each) => each.map(copyMeasure)),
});

const copyMeasure = (from: MeasureState): MeasureState => ({
  ...from,
  batches: { ...from.batches, sums: [...from.batches.sums] },
  counts: [...from.counts],
  more: [...from.more],
  newest: copyNewest(from.newest),
  ...(from.periodCounts === undefined ? {} : { periodCounts: [...from.periodCounts] }),
});

export const beginNewest = (): NewestRows => ({ sinceMs: null, looks: 0, batches: beginBatches() });

const copyNewest = (from: NewestRows = beginNewest()): NewestRows => ({
  ...from,
  batches: { ...from.batches, sums: [...from.batches.sums] },
});
