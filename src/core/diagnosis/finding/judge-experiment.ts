import { differenceOf, estimateEffect, limitRank, type EffectInterval, type Round } from './effect.ts';
import { excludeLevel, excludeRoundsAtLeast, relevantShare, type ExperimentPlan } from './experiment-plan.ts';

export interface JudgedRounds {
  readonly kind: 'shown' | 'excluded' | 'not-shown';
  readonly effect: EffectInterval;
}

/**
 * Returns what the rounds of one experiment say.
 *
 * | lower limit (level of the plan) | upper limit (5%) | |
 * |---|---|---|
 * | above 5% more answers | - | `shown` |
 * | - | below 5% more answers | `excluded` |
 * | else | else | `not-shown` |
 */
export function judgeRounds(rounds: readonly Round[], level: number): JudgedRounds {
  const effect = estimateEffect(rounds, { lower: level, upper: excludeLevel });
  return { kind: judgeEffect(effect), effect };
}

/** The same of an effect whose limits are known. */
export function judgeEffect({ lower, upper }: EffectInterval): JudgedRounds['kind'] {
  if (lower > relevantShare) return 'shown';
  return upper < relevantShare ? 'excluded' : 'not-shown';
}

/**
 * Whether further rounds, up to the planned number, are of no use. A look in between never names a cause: only the planned
 * number of rounds does. It ends the experiment where the change is excluded, or where so many rounds lie below the line that
 * the lower limit has to.
 */
export function isSettled(rounds: readonly Round[], plan: Pick<ExperimentPlan, 'rounds' | 'level'>): boolean {
  if (rounds.length < excludeRoundsAtLeast) return false;
  if (judgeRounds(rounds, plan.level).kind === 'excluded') return true;
  const line = Math.log1p(relevantShare);
  const below = rounds.filter((round) => differenceOf(round) <= line).length;
  return below >= limitRank(plan.rounds, plan.level);
}
