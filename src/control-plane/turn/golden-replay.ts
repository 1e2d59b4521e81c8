import {
  combineComparisons,
  compareGoldenCase,
  describeOffence,
  type GoldenComparison,
} from '../../core/monitoring/golden-comparison.ts';
import type { GoldenSet } from '../../core/monitoring/golden.ts';
import { asPlimsollError } from '../../core/units/errors.ts';
import type { ReplicaClient } from '../../ports/serving/replica-client.ts';

export type ReplayOutcome =
  | { readonly outcome: 'reproduced'; readonly comparison: GoldenComparison; readonly cases: number }
  | { readonly outcome: 'rejected'; readonly comparison: GoldenComparison | null; readonly reason: string }
  /** Out of reach, or too busy: says nothing about the outputs; try again. */
  | { readonly outcome: 'unreachable'; readonly reason: string };

/** How long one golden input may take; large models on slow devices answer in seconds. */
const caseTimeoutMs = 30_000;

/**
 * Sends the inputs of a golden set one by one through the service's own protocol and compares each answer; stops at the
 * first that is outside its band.
 */
export async function replayGoldenSet(
  client: Pick<ReplicaClient, 'infer'>,
  replica: { readonly endpoint: string; readonly model: string },
  golden: GoldenSet,
  signal: AbortSignal,
): Promise<ReplayOutcome> {
  const comparisons: GoldenComparison[] = [];
  for (const pinned of golden.cases) {
    let answer;
    try {
      const bounded = AbortSignal.any([signal, AbortSignal.timeout(caseTimeoutMs)]);
      answer = await client.infer(replica.endpoint, replica.model, pinned.inputs, bounded);
    } catch (thrown) {
      const error = asPlimsollError(thrown);
      if (error.category !== 'refused') return { outcome: 'unreachable', reason: error.message };
      return { outcome: 'rejected', comparison: null, reason: `input ${pinned.id} was refused: ${error.message}` };
    }
    const comparison = compareGoldenCase(pinned, answer, golden.tolerance);
    comparisons.push(comparison);
    if (comparison.offence !== null) {
      return {
        outcome: 'rejected',
        comparison: combineComparisons(comparisons),
        reason: describeOffence(comparison.offence),
      };
    }
  }
  return { outcome: 'reproduced', comparison: combineComparisons(comparisons), cases: golden.cases.length };
}
