import type { Image } from '../data/images.ts';
import { seededRandom, type SeededRandom } from '../seeded-random.ts';
import { descend, type Layer } from './layer.ts';
import { backward, forward, newNetwork, type Network } from './network.ts';
import { emptyInk, inkOf, shiftInto, type Ink } from './shifted-image.ts';
import type { TrainingSettings } from './settings.ts';

export interface PassReport {
  readonly pass: number;
  readonly passes: number;
  /** Share of the rows of this pass that were classed right before the step that they belong to. */
  readonly accuracyShare: number;
}

interface Row {
  readonly ink: Ink;
  readonly label: number;
}

/** Stochastic gradient descent with momentum, in one fixed order: same images and settings, same bits. */
export function trainNetwork(
  images: readonly Image[],
  settings: TrainingSettings,
  onPass: (report: PassReport) => void,
): readonly Layer[] {
  const random = seededRandom(settings.seed);
  const network = newNetwork(settings.sizes, random);
  const rows = images.map((image) => ({ ink: inkOf(image), label: image.label }));
  const order = Uint32Array.from(rows, (_, index) => index);
  const stepsPerPass = Math.ceil(rows.length / settings.batchRows);
  for (let pass = 0; pass < settings.passes; pass += 1) {
    random.shuffle(order);
    let right = 0;
    for (let step = 0; step < stepsPerPass; step += 1) {
      const batch = order.subarray(step * settings.batchRows, (step + 1) * settings.batchRows);
      right += learnBatch(network, rows, batch, settings.shiftPixels, random);
      const done = (pass * stepsPerPass + step) / (settings.passes * stepsPerPass);
      const descent = { ...settings, learningRate: settings.learningRate * (1 - done) };
      for (const layer of network.layers) descend(layer, batch.length, descent);
    }
    onPass({ pass: pass + 1, passes: settings.passes, accuracyShare: right / rows.length });
  }
  return network.layers;
}

/** Adds up the gradients of one batch; returns how many of its rows were classed right. */
function learnBatch(
  network: Network,
  rows: readonly Row[],
  batch: Uint32Array,
  shiftPixels: number,
  random: SeededRandom,
): number {
  let right = 0;
  for (const index of batch) {
    const { ink, label } = rows[index] as Row;
    const moved = shiftPixels === 0 ? ink : shiftRandomly(ink, shiftPixels, random);
    const probabilities = forward(network, moved);
    if (largest(probabilities) === label) right += 1;
    backward(network, moved, label);
  }
  return right;
}

const shifted = emptyInk();
function shiftRandomly(ink: Ink, pixels: number, random: SeededRandom): Ink {
  const right = random.below(2 * pixels + 1) - pixels;
  const down = random.below(2 * pixels + 1) - pixels;
  return shiftInto(shifted, ink, right, down);
}

function largest(values: Float64Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index += 1) {
    if ((values[index] as number) > (values[best] as number)) best = index;
  }
  return best;
}
