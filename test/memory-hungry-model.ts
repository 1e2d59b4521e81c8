import { initializer, writeOnnx } from '../src/testing/builders/files/onnx-writer.ts';
import { inputs } from './rigs/tiny-model.ts';

const outputs = 3;
/** More bytes than any address space has: whatever the machine, the allocation is refused at once. */
const tooManyElements = 2 ** 50;

/** Inputs that it has no memory for. */
export function isTooLarge(x: readonly number[]): boolean {
  return Math.max(...x) >= 8;
}

/**
 * `y = x W` as `tinyModel(1)` has it, and a scratch tensor beside it whose size depends on the largest input: from 8 on no
 * memory is enough for it. What a model is that was only ever tried on small inputs.
 */
export function memoryHungryModel(): Uint8Array {
  const weights = Float32Array.from({ length: inputs * outputs }, (_, index) => (index * 7) % 5);
  return writeOnnx({
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', inputs] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: ['n', outputs] }],
    nodes: [
      { op: 'ReduceMax', inputs: ['x'], outputs: ['largest'], ints: { keepdims: 0 } },
      { op: 'Reshape', inputs: ['largest', 'one-row'], outputs: ['largest-row'] },
      { op: 'Sub', inputs: ['largest-row', 'seven'], outputs: ['above-seven'] },
      { op: 'Relu', inputs: ['above-seven'], outputs: ['rows'] },
      { op: 'Mul', inputs: ['rows', 'much'], outputs: ['elements'] },
      { op: 'Cast', inputs: ['elements'], outputs: ['shape'], ints: { to: 7 } }, // TensorProto.INT64
      { op: 'ConstantOfShape', inputs: ['shape'], outputs: ['scratch'] },
      { op: 'ReduceSum', inputs: ['scratch'], outputs: ['nothing'], ints: { keepdims: 0 } },
      { op: 'MatMul', inputs: ['x', 'w'], outputs: ['product'] },
      { op: 'Add', inputs: ['product', 'nothing'], outputs: ['y'] },
    ],
    initializers: [
      initializer('w', 'FP32', [inputs, outputs], weights),
      initializer('one-row', 'INT64', [1], BigInt64Array.of(1n)),
      initializer('seven', 'FP32', [1], Float32Array.of(7)),
      initializer('much', 'FP32', [1], Float32Array.of(tooManyElements)),
    ],
  });
}

/** The answers of `tinyModel(1)` from other bytes: another version, equally good. */
export function sameAnswersModel(): Uint8Array {
  const weights = Float32Array.from({ length: inputs * outputs }, (_, index) => (index * 7) % 5);
  return writeOnnx({
    inputs: [{ name: 'x', datatype: 'FP32', shape: ['n', inputs] }],
    outputs: [{ name: 'y', datatype: 'FP32', shape: ['n', outputs] }],
    nodes: [
      { op: 'MatMul', inputs: ['x', 'w'], outputs: ['product'] },
      { op: 'Identity', inputs: ['product'], outputs: ['y'] },
    ],
    initializers: [initializer('w', 'FP32', [inputs, outputs], weights)],
  });
}
