import type { BettingTerm, Evidence } from '../alarms/alarm-budget.ts';
import type { WatchedFeature, WeightShare } from '../alarms/alarm-weights.ts';
import { upStakes } from '../detectors/stakes.ts';
import type { LabelPlan } from './label-plan.ts';
import type { LabelState } from './label-state.ts';

/** Labels are a group of their own in the alarm budget. */
export const qualityGroup = 'quality';

/** The metrics that bet, as the budget weighs them: those with a limit. */
export const labelFeatures = ({ metrics }: LabelPlan): readonly WatchedFeature[] =>
  metrics.filter(({ limit }) => limit !== null).map(({ metric }) => ({ name: metric, group: qualityGroup }));

/** The betting terms of the metrics, for the budget. Weights of other groups and names are passed over. */
export function labelTerms(plan: LabelPlan, weights: readonly WeightShare[]): readonly BettingTerm[] {
  const names = new Set(labelFeatures(plan).map(({ name }) => name));
  return weights
    .filter(({ name, group }) => group === qualityGroup && names.has(name))
    .map(({ name, group, weight }) => ({ id: termId(name), name, group, arm: null, weight, stakes: upStakes.length }));
}

/**
 * The evidence of the cohorts that closed since it was last taken, and the state that goes on without it. The alarm starts
 * again by itself: each tick of the budget gives it new capital, so that a late drift does not have to make up for good
 * months.
 */
export function takeLabelEvidence(state: LabelState): { evidence: Evidence; state: LabelState } {
  const { plan, metrics } = state;
  const evidence = Object.fromEntries(
    metrics.flatMap(({ bets }, index) => (bets === null ? [] : [[termId(plan.metrics[index]?.metric ?? ''), bets]])),
  );
  return { evidence, state: { ...state, metrics: metrics.map((metric) => ({ ...metric, bets: null })) } };
}

const termId = (metric: string): string => `labels/${metric}`;
