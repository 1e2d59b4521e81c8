import { clopperPearson } from '../../statistics/distributions/binomial.ts';
import { tangoLimits, type Discordance } from '../../statistics/comparison/paired-score.ts';
import {
  confidenceText,
  type ComparisonMeasurement,
  type Limits,
  type MetricMeasurement,
} from '../measure/measurements.ts';

/** Limits with the method that gave them; or why there are none. */
export type ShownLimits = (Limits & { readonly method: string }) | { readonly missing: string };

/** One-sided limits of a metric, each at this confidence. */
export function limitsOfMetric(measured: MetricMeasurement, confidenceShare: number): ShownLimits {
  const { value, proportion } = measured;
  if (value === null) return { missing: measured.undefinedBecause ?? 'it is not defined' };
  if (proportion !== undefined) {
    return { ...clopperPearson(proportion.successes, proportion.rows, confidenceShare), method: 'Clopper-Pearson' };
  }
  return bootstrapped(measured, confidenceShare);
}

/** One-sided limits of candidate less baseline. Of counts by Tango's score, which is quick; the gate's own are exact. */
export function limitsOfComparison(measured: ComparisonMeasurement, confidenceShare: number): ShownLimits {
  if (differenceOf(measured) === null) return { missing: measured.undefinedBecause ?? 'it is not defined' };
  const counts = discordanceOf(measured);
  if (counts !== null) return { ...tangoLimits(counts, confidenceShare), method: 'Tango score' };
  return bootstrapped(measured, confidenceShare);
}

function bootstrapped(
  { limits, noLimitsBecause }: MetricMeasurement | ComparisonMeasurement,
  confidenceShare: number,
): ShownLimits {
  if (limits === undefined) return { missing: noLimitsBecause ?? 'it was measured without limits' };
  const found = limits[confidenceText(confidenceShare)];
  if (found !== undefined) return { ...found, method: 'bootstrap' };
  const measured = Object.keys(limits).join(', ');
  return {
    missing: `limits were measured at the confidence ${measured}, and not at ${confidenceText(confidenceShare)}`,
  };
}

/** Candidate less baseline. */
export function differenceOf({ candidate, baselineValue }: ComparisonMeasurement): number | null {
  return candidate === null || baselineValue === null ? null : candidate - baselineValue;
}

/** Candidate first. */
export function discordanceOf({ paired }: ComparisonMeasurement): Discordance | null {
  if (paired === undefined) return null;
  const { both, neither, onlyCandidate, onlyBaseline } = paired;
  return { onlyFirst: onlyCandidate, onlySecond: onlyBaseline, rows: both + neither + onlyCandidate + onlyBaseline };
}
