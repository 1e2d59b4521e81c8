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

/** Each `factor` is another model, and so another version. */
export function tinyModel(factor: number): TinyModel {
  const weights = Float32Array.from({ length: inputs * outputs }, (_, index) => ((index * 7) % 5) * factor);
  const bytes = writeOnnx({
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', inputs] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: ['n', outputs] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    initializers: [initializer('w', 'FP32', [inputs, outputs], weights)],
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

export function rowOf(index: number): readonly number[] {
  return Array.from({ length: inputs }, (_, column) => ((index * 13 + column * 5) % 17) - 8);
}

export function inferBody(x: readonly number[]): string {
  return JSON.stringify({ inputs: [{ name: 'x', datatype: 'FP32', shape: [1, inputs], data: x }] });
}
