import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { sha256Of } from '../cache.ts';
import type { Image } from '../data/images.ts';
import { exportOnnx } from '../onnx/export.ts';
import { seededRandom } from '../seeded-random.ts';
import { inkOf } from './shifted-image.ts';
import { forward, newNetwork } from './network.ts';
import { trainingSettings, type TrainingSettings } from './settings.ts';
import { trainNetwork } from './train.ts';

/** Ten blurred columns, one a class: easy to learn, and enough to run every line of the training. */
function stripes(count: number): Image[] {
  const random = seededRandom(9);
  return Array.from({ length: count }, (_, index) => {
    const label = index % 10;
    const pixels = Array.from({ length: 784 }, (_, position) => {
      const near = Math.abs((position % 28) - (2 * label + 4)) <= 1;
      return near && random.below(5) > 0 ? random.below(256) / 255 : 0;
    });
    return { pixels, label };
  });
}

const settings: TrainingSettings = { ...trainingSettings[1]!, sizes: [784, 16, 10], passes: 12, batchRows: 16 };
const images = stripes(500);
const train = (): Uint8Array =>
  exportOnnx(
    trainNetwork(images, settings, () => undefined),
    'stripes',
  );

test('the same images and settings give the same bytes, which are these on every machine', () => {
  const bytes = train();
  expect(sha256Of(train())).toBe(sha256Of(bytes));
  expect(sha256Of(bytes)).toBe('684b3a09a9984e7768ba86c86084b0c8bba6bfbadf59c483a7ac5cce033e6ed7');
});

test('each pass is reported and the last ones are right', () => {
  const reports: number[] = [];
  trainNetwork(images, { ...settings, shiftPixels: 0 }, ({ accuracyShare }) => reports.push(accuracyShare));
  expect(reports).toHaveLength(12);
  expect(reports.at(-1)).toBeGreaterThan(0.9);
});

test('ONNX Runtime gives what the network gives', async () => {
  const random = seededRandom(1);
  for (const sizes of [
    [784, 10],
    [784, 16, 10],
  ]) {
    const network = newNetwork(sizes, random);
    const session = await InferenceSession.create(exportOnnx(network.layers, 'random'));
    const batch = images.slice(0, 7);
    const pixels = Float32Array.from(batch.flatMap((image) => image.pixels));
    const { probabilities } = await session.run({ image: new Tensor('float32', pixels, [7, 784]) });
    expect(probabilities?.dims).toEqual([7, 10]);
    const expected = batch.flatMap((image) => Array.from(forward(network, inkOf(image))));
    const actual = Array.from(probabilities?.data as Float32Array);
    actual.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? NaN, 5);
    });
    await session.release();
  }
});
