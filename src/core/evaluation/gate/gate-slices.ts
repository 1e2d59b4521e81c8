import type { Gate } from '../../contract/contract.ts';
import { holm } from '../../statistics/comparison/holm.ts';
import { normalCdf } from '../../statistics/distributions/normal.ts';
import { exactPairedPValueBelow } from '../../statistics/comparison/paired-exact.ts';
import { swapped, tangoPValue } from '../../statistics/comparison/paired-score.ts';
import { formatPercent } from '../../units/quantity/quantity-percent.ts';
import type { SliceVerdict } from './gate-verdict.ts';
import { metricText } from './gate-words.ts';
import { differenceOf, discordanceOf, limitsOfComparison } from './limits.ts';
import type { ComparisonMeasurement, EvaluationMeasurements } from '../measure/measurements.ts';

/**
 * Slices fail only where one is shown to be worse by more than the margin, with Holm's correction over all slices of all
 * columns: to ask each for a proof of being no worse would never pass. Worst first.
 */
export function judgeSlices(
  gate: Gate,
  named: string,
  { comparisons }: EvaluationMeasurements,
): readonly SliceVerdict[] {
  const ofGate = comparisons.filter(
    (each) => each.metric === gate.metric && each.slice !== null && each.baseline.named === named,
  );
  const level = 1 - gate.confidenceShare;
  const pValues = ofGate.map((each) => worsePValue(each, gate.margin ?? 0));
  const tested = pValues.filter((value) => value !== null);
  const adjusted = holm(tested);
  let next = 0;
  return ofGate
    .map((each, index) => {
      const pValue = pValues[index] ?? null;
      const adjustedPValue = pValue === null ? null : (adjusted[next++] ?? null);
      return judgeSlice(each, gate, pValue, adjustedPValue, level / Math.max(tested.length, 1));
    })
    .toSorted((a, b) => (a.adjustedPValue ?? 2) - (b.adjustedPValue ?? 2) || (a.pValue ?? 2) - (b.pValue ?? 2));
}

/** P-value of "no worse than the margin"; null where nothing was measured. */
function worsePValue(found: ComparisonMeasurement, margin: number): number | null {
  const difference = differenceOf(found);
  if (difference === null) return null;
  const counts = discordanceOf(found);
  if (counts !== null) {
    // The exact sum is for those that may matter.
    const quick = tangoPValue(swapped(counts), margin);
    return quick > clearlyNot ? quick : exactPairedPValueBelow(counts, -margin);
  }
  if (found.standardError === undefined) return null;
  const gain = found.largerIsBetter ? difference : -difference;
  // The bootstrap's own tail has no samples where Holm looks; the normal tail about its standard error has.
  return normalCdf((gain + margin) / found.standardError);
}

const clearlyNot = 0.25;

function judgeSlice(
  found: ComparisonMeasurement,
  gate: Gate,
  pValue: number | null,
  adjustedPValue: number | null,
  strictestLevel: number,
): SliceVerdict {
  const { metric, slice, rows } = found;
  const estimate = differenceOf(found);
  const limits = limitsOfComparison(found, gate.confidenceShare);
  const [lower, upper] = 'missing' in limits ? [null, null] : [limits.lower, limits.upper];
  const shared = { slice: slice ?? { column: '', value: '' }, rows, estimate, lower, upper, pValue, adjustedPValue };
  const where = `${shared.slice.column} = ${shared.slice.value}`;
  if (estimate === null || pValue === null) {
    const why = found.undefinedBecause ?? found.noLimitsBecause ?? 'it was not measured';
    return { ...shared, verdict: 'unknown', reasons: [`${where}: nothing can be shown: ${why}`] };
  }
  const words = `${where}: ${metric} ${estimate >= 0 ? '+' : ''}${metricText(metric, estimate)} over ${rows} rows`;
  if (adjustedPValue !== null && adjustedPValue <= 1 - gate.confidenceShare) {
    const p = `p ${Number(adjustedPValue.toPrecision(2))} after Holm`;
    return { ...shared, verdict: 'fail', reasons: [`${words}: worse by more than the margin is shown, ${p}`] };
  }
  // Were every row lost, the exact test of a coin would reach 2^-rows.
  if (0.5 ** rows > strictestLevel) {
    return {
      ...shared,
      verdict: 'inconclusive',
      reasons: [`${words}: so few rows can show nothing at ${formatPercent(gate.confidenceShare)}`],
    };
  }
  return { ...shared, verdict: 'inconclusive', reasons: [`${words}: no regression is shown`] };
}
