import type { Contract } from './contract.ts';

const leastStartTimeoutMs = 60_000;
const timesBudget = 3;

/** Where a budget is written, well beyond it; without one the rollout's own bound holds. */
export function startTimeoutMs({ coldStart }: Pick<Contract, 'coldStart'>): number | undefined {
  if (coldStart === undefined) return undefined;
  return Math.max(leastStartTimeoutMs, timesBudget * Math.max(0, ...Object.values(coldStart.budget)));
}
