import type { OnnxDatatype } from './onnx-datatypes.ts';
import { initializer, writeOnnx, type OnnxInitializer, type OnnxNode } from './onnx-writer.ts';

/** `y = x`, any datatype; two columns and as many rows as the caller sends, unless the shape says otherwise. */
export function identityModel(
  datatype: OnnxDatatype,
  shape: readonly (number | string)[] = ['n', 2],
): Uint8Array<ArrayBuffer> {
  return writeOnnx({
    inputs: [{ name: 'x', datatype, shape }],
    outputs: [{ name: 'y', datatype, shape }],
    nodes: [{ op: 'Identity', inputs: ['x'], outputs: ['y'] }],
  });
}

/** `y = x . w`, FP32, [n, 2] to [n, 2] with w = [[1, 2], [3, 4]]. */
export function matrixModel(): Uint8Array<ArrayBuffer> {
  return writeOnnx({
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', 2] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: ['n', 2] }],
    nodes: [{ op: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
    initializers: [initializer('w', 'FP32', [2, 2], Float32Array.of(1, 2, 3, 4))],
  });
}

export interface PerceptronSizes {
  /** Of input, hidden layers and output: `[784, 128, 10]`. */
  readonly layers: readonly number[];
  readonly inputName?: string;
  readonly outputName?: string;
  readonly seed?: number;
}

/** A multilayer perceptron with ReLU between and softmax at the end, FP32; weights are seeded, not trained. */
export function perceptronModel(sizes: PerceptronSizes): Uint8Array<ArrayBuffer> {
  const { layers, inputName = 'image', outputName = 'probabilities', seed = 1 } = sizes;
  const random = seededRandom(seed);
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  let previous = inputName;
  for (let layer = 1; layer < layers.length; layer += 1) {
    const [fanIn = 1, fanOut = 1] = [layers[layer - 1], layers[layer]];
    const scale = Math.sqrt(2 / fanIn);
    const weights = Float32Array.from({ length: fanIn * fanOut }, () => (random() * 2 - 1) * scale);
    initializers.push(initializer(`w${layer}`, 'FP32', [fanIn, fanOut], weights));
    initializers.push(initializer(`b${layer}`, 'FP32', [fanOut], new Float32Array(fanOut)));
    nodes.push({ op: 'Gemm', inputs: [previous, `w${layer}`, `b${layer}`], outputs: [`z${layer}`] });
    const last = layer === layers.length - 1;
    previous = last ? outputName : `a${layer}`;
    nodes.push({
      op: last ? 'Softmax' : 'Relu',
      inputs: [`z${layer}`],
      outputs: [previous],
      ...(last ? { ints: { axis: -1 } } : {}),
    });
  }
  return writeOnnx({
    inputs: [{ name: inputName, datatype: 'FP32', shape: ['n', layers[0] ?? 1] }],
    outputs: [{ name: outputName, datatype: 'FP32', shape: ['n', layers.at(-1) ?? 1] }],
    nodes,
    initializers,
  });
}

/** mulberry32 (public domain, Tommy Ettinger): numbers from 0 to below 1, the same for the same seed. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
