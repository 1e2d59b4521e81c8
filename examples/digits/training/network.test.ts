import { expect, test } from 'vitest';
import { seededRandom } from '../seeded-random.ts';
import { backward, forward, newNetwork } from './network.ts';
import { emptyInk, inkOf, shiftInto } from './shifted-image.ts';

const random = seededRandom(5);
const blot = (): number[] => Array.from({ length: 784 }, () => (random.below(4) === 0 ? random.uniform() : 0));

/** Central differences of the loss against `backward`, for each kind of weight. */
test.each([[[784, 10]], [[784, 12, 10]], [[784, 9, 7, 10]]])('gradients of %j are the slopes of the loss', (sizes) => {
  const network = newNetwork(sizes, random);
  const ink = inkOf({ pixels: blot(), label: 3 });
  const loss = (): number => -Math.log(forward(network, ink)[3] ?? 0);
  forward(network, ink);
  backward(network, ink, 3);
  for (const layer of network.layers) {
    for (const [values, gradients] of [
      [layer.weights, layer.weightGradients],
      [layer.bias, layer.biasGradients],
    ] as const) {
      const index = gradients.findIndex((gradient) => Math.abs(gradient) > 0.01);
      expect(index).toBeGreaterThanOrEqual(0);
      const kept = values[index] ?? 0;
      values[index] = kept + 2 ** -10;
      const above = loss();
      values[index] = kept - 2 ** -10;
      const below = loss();
      values[index] = kept;
      expect((above - below) / 2 ** -9).toBeCloseTo(gradients[index] ?? NaN, 2);
    }
  }
});

test('a shift moves ink and loses what leaves the frame', () => {
  const pixels = Array.from({ length: 784 }, () => 0);
  pixels[0] = 0.25;
  pixels[27] = 0.5;
  pixels[28 * 5 + 10] = 1;
  const moved = shiftInto(emptyInk(), inkOf({ pixels, label: 0 }), 1, 2);
  expect(Array.from(moved.positions.subarray(0, moved.count))).toEqual([28 * 2 + 1, 28 * 7 + 11]);
  expect(Array.from(moved.values.subarray(0, moved.count))).toEqual([0.25, 1]);
});
