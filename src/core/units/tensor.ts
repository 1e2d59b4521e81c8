/** A tensor of a model's signature. `shape` entries are sizes, or -1 for a dimension that the caller chooses. */
export interface TensorSpec {
  readonly name: string;
  /** Open Inference Protocol datatype: `FP32`, `INT64`, `BYTES`, ... */
  readonly datatype: string;
  readonly shape: readonly number[];
}
