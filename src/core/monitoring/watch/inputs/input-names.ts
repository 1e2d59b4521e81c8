import type { ControlFeature } from '../../detectors/control-learners.ts';

interface Watched {
  readonly features: readonly ControlFeature[];
  /** Groups of the features that came in. */
  readonly inputGroups: readonly string[];
}

/** The features of what was asked; all others are of what was answered, or of both. */
export const inputNames = ({ features, inputGroups }: Watched): ReadonlySet<string> =>
  new Set(features.filter(({ group }) => inputGroups.includes(group)).map(({ name }) => name));
