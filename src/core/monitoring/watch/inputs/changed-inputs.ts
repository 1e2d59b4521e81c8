import { featuresIn, listSlices } from '../../slices/slice-state.ts';
import type { DriftState } from '../drift-state.ts';

/** Inputs of the whole service, or of a slice, that an open alarm of their windows says changed, in the order of the alarms. */
export function changedInputs({ alarms, features, inputGroups, slices }: DriftState): readonly string[] {
  const isInput = (group: string | undefined): boolean => group !== undefined && inputGroups.includes(group);
  const inSlices = slices === undefined ? [] : listSlices(slices).flatMap((slice) => featuresIn(slices, slice));
  const groupOf = (name: string): string | undefined =>
    features.find((each) => each.name === name)?.group ?? inSlices.find((each) => each.name === name)?.of?.group;
  const changed = alarms.filter(({ arm, moved, kind, name }) => {
    // Only an alarm of windows says what moved: one of replicas or labels does not.
    if (arm !== null || moved === '') return false;
    return isInput(kind === 'feature' ? groupOf(name) : name);
  });
  return [...new Set(changed.map(({ name }) => name))];
}
