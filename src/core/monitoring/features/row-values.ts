import type { ControlFeature, FeatureValue } from '../detectors/control-learners.ts';

/** The values of a row by the names of its features. */
export interface RowValues {
  readonly values: Readonly<Record<string, FeatureValue>>;
  /** The same, as they were read; left out where a row was not read from an exchange. */
  readonly read?: ReadCells | undefined;
}

/** Values in the order of the features. Rows of the same form share features and places. */
export interface ReadCells {
  readonly features: readonly ControlFeature[];
  readonly cells: readonly FeatureValue[];
  /** Of each feature, by its name. */
  readonly places: ReadonlyMap<string, number>;
}

/**
 * The values under their names, without a prototype, so that a feature may have any name. To name 500 values takes longer than to
 * count them: that is left until somebody asks.
 */
export function nameValues({ features, cells }: ReadCells): Record<string, FeatureValue> {
  const values = Object.create(null) as Record<string, FeatureValue>;
  let at = 0;
  for (const { name } of features) values[name] = cells[at++] ?? null;
  return values;
}

/** The value of a feature; undefined where the row has no such feature. */
export function readValue(row: RowValues, name: string): FeatureValue | undefined {
  const { read } = row;
  if (read === undefined) return Object.hasOwn(row.values, name) ? row.values[name] : undefined;
  const at = read.places.get(name);
  return at === undefined ? undefined : (read.cells[at] ?? null);
}
