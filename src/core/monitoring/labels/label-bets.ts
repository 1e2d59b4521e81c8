import { findMetric } from '../../evaluation/metrics/metric-name.ts';
import { noBets, upStakes } from '../detectors/stakes.ts';
import type { PlannedMetric } from './label-plan.ts';
import { rowLoss, type Truth } from './row-loss.ts';

/** A product that is larger counts as this one, so that it stays a number. */
const largestBet = 1e12;

/** Null where the truth does not tell how wrong the answer was. */
export function lossOf({ metric, worst }: PlannedMetric, prediction: string | number, truth: Truth): number | null {
  const name = findMetric(metric);
  return name === null ? null : rowLoss({ name, worst }, prediction, truth);
}

/**
 * Null: given the cohorts before, the mean loss of a cohort is expected to be at most `limit`. Then each factor
 * 1 + s (loss - limit) / limit has a mean of at most 1. A missing label counts as right, which only makes factors smaller.
 */
export function betOn(bets: readonly number[] | null, low: number, limit: number): readonly number[] {
  return (bets ?? noBets(upStakes.length)).map((product, index) =>
    Math.min(largestBet, product * (1 + (upStakes[index] ?? 0) * (low / limit - 1))),
  );
}
