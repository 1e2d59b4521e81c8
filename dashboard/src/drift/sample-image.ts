import type { DriftSample } from '../../../src/core/monitoring/samples/drift-sample.ts';

/** A picture in one channel, row by row, from 0 to 1. */
export interface SampleImage {
  readonly width: number;
  readonly height: number;
  readonly pixels: readonly number[];
}

const leastSide = 8;
const mostSide = 256;
const mostChannels = 4;

/** The first input of a kept request that looks like a picture: two sides of at least 8, or a square in one line. */
export function readImage({ content }: Pick<DriftSample, 'content'>): SampleImage | null {
  if (content === undefined || content.request === '') return null;
  for (const tensor of inputsOf(content.request)) {
    const image = imageOf(tensor);
    if (image !== null) return image;
  }
  return null;
}

interface Tensor {
  readonly shape?: unknown;
  readonly data?: unknown;
}

function inputsOf(request: string): readonly Tensor[] {
  try {
    const { inputs } = JSON.parse(request) as { readonly inputs?: unknown };
    return Array.isArray(inputs) ? inputs.filter((each) => typeof each === 'object' && each !== null) : [];
  } catch {
    return [];
  }
}

function imageOf({ shape, data }: Tensor): SampleImage | null {
  if (!isNumbers(shape) || !Array.isArray(data)) return null;
  const sides = sidesOf(shape);
  if (sides === null) return null;
  const { width, height, step } = sides;
  const flat: unknown[] = data.flat(8);
  const pixels = Array.from({ length: width * height }, (_, at) => flat[at * step]);
  return isNumbers(pixels) ? { width, height, pixels: stretched(pixels) } : null;
}

/** The first channel of `[n, 28, 28]`, `[n, 3, h, w]`, `[n, h, w, 3]` and `[n, 784]`. */
function sidesOf(shape: readonly number[]): { width: number; height: number; step: number } | null {
  const sizes = shape.slice(1).filter((size) => size !== 1);
  const last = sizes.at(-1) ?? 0;
  const isLast = sizes.length >= 3 && last <= mostChannels;
  const [height = 0, width = 0] = (isLast ? sizes.slice(0, -1) : sizes).slice(-2);
  if (sizes.length >= 2) return isSide(height) && isSide(width) ? { width, height, step: isLast ? last : 1 } : null;
  const side = Math.sqrt(last);
  return isSide(side) ? { width: side, height: side, step: 1 } : null;
}

const isSide = (side: number): boolean => Number.isInteger(side) && side >= leastSide && side <= mostSide;

const isNumbers = (values: unknown): values is readonly number[] =>
  Array.isArray(values) && values.every((value) => typeof value === 'number' && Number.isFinite(value));

/** From 0 to 1 and from 0 to 255 stay what they are; other numbers are spread between their least and their largest. */
function stretched(pixels: readonly number[]): readonly number[] {
  const [least, most] = pixels.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  );
  const [from, to] = least >= 0 && most <= 1 ? [0, 1] : least >= 0 && most <= 255 ? [0, 255] : [least, most];
  return pixels.map((value) => (value - from) / (to - from || 1));
}
