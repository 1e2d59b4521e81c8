import type { Layer } from '../training/layer.ts';
import { encodeMessage, message, type Field, type Message } from './protobuf.ts';

/** Field numbers and constants from onnx.proto3 of ONNX 1.19: IR version 8 and operator set 17 are what it calls stable. */
const irVersion = 8;
const operatorSet = 17;
const float32 = 1;

/**
 * A network as an ONNX file: input `image` FP32 [batch, 784], output `probabilities` FP32 [batch, 10], one `Gemm` a layer
 * with `Relu` between them and `Softmax` at the end. Everything that turns pixels into probabilities is in the file.
 */
export function exportOnnx(layers: readonly Layer[], title: string): Uint8Array {
  return encodeMessage(
    message(
      [1, irVersion],
      [2, 'plimsoll-example-digits'],
      [7, graph(layers, title)],
      [8, message([1, ''], [2, operatorSet])],
    ),
  );
}

function graph(layers: readonly Layer[], title: string): Message {
  const sizes = [layers[0]?.inputs ?? 0, layers.at(-1)?.outputs ?? 0] as const;
  const nodes = layers.flatMap((_, index) => layerNodes(index, layers.length));
  const weights = layers.flatMap((layer, index) => [
    tensor(`weights${index + 1}`, [layer.inputs, layer.outputs], layer.weights),
    tensor(`bias${index + 1}`, [layer.outputs], layer.bias),
  ]);
  return message(
    ...nodes.map((node): Field => [1, node]),
    [2, 'digits'],
    ...weights.map((weight): Field => [5, weight]),
    [10, title],
    [11, valueInfo('image', sizes[0])],
    [12, valueInfo('probabilities', sizes[1])],
  );
}

function layerNodes(index: number, count: number): readonly Message[] {
  const name = index + 1;
  const from = index === 0 ? 'image' : `hidden${index}`;
  const gemm = node('Gemm', [from, `weights${name}`, `bias${name}`], `scores${name}`);
  if (index < count - 1) return [gemm, node('Relu', [`scores${name}`], `hidden${name}`)];
  // Without an attribute the axis of Softmax-13 is the last one.
  return [gemm, node('Softmax', [`scores${name}`], 'probabilities')];
}

function node(operator: string, inputs: readonly string[], output: string): Message {
  return message(...inputs.map((input): Field => [1, input]), [2, output], [3, output], [4, operator]);
}

function tensor(name: string, dimensions: readonly number[], values: Float32Array): Message {
  return message(
    ...dimensions.map((dimension): Field => [1, dimension]),
    [2, float32],
    [8, name],
    [9, littleEndian(values)],
  );
}

/** ONNX keeps raw data little-endian whatever the machine's own order is. */
function littleEndian(values: Float32Array): Uint8Array {
  const view = new DataView(new ArrayBuffer(values.length * 4));
  values.forEach((value, index) => {
    view.setFloat32(index * 4, value, true);
  });
  return new Uint8Array(view.buffer);
}

function valueInfo(name: string, columns: number): Message {
  const shape = message([1, message([2, 'batch'])], [1, message([1, columns])]);
  return message([1, name], [2, message([1, message([1, float32], [2, shape])])]);
}
