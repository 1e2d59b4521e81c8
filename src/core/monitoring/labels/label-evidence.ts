import type { BettingTerm, Evidence } from '../alarms/alarm-budget.ts';
import type { WatchedFeature, WeightShare } from '../alarms/alarm-weights.ts';
import { noBets, upStakes } from '../detectors/stakes.ts';
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
 * The evidence of the cohorts that closed since it was last taken, and the state that goes on without it. To be taken at
 * each tick of the budget: between two cohorts it is 1, which bets nothing, so that each tick gives its part of the capital.
 * With no cohort for two lengths of one there is no evidence, so that no capital piles up while no label comes.
 *
 * The alarm starts again by itself: new capital comes at each tick, and a late drift has no good months to make up for.
 */
export function takeLabelEvidence(state: LabelState, nowMs: number): { evidence: Evidence; state: LabelState } {
  const { plan, metrics } = state;
  const judges = isJudging(state, nowMs);
  const evidence = Object.fromEntries(
    plan.metrics.flatMap(({ metric, limit }, index) => {
      const bets = metrics[index]?.bets ?? (judges ? noBets(upStakes.length) : null);
      return limit === null || bets === null ? [] : [[termId(metric), bets]];
    }),
  );
  return { evidence, state: { ...state, metrics: metrics.map((metric) => ({ ...metric, bets: null })) } };
}

/** Whether a cohort closed lately, as far as cohorts can: the last one ends `labels.within` before now at best. */
function isJudging({ plan, recent }: LabelState, nowMs: number): boolean {
  const last = recent.at(-1);
  return last !== undefined && nowMs - plan.withinMs - (last.fromMs + plan.cohortMs) < 2 * plan.cohortMs;
}

const termId = (metric: string): string => `labels/${metric}`;
