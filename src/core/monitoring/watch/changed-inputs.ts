import type { DriftState } from './drift-state.ts';

/** Inputs of the whole service that an open alarm of their windows says changed, in the order of the alarms. */
export function changedInputs({ alarms, features, inputGroups }: DriftState): readonly string[] {
  const isInput = (group: string | undefined): boolean => group !== undefined && inputGroups.includes(group);
  const changed = alarms.filter(({ arm, moved, kind, name }) => {
    // Only an alarm of windows says what moved: one of replicas or labels does not.
    if (arm !== null || moved === '') return false;
    return isInput(kind === 'feature' ? features.find((each) => each.name === name)?.group : name);
  });
  return [...new Set(changed.map(({ name }) => name))];
}
