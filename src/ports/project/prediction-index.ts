import type { LatencyMeasurement } from '../../core/evaluation/measure/measurements.ts';
import type { Digest } from '../../core/units/digest.ts';

/** What is remembered of one run of a model over a dataset; the predictions themselves are a blob. */
export interface PredictionRecord {
  readonly predictions: Digest;
  readonly latency: LatencyMeasurement;
  /** Golden set that the same replica reproduced; null where there was none, or it gave other answers. */
  readonly golden: Digest | null;
  readonly atMs: number;
}

/** Finds predictions by what they are of (core/evaluation/predictions.ts), so that no comparison runs a model twice. */
export interface PredictionIndex {
  /** Null where there is none, and where what is there cannot be read: then the model runs again. */
  find(key: Digest): Promise<PredictionRecord | null>;
  /** Every record. @throws PlimsollError `predictions-unreadable` (corrupt) for one that cannot be read. */
  list(): AsyncIterable<PredictionRecord>;
  /** Atomic; the newest record of a key stays. @throws PlimsollError as the storage. */
  remember(key: Digest, record: PredictionRecord): Promise<void>;
}
