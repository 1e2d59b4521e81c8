import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const pixels = 784;
const imagesPerDigit = 250;

/** The mean image of each digit, from the same data that the example's models are trained on. */
let means: readonly (readonly number[])[] | null = null;

function readMeans(): readonly (readonly number[])[] {
  return Array.from({ length: 10 }, (_, digit) => {
    const { data } = require(`mnist/src/digits/${digit}.json`) as { data: readonly number[] };
    const sums = new Array<number>(pixels).fill(0);
    for (let at = 0; at < imagesPerDigit * pixels; at += 1) {
      const pixel = at % pixels;
      sums[pixel] = (sums[pixel] ?? 0) + (data[at] ?? 0) / imagesPerDigit;
    }
    return sums;
  });
}

/** Reads a digit by the nearest mean: a real, if modest, classifier, so that the page's drawing is put to the proof. */
export function readDigit(image: readonly number[]): readonly number[] {
  means ??= readMeans();
  const distances = means.map((mean) => mean.reduce((sum, value, at) => sum + (value - (image[at] ?? 0)) ** 2, 0));
  const nearest = Math.min(...distances);
  const weights = distances.map((distance) => Math.exp((nearest - distance) / 3));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}
