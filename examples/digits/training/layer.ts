import type { SeededRandom } from '../seeded-random.ts';

/** One fully connected layer. `weights` are [inputs, outputs], row-major: a row per input. */
export interface Layer {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: Float32Array;
  readonly bias: Float32Array;
}

/** A layer in training: summed gradients of the batch, and the velocities of momentum descent. */
export interface TrainedLayer extends Layer {
  readonly weightGradients: Float32Array;
  readonly biasGradients: Float32Array;
  readonly weightVelocities: Float32Array;
  readonly biasVelocities: Float32Array;
}

/** Weights uniform within sqrt(6 / inputs) (He et al. 2015, arXiv:1502.01852, for rectified layers); biases 0. */
export function newLayer(inputs: number, outputs: number, random: SeededRandom): TrainedLayer {
  const limit = Math.sqrt(6 / inputs);
  const size = inputs * outputs;
  return {
    inputs,
    outputs,
    weights: Float32Array.from({ length: size }, () => (2 * random.uniform() - 1) * limit),
    bias: new Float32Array(outputs),
    weightGradients: new Float32Array(size),
    biasGradients: new Float32Array(outputs),
    weightVelocities: new Float32Array(size),
    biasVelocities: new Float32Array(outputs),
  };
}

export interface Descent {
  readonly learningRate: number;
  readonly momentum: number;
  /** Pull of every weight (no bias) towards 0, as a factor of the weight itself. */
  readonly weightDecay: number;
}

/** One step along the mean gradient of `rows` rows; the gradients are 0 again afterwards. */
export function descend(layer: TrainedLayer, rows: number, descent: Descent): void {
  move(layer.weights, layer.weightGradients, layer.weightVelocities, rows, descent, descent.weightDecay);
  move(layer.bias, layer.biasGradients, layer.biasVelocities, rows, descent, 0);
}

function move(
  values: Float32Array,
  gradients: Float32Array,
  velocities: Float32Array,
  rows: number,
  { learningRate, momentum }: Descent,
  weightDecay: number,
): void {
  const scale = 1 / rows;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    const slope = (gradients[index] as number) * scale + weightDecay * value;
    const velocity = momentum * (velocities[index] as number) - learningRate * slope;
    velocities[index] = velocity;
    values[index] = value + velocity;
    gradients[index] = 0;
  }
}
