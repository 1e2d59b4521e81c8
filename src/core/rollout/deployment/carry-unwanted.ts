import { unwantedSets } from './desired-sets.ts';
import type { RolloutState } from './rollout-state.ts';

/** How long each unwanted set has been unwanted, carried from one turn to the next. */
export function carryUnwanted(before: ReadonlyMap<string, number>, state: RolloutState): ReadonlyMap<string, number> {
  return new Map(unwantedSets(state).map((set) => [set, before.get(set) ?? state.nowMs]));
}
