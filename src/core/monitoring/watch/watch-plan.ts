import type { BettingTerm } from '../alarms/alarm-budget.ts';
import { splitWeights, type WeightShare } from '../alarms/alarm-weights.ts';
import { answersAggregate, type ControlPlan } from '../detectors/concurrent-control.ts';
import { labelFeatures } from '../labels/label-evidence.ts';
import type { LabelPlan } from '../labels/label-plan.ts';
import type { ControlFeature } from '../detectors/control-learners.ts';
import { featuresIn, listSlices, slotsOfFeature, type Slice, type SlicesState } from '../slices/slice-state.ts';
import { seriesTerms, type WatchedSeries } from './windows/series.ts';

/**
 * The parts of the weights: a comparison of replicas sees no drift of data, series see no replica, and labels alone see what
 * is true. Who gets which inputs is one process, which needs little.
 */
const controlShare = 0.35;
export const routedShare = 0.05;
const seriesShare = 0.4;
const labelShare = 0.2;
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

/** The weights of the comparison of replicas, of the series and of the labels; with that of routing they are 1. */
export function controlWeights(features: readonly ControlFeature[]): readonly WeightShare[] {
  const together = [answersAggregate, ...planOf(features).aggregates.map(({ name }) => name)];
  return partOf(controlShare, splitWeights(together, features));
}

/** With slices, half of the share of series is theirs. */
export const seriesWeights = (
  features: readonly ControlFeature[],
  slices: SlicesState | undefined,
): readonly WeightShare[] => partOf(slices === undefined ? seriesShare : seriesShare / 2, splitWeights([], features));

/** Each slot has the same part, whether a slice has it or not: one that is missing, or goes, leaves its part unused. */
export const sliceWeights = (slices: SlicesState, slice: Slice): readonly WeightShare[] =>
  partOf(seriesShare / 2 / (slotsOfFeature * slices.by.length), splitWeights([], featuresIn(slices, slice)));

/** The betting terms of the series of all rows, and of those of slices. */
export const historyTerms = ({ features, series, slices }: Sliced): readonly BettingTerm[] => [
  ...seriesTerms(series, seriesWeights(features, slices)),
  ...(slices === undefined ? [] : listSlices(slices).flatMap((slice) => sliceTerms(slices, slice))),
];

interface Sliced {
  readonly features: readonly ControlFeature[];
  readonly series: readonly WatchedSeries[];
  readonly slices?: SlicesState | undefined;
}

const sliceTerms = (slices: SlicesState, slice: Slice): readonly BettingTerm[] =>
  seriesTerms(slice.series, sliceWeights(slices, slice));

export const labelWeights = (plan: LabelPlan): readonly WeightShare[] =>
  partOf(labelShare, splitWeights([], labelFeatures(plan)));

const partOf = (share: number, weights: readonly WeightShare[]): readonly WeightShare[] =>
  weights.map((each) => ({ ...each, weight: each.weight * share }));
