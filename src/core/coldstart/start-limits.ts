import { wholeSpans } from '../evidence/kinds/cold-start/start-groups.ts';
import { censoredQuantileLimits } from '../statistics/limits/order-limits.ts';
import type { ObservedStart } from './start-distribution.ts';

/**
 * Upper one-sided limit of a quantile of the time until ready, exact for any distribution; null where there are too few
 * starts, or too many that never became ready. A start that failed or still runs counts as longer than every other.
 */
export function quantileUpperMs(
  observed: readonly ObservedStart[],
  quantileShare: number,
  confidenceShare: number,
): number | null {
  return finite(censoredQuantileLimits(wholeSpans(observed), quantileShare, confidenceShare).upper);
}

const finite = (ms: number): number | null => (Number.isFinite(ms) ? ms : null);
