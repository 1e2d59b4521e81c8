import { customGroup } from '../features/custom-features.ts';
import { readValue, type RowValues } from '../features/row-values.ts';
import { formOf, type ControlFeature, type FeatureValue } from './control-learners.ts';

/**
 * The values of a row in the order of the features, each in the form that its kind has; undefined where nobody knows what the
 * row has of a feature.
 */
export type Cells = readonly (FeatureValue | undefined)[];

export function readCells(features: readonly ControlFeature[], row: RowValues): Cells {
  // `readRow` gives each value in the form of its kind.
  if (row.read?.features === features) return row.read.cells;
  return features.map((feature) => {
    const value = readValue(row, feature.name);
    return value === undefined && feature.group === customGroup ? undefined : formOf(feature.kind, value);
  });
}
