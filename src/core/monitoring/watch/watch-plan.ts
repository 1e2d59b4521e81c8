import { splitWeights, type WeightShare } from '../alarms/alarm-weights.ts';
import { answersAggregate, type ControlPlan } from '../detectors/concurrent-control.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';

/** Each kind of detector gets this part of the weights: a comparison of replicas sees no drift, and series no replica. */
const detectorShare = 0.5;
/** The aggregate of answers is there besides; more than eight are not possible. */
const groupsAtMost = 7;

/** What a feature's group is judged by together: the values that came in, and those that went out. */
export function planOf(features: readonly ControlFeature[]): ControlPlan {
  const groups = [...new Set(features.map(({ group }) => group))].slice(0, groupsAtMost);
  return {
    features,
    aggregates: groups.map((group) => ({
      name: group,
      features: features.filter((feature) => feature.group === group).map(({ name }) => name),
    })),
  };
}

/** The weights of the comparison of replicas, and those of the series; together they are 1. */
export function controlWeights(features: readonly ControlFeature[]): readonly WeightShare[] {
  const together = [answersAggregate, ...planOf(features).aggregates.map(({ name }) => name)];
  return halve(splitWeights(together, features));
}

export const seriesWeights = (features: readonly ControlFeature[]): readonly WeightShare[] =>
  halve(splitWeights([], features));

const halve = (weights: readonly WeightShare[]): readonly WeightShare[] =>
  weights.map((each) => ({ ...each, weight: each.weight * detectorShare }));
