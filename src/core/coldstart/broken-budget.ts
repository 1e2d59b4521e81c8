import type { ColdStartSection } from '../contract/contract.ts';
import { shareOfQuantile } from '../evidence/kinds/cold-start/cold-start-evidence.ts';
import { groupSpans, phaseGroups, wholeSpans } from '../evidence/kinds/cold-start/start-groups.ts';
import type { Span } from '../statistics/limits/order-limits.ts';
import { logEvidenceAbove } from '../statistics/sequential/sequential-share.ts';
import { formatDuration } from '../units/quantity/quantity-duration.ts';
import type { ObservedStart } from './start-distribution.ts';

/** How surely a budget has to be broken, over all quantiles and all looks together. */
export const brokenConfidenceShare = 0.95;

/**
 * Why live starts prove a budget broken; null where they do not. Of the starts that a `p90` of 45s allows, at most one in ten
 * lasts longer: that more do is shown by a likelihood ratio that holds however often it is looked at, because it is looked at
 * after every start. A start that has not lasted the budget yet counts for nothing; one that failed never became ready.
 */
export function brokenBudget(
  starts: readonly ObservedStart[],
  { budget, phases }: Pick<ColdStartSection, 'budget' | 'phases'>,
): string | null {
  const questions = [
    ...Object.entries(budget).map(([quantile, limitMs]) => ({ quantile, limitMs, of: '', spans: wholeSpans(starts) })),
    ...phaseGroups(starts).flatMap((group) => {
      const [first] = group;
      // Of phases that were not told apart nothing is said here: a new measurement compares them with their sum.
      if (first === undefined || group.length > 1) return [];
      const spans = groupSpans(starts, group);
      return Object.entries(phases[first] ?? {}).map(([quantile, limitMs]) => ({
        quantile,
        limitMs,
        of: first,
        spans,
      }));
    }),
  ];
  const needed = Math.log(questions.length / (1 - brokenConfidenceShare));
  for (const { quantile, limitMs, of, spans } of questions) {
    const { slower, decided } = countSlower(spans, limitMs);
    if (logEvidenceAbove(slower, decided, 1 - shareOfQuantile(quantile)) < needed) continue;
    const what = of === '' ? '' : ` in ${of}`;
    return `${slower} of ${decided} live starts took longer${what} than the ${quantile} budget ${formatDuration(limitMs)}`;
  }
  return null;
}

function countSlower(spans: readonly Span[], limitMs: number): { readonly slower: number; readonly decided: number } {
  const slower = spans.filter(({ atLeast }) => atLeast > limitMs).length;
  return { slower, decided: slower + spans.filter(({ atMost }) => atMost <= limitMs).length };
}
