/** The model that mlserver/linear_runtime.py serves: the same arithmetic and the same file, written a second time. */
export interface LinearModel {
  /** Features to the row of weights that each adds to the logits. */
  readonly weights: readonly (readonly number[])[];
  readonly bias: readonly number[];
}

export const linearModel: LinearModel = {
  weights: [
    [0.75, -0.5, 0.25],
    [-1, 0.5, 0.125],
    [0.5, 0.25, -0.75],
    [0.25, -0.125, 1],
  ],
  bias: [0.5, -0.25, 0],
};

/** https://github.com/huggingface/safetensors#format: length of the header, header as JSON, values. */
export function safetensorsOf({ weights, bias }: LinearModel): Uint8Array {
  const values = new Float32Array([...weights.flat(), ...bias]);
  const split = weights.flat().length * 4;
  const header = Buffer.from(
    JSON.stringify({
      weights: { dtype: 'F32', shape: [weights.length, bias.length], data_offsets: [0, split] },
      bias: { dtype: 'F32', shape: [bias.length], data_offsets: [split, values.byteLength] },
    }),
  );
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  return Buffer.concat([length, header, new Uint8Array(values.buffer)]);
}

export function probabilitiesOf({ weights, bias }: LinearModel, features: readonly number[]): readonly number[] {
  const logits = bias.map((start, column) =>
    features.reduce((sum, value, row) => sum + value * (weights[row]?.[column] ?? 0), start),
  );
  const powers = logits.map((logit) => Math.exp(logit - Math.max(...logits)));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
