import { numeric, type ReadFeature } from './feature-list.ts';

/** How the numbers of a row lie beside each other. */
export interface Grid {
  /** Two sides of at least 8. */
  readonly isImage: boolean;
  /** From a number to its neighbour in the line: the channels where they stand last, else 1. */
  readonly step: number;
  /** Numbers of one line. */
  readonly line: number;
  /** Numbers of one plane; neighbours never lie in two planes. */
  readonly plane: number;
}

const leastSide = 8;
const mostChannels = 4;
const projections = 4;

/** `[28, 28]`, `[3, 224, 224]`, `[224, 224, 3]`, and `[784]`, which is 28 x 28. Everything else is one line. */
export function gridOf(rowShape: readonly number[]): Grid {
  const sizes = rowShape.filter((size) => size !== 1);
  const last = sizes.at(-1) ?? 1;
  const channels = sizes.length >= 3 && last <= mostChannels ? last : 1;
  const [height = 1, width = 1] = (channels === 1 ? sizes : sizes.slice(0, -1)).slice(-2);
  if (sizes.length >= 2 && Math.min(height, width) >= leastSide) {
    return { isImage: true, step: channels, line: width * channels, plane: height * width * channels };
  }
  const size = sizes.reduce((product, each) => product * each, 1);
  const side = Math.sqrt(size);
  const isSquare = sizes.length === 1 && Number.isInteger(side) && side >= leastSide;
  return { isImage: isSquare, step: 1, line: isSquare ? side : size, plane: size };
}

/**
 * Mean, contrast (the standard deviation), sharpness (the mean absolute difference of neighbours) and four fixed random
 * projections. A number of a projection is added or taken away by a bit that its place alone decides, and the sum is
 * divided by the root of the size: numbers of variance 1 give a projection of variance 1.
 */
export function readTensor(data: ArrayLike<number>, size: number, grid: Grid): readonly ReadFeature[] {
  let sum = 0;
  const projected = [0, 0, 0, 0];
  for (let at = 0; at < size; at += 1) {
    const value = data[at] ?? NaN;
    sum += value;
    const bits = bitsOf(at);
    for (let each = 0; each < projections; each += 1)
      projected[each] = (projected[each] ?? 0) + (bits & (1 << each) ? value : -value);
  }
  const mean = sum / size;
  return [
    numeric('.mean', mean),
    numeric('.contrast', contrastOf(data, size, mean)),
    numeric('.sharpness', sharpnessOf(data, size, grid)),
    ...projected.map((each, at) => numeric(`.projection-${at + 1}`, each / Math.sqrt(size))),
  ];
}

function contrastOf(data: ArrayLike<number>, size: number, mean: number): number {
  let squares = 0;
  for (let at = 0; at < size; at += 1) squares += ((data[at] ?? NaN) - mean) ** 2;
  return Math.sqrt(squares / size);
}

function sharpnessOf(data: ArrayLike<number>, size: number, { step, line, plane }: Grid): number {
  let [sum, pairs] = [0, 0];
  for (let at = 0; at < size; at += 1) {
    const value = data[at] ?? NaN;
    if ((at % line) + step < line) {
      sum += Math.abs(value - (data[at + step] ?? NaN));
      pairs += 1;
    }
    if ((at % plane) + line < plane) {
      sum += Math.abs(value - (data[at + line] ?? NaN));
      pairs += 1;
    }
  }
  return pairs === 0 ? 0 : sum / pairs;
}

/** Four random bits of a place: the finalizer of splitmix32, which never changes. */
function bitsOf(at: number): number {
  let mixed = (at + 0x9e3779b9) | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
  return (mixed ^ (mixed >>> 15)) >>> 28;
}
