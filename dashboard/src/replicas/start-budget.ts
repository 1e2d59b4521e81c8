import type { EvidenceState } from '../../../src/core/evidence/lock/lock.ts';
import { readDuration } from '../../../src/core/units/quantity/quantity-duration.ts';

/** A limit of the contract on whole starts. */
export interface StartBudget {
  /** `p90` */
  readonly quantile: string;
  readonly limitMs: number;
}

/**
 * Budgets on the whole start, as far as the evidence of cold starts names them in its reasons: `p90 at most 41.2s, within the
 * budget 45s`. Those on single phases (`p90 of weights-load ...`) are no limit on the whole, and are left out. Of evidence that says
 * nothing of a budget, none.
 */
export function startBudgets(evidence: readonly EvidenceState[]): readonly StartBudget[] {
  const reasons = evidence.find(({ kind }) => kind === 'cold-start')?.reasons ?? [];
  return reasons.flatMap((reason) => {
    const [, quantile, limit] = /^(p\d+) (?!of ).*?the budget (\S+?)[;,]?(?:\s|$)/.exec(reason) ?? [];
    const read = limit === undefined ? null : readDuration(limit);
    return quantile !== undefined && read?.ok === true ? [{ quantile, limitMs: read.value }] : [];
  });
}
