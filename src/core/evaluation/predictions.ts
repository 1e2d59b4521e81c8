import { digestOf, type Digest } from '../units/digest.ts';

export type NumberValues = Float32Array | Float64Array;

/** What one version answered to every row of a data version, in the order of the rows. */
export interface Predictions {
  readonly rows: number;
  readonly outputs: readonly PredictedOutput[];
}

export interface PredictedOutput {
  readonly name: string;
  /** Of the protocol: `FP32`, `INT64`, `BYTES`. */
  readonly datatype: string;
  /** Of one row, without the batch; null where rows differ, and `lengths` has the number of elements of each. */
  readonly rowShape: readonly number[] | null;
  readonly lengths: Int32Array | null;
  /** All rows one after another. */
  readonly values: NumberValues | readonly string[];
}

/** Everything that decides what is answered. Another of any of these is another run of the model. */
export interface PredictionSubjects {
  /** Of code, its section of the contract, and model: core/rollout/names.ts. */
  readonly pair: Digest;
  readonly dataset: Digest;
  readonly runtime: Digest;
  readonly deviceClasses: Digest;
  /** How many rows of the beginning; null for all. */
  readonly rows: number | null;
}

export const predictionsKey = (subjects: PredictionSubjects): Digest =>
  digestOf({ predictionsVersion: 1, ...subjects });

/** Number of elements of one row. */
export const rowSize = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

export const isTexts = (values: NumberValues | readonly string[]): values is readonly string[] => Array.isArray(values);
