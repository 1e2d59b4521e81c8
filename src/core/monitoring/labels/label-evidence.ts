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

/**
 * The betting terms of the metrics, for the budget: half of the weight of a metric is for all labels, half for labels that were
 * asked for. The parts are fixed: what nobody asks for leaves its half unused. Weights of other groups and names are passed over.
 */
export function labelTerms(plan: LabelPlan, weights: readonly WeightShare[]): readonly BettingTerm[] {
  const names = new Set(labelFeatures(plan).map(({ name }) => name));
  return weights
    .filter(({ name, group }) => group === qualityGroup && names.has(name))
    .flatMap(({ name, group, weight }) =>
      [termId(name), askedTermId(name)].map((id) => ({
        ...{ id, name, group, arm: null, weight: weight / 2, stakes: upStakes.length },
      })),
    );
}

/**
 * The evidence of the cohorts that closed and of the asks that were judged since it was last taken, and the state that goes on
 * without it. To be taken at each tick of the budget: between two of them it is 1, which bets nothing, so that each tick gives
 * its part of the capital. With nothing for twice as long as usual there is no evidence, so that no capital piles up while no
 * label comes.
 *
 * The alarm starts again by itself: new capital comes at each tick, and a late drift has no good months to make up for.
 */
export function takeLabelEvidence(state: LabelState, nowMs: number): { evidence: Evidence; state: LabelState } {
  const { plan, metrics, asked } = state;
  const [judges, judgesAsked] = [isJudging(state, nowMs), isJudgingAsked(state, nowMs)];
  const evidence = Object.fromEntries(
    plan.metrics.flatMap(({ metric, limit }, index) => {
      if (limit === null) return [];
      const none = noBets(upStakes.length);
      const bets = metrics[index]?.bets ?? (judges ? none : null);
      const ofAsked = asked?.metrics[index]?.bets ?? (judgesAsked ? none : null);
      return [
        ...(bets === null ? [] : [[termId(metric), bets] as const]),
        ...(ofAsked === null ? [] : [[askedTermId(metric), ofAsked] as const]),
      ];
    }),
  );
  return { evidence, state: withoutBets(state) };
}

/** Whether anything was bet since it was last taken. */
export const hasBets = ({ metrics, asked }: LabelState): boolean =>
  [...metrics, ...(asked?.metrics ?? [])].some(({ bets }) => bets !== null);

function withoutBets(state: LabelState): LabelState {
  const cleared = <T extends object>(metrics: readonly T[]) => metrics.map((metric) => ({ ...metric, bets: null }));
  const { metrics, asked } = state;
  return {
    ...state,
    metrics: cleared(metrics),
    ...(asked === undefined ? {} : { asked: { ...asked, metrics: cleared(asked.metrics) } }),
  };
}

/** Whether a cohort closed lately, as far as cohorts can: the last one ends `labels.within` before now at best. */
function isJudging({ plan, recent }: LabelState, nowMs: number): boolean {
  const last = recent.at(-1);
  return last !== undefined && nowMs - plan.withinMs - (last.fromMs + plan.cohortMs) < 2 * plan.cohortMs;
}

/** Whether an ask was judged lately, by the time between the two before. */
function isJudgingAsked({ plan, asked }: LabelState, nowMs: number): boolean {
  if (asked === undefined) return false;
  return nowMs - asked.lastJudgedMs < 2 * Math.max(plan.cohortMs, asked.everyMs ?? 0);
}

const termId = (metric: string): string => `labels/${metric}`;
const askedTermId = (metric: string): string => `asked/${metric}`;
