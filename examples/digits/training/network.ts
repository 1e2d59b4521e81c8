import type { SeededRandom } from '../seeded-random.ts';
import { softmaxInPlace } from './exponential.ts';
import { newLayer, type TrainedLayer } from './layer.ts';
import type { Ink } from './shifted-image.ts';

/** Layers with a rectifier (ReLU) between them and a softmax at the end, and the buffers of one row on its way through. */
export interface Network {
  readonly layers: readonly TrainedLayer[];
  /** What each layer gave for the present row: rectified scores, and at the end probabilities. */
  readonly activations: readonly Float64Array[];
  /** Slope of the loss by each layer's scores, for the present row. */
  readonly slopes: readonly Float64Array[];
}

/** `sizes` [784, 10] is softmax regression; [784, 128, 10] has one hidden layer. */
export function newNetwork(sizes: readonly number[], random: SeededRandom): Network {
  const layers = sizes.slice(1).map((outputs, index) => newLayer(sizes[index] ?? 0, outputs, random));
  return {
    layers,
    activations: layers.map((layer) => new Float64Array(layer.outputs)),
    slopes: layers.map((layer) => new Float64Array(layer.outputs)),
  };
}

/** Probabilities of one row, in a buffer that the next row overwrites. */
export function forward(network: Network, ink: Ink): Float64Array {
  const last = network.layers.length - 1;
  network.layers.forEach((layer, index) => {
    const sums = network.activations[index] as Float64Array;
    if (index === 0) sumInk(layer, ink, sums);
    else sumValues(layer, network.activations[index - 1] as Float64Array, sums);
    if (index === last) softmaxInPlace(sums);
    else rectify(sums);
  });
  return network.activations[last] as Float64Array;
}

/** After `forward` of the same row: adds its gradients of the cross-entropy to those of the batch. */
export function backward(network: Network, ink: Ink, label: number): void {
  const last = network.layers.length - 1;
  const probabilities = network.activations[last] as Float64Array;
  const slopes = network.slopes[last] as Float64Array;
  for (let index = 0; index < slopes.length; index += 1) {
    slopes[index] = (probabilities[index] as number) - (index === label ? 1 : 0);
  }
  for (let index = last; index >= 0; index -= 1) {
    const layer = network.layers[index] as TrainedLayer;
    const above = network.slopes[index] as Float64Array;
    addInto(layer.biasGradients, above);
    if (index === 0) {
      addInkGradients(layer, ink, above);
    } else {
      const below = network.activations[index - 1] as Float64Array;
      addGradients(layer, below, above, network.slopes[index - 1] as Float64Array);
    }
  }
}

function sumInk(layer: TrainedLayer, ink: Ink, sums: Float64Array): void {
  const { weights, outputs } = layer;
  sums.set(layer.bias);
  for (let spot = 0; spot < ink.count; spot += 1) {
    const value = ink.values[spot] as number;
    const row = (ink.positions[spot] as number) * outputs;
    for (let output = 0; output < outputs; output += 1) {
      sums[output] = (sums[output] as number) + value * (weights[row + output] as number);
    }
  }
}

function sumValues(layer: TrainedLayer, values: Float64Array, sums: Float64Array): void {
  const { weights, outputs } = layer;
  sums.set(layer.bias);
  for (let input = 0; input < values.length; input += 1) {
    const value = values[input] as number;
    if (value === 0) continue;
    const row = input * outputs;
    for (let output = 0; output < outputs; output += 1) {
      sums[output] = (sums[output] as number) + value * (weights[row + output] as number);
    }
  }
}

function rectify(sums: Float64Array): void {
  for (let index = 0; index < sums.length; index += 1) if ((sums[index] as number) < 0) sums[index] = 0;
}

function addInto(gradients: Float32Array, slopes: Float64Array): void {
  for (let index = 0; index < slopes.length; index += 1) {
    gradients[index] = (gradients[index] as number) + (slopes[index] as number);
  }
}

function addInkGradients(layer: TrainedLayer, ink: Ink, slopes: Float64Array): void {
  const { weightGradients, outputs } = layer;
  for (let spot = 0; spot < ink.count; spot += 1) {
    const value = ink.values[spot] as number;
    const row = (ink.positions[spot] as number) * outputs;
    for (let output = 0; output < outputs; output += 1) {
      weightGradients[row + output] = (weightGradients[row + output] as number) + value * (slopes[output] as number);
    }
  }
}

/** Gradients of a layer above the first, and the slopes that it hands down through the rectifier below it. */
function addGradients(layer: TrainedLayer, below: Float64Array, above: Float64Array, handedDown: Float64Array): void {
  const { weights, weightGradients, outputs } = layer;
  for (let input = 0; input < below.length; input += 1) {
    const value = below[input] as number;
    let slope = 0;
    if (value > 0) {
      const row = input * outputs;
      for (let output = 0; output < outputs; output += 1) {
        const over = above[output] as number;
        weightGradients[row + output] = (weightGradients[row + output] as number) + value * over;
        slope += over * (weights[row + output] as number);
      }
    }
    handedDown[input] = slope;
  }
}
