import { artifactDigest } from '../../src/core/registry/artifact.ts';
import type { GoldenSet } from '../../src/core/monitoring/golden.ts';
import { digestOf, digestOfBytes, type Digest } from '../../src/core/units/digest.ts';
import { initializer, writeOnnx } from '../../src/testing/builders/files/onnx-writer.ts';

/** `y = x W`, with weights that are small whole numbers: every answer is exact, so that a wrong one is seen. */
export interface TinyModel {
  readonly name: 'tiny';
  readonly bytes: Uint8Array;
  readonly file: { readonly path: string; readonly digest: Digest; readonly bytes: number };
  readonly digest: Digest;
  readonly signature: typeof signature;
  answer(x: readonly number[]): readonly number[];
  golden(): GoldenSet;
}

export const inputs = 4;
const outputs = 3;
const signature = {
  inputs: [{ name: 'x', datatype: 'FP32', shape: [-1, inputs] }],
  outputs: [{ name: 'y', datatype: 'FP32', shape: [-1, outputs] }],
};

/**
 * Each `factor` is another model, and so another version.
 * @param hidden width of a layer that changes no answer; its weights are 4 * hidden^2 bytes. 0: no such layer
 */
export function tinyModel(factor: number, hidden = 0): TinyModel {
  const weights = Float32Array.from({ length: inputs * outputs }, (_, index) => ((index * 7) % 5) * factor);
  const bytes = writeOnnx({
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', inputs] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: ['n', outputs] }],
    ...(hidden === 0 ? oneLayer(weights) : threeLayers(weights, hidden)),
  });
  const file = { path: 'model.onnx', digest: digestOfBytes(bytes), bytes: bytes.length };
  const digest = artifactDigest([file]);
  const answer = (x: readonly number[]): readonly number[] =>
    Array.from({ length: outputs }, (_, column) =>
      x.reduce((sum, value, row) => sum + value * (weights[row * outputs + column] ?? 0), 0),
    );
  const golden = (): GoldenSet => ({
    goldenVersion: 1,
    dataName: 'tiny-golden',
    dataDigest: digestOf('tiny-golden'),
    modelName: 'tiny',
    modelDigest: digest,
    runtime: {},
    tolerance: { absolute: 1e-4, relative: 1e-4, argMax: false },
    cases: [0, 1, 2].map((index) => {
      const x = rowOf(index);
      return {
        id: `row-${index}`,
        inputs: [{ name: 'x', datatype: 'FP32', shape: [1, inputs], data: x }],
        outputs: [{ name: 'y', datatype: 'FP32', shape: [1, outputs], data: answer(x) }],
      };
    }),
  });
  return { name: 'tiny', bytes, file, digest, signature, answer, golden };
}

const oneLayer = (weights: Float32Array) => ({
  nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
  initializers: [initializer('w', 'FP32', [inputs, outputs], weights)],
});

/** Writes the answer into the first columns of the hidden layer, keeps it by an identity, and reads it again. */
function threeLayers(weights: Float32Array, hidden: number) {
  const into = new Float32Array(inputs * hidden);
  const keep = new Float32Array(hidden * hidden);
  const out = new Float32Array(hidden * outputs);
  for (let row = 0; row < inputs; row += 1) {
    for (let column = 0; column < outputs; column += 1) {
      into[row * hidden + column] = weights[row * outputs + column] ?? 0;
    }
  }
  for (let index = 0; index < hidden; index += 1) keep[index * hidden + index] = 1;
  for (let column = 0; column < outputs; column += 1) out[column * outputs + column] = 1;
  return {
    nodes: [
      { op: 'MatMul', inputs: ['x', 'into'], outputs: ['h'] },
      { op: 'MatMul', inputs: ['h', 'keep'], outputs: ['k'] },
      { op: 'MatMul', inputs: ['k', 'out'], outputs: ['y'] },
    ],
    initializers: [
      initializer('into', 'FP32', [inputs, hidden], into),
      initializer('keep', 'FP32', [hidden, hidden], keep),
      initializer('out', 'FP32', [hidden, outputs], out),
    ],
  };
}

export function rowOf(index: number): readonly number[] {
  return Array.from({ length: inputs }, (_, column) => ((index * 13 + column * 5) % 17) - 8);
}

export function inferBody(x: readonly number[]): string {
  return JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, inputs], data: x }] });
}
