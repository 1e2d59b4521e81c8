import type { WorkEvidence } from '../../policy.ts';
import { workFactorOf, type LearnedWork } from './learn-work.ts';
import { gainShareOf } from './unit-trial.ts';
import { costOf } from './unit-weights.ts';

/** Returns what was learned of the work of requests, for people; null before a block of them was learned from. */
export function learnedWorkOf(work: LearnedWork | null | undefined): WorkEvidence | null {
  if (work?.version !== 1 || work.sized === 0) return null;
  const { unit, weights, sizes, trial, reference } = work;
  const whole = costOf(weights, sizes);
  return {
    unit,
    isUsed: reference !== null,
    explainedShare: gainShareOf(trial),
    costShares: weights.costs.map((cost, at) => ((at === 0 ? 1 : (sizes[at - 1] ?? 0)) * cost) / whole),
    factor: workFactorOf(work),
    blocks: weights.blocks,
  };
}
