import type { NamedNumbers } from './exchange.ts';
import { numeric, type ReadFeature } from './feature-list.ts';
import { readScores } from './score-features.ts';
import { gridOf, readTensor } from './tensor-features.ts';

/** A row of at most so many numbers is read number by number. */
const mostSingle = 32;
const suffixes = Array.from({ length: mostSingle }, (_, at) => `[${at}]`);

/**
 * The features of the first row of a tensor.
 *
 * | one row has | features |
 * |---|---|
 * | 1 number | the number |
 * | scores of classes (outputs only) | class, confidence, entropy |
 * | 2 to 32 numbers | each number |
 * | more numbers, or an image | mean, contrast, sharpness, 4 projections |
 */
export function readNumbers(value: NamedNumbers, isOutput: boolean): readonly ReadFeature[] {
  let size = 1;
  for (let axis = 1; axis < value.shape.length; axis += 1) size *= value.shape[axis] ?? 1;
  if (size === 1) return [numeric('', value.data[0] ?? NaN)];
  if (!(size >= 1)) return [];
  const rowShape = value.shape.slice(1);
  const scores = isOutput ? readScores(value.name, value.data, rowShape) : null;
  if (scores !== null) return scores;
  const grid = gridOf(rowShape);
  if (size > mostSingle || grid.isImage) return readTensor(value.data, size, grid);
  const features: ReadFeature[] = [];
  for (let at = 0; at < size; at += 1) features.push(numeric(suffixes[at] ?? '', value.data[at] ?? NaN));
  return features;
}
