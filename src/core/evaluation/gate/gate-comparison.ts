import type { Gate } from '../../contract/contract.ts';
import {
  exactPairedLower,
  exactPairedPValueBelow,
  exactPairedUpper,
  isExactlyRejected,
} from '../../statistics/comparison/paired-exact.ts';
import type { Discordance } from '../../statistics/comparison/paired-score.ts';
import { swapped } from '../../statistics/comparison/paired-score.ts';
import { defaultPowerShare, rowsForPaired, rowsForStandardError } from '../../statistics/limits/required-rows.ts';
import { formatPercent } from '../../units/quantity/quantity-percent.ts';
import type { RowsNeeded, RuleVerdict } from './gate-verdict.ts';
import { metricText, rowsNeededText } from './gate-words.ts';
import { differenceOf, discordanceOf, limitsOfComparison } from './limits.ts';
import { released, type ComparisonMeasurement, type EvaluationMeasurements } from '../measure/measurements.ts';

/**
 * The margin holds in the metric's own unit, and against the candidate: downwards where larger is better, else upwards.
 * A first release has nothing that it could be worse than, and passes for that stated reason; what else is not there (an
 * alias, a comparison) is unknown. core/evidence/evaluation-evidence.ts holds such a pass against what is live by then.
 */
export function judgeComparison(gate: Gate, named: string, measured: EvaluationMeasurements): RuleVerdict {
  const { metric, margin = 0, confidenceShare } = gate;
  const found = findComparison(measured, metric, named);
  const estimate = found === undefined ? null : differenceOf(found);
  const threshold = found?.largerIsBetter === false ? margin : -margin;
  const rows = found?.rows ?? 0;
  const empty = { rule: 'noWorseThan', estimate, lower: null, upper: null, threshold, method: 'none', rows } as const;
  const without = (verdict: 'pass' | 'unknown' | 'inconclusive', reason: string): RuleVerdict => ({
    ...empty,
    rowsNeeded: null,
    verdict,
    reasons: [reason],
  });
  if (measured.absentBaselines?.includes(named) === true) {
    return named === released
      ? without('pass', `nothing was released when this was measured, so that ${metric} has nothing to be worse than`)
      : without('unknown', `no version was \`${named}\` when this was measured, and there is nothing to compare with`);
  }
  if (found === undefined)
    return without('unknown', `${metric} was not compared with \`${named}\`; next: plimsoll evaluate`);
  if (estimate === null) return without('unknown', `${metric} is not defined: ${found.undefinedBecause ?? 'no value'}`);
  const decided = decide(found, margin, confidenceShare);
  if ('missing' in decided) {
    const verdict = decided.missing.startsWith('limits were') ? 'unknown' : 'inconclusive';
    const next = verdict === 'unknown' ? '; next: plimsoll evaluate' : '';
    return without(verdict, `the difference in ${metric} to \`${named}\` has no limits: ${decided.missing}${next}`);
  }
  const { method, verdict } = decided;
  const limit = found.largerIsBetter === (verdict !== 'fail') ? decided.lower : decided.upper;
  const words =
    `${metric} is ${signed(metric, estimate)} against \`${named}\`, limit ${signed(metric, limit)} ` +
    `at ${formatPercent(confidenceShare)}, margin ${metricText(metric, margin)}`;
  const rowsNeeded = verdict === 'inconclusive' ? rowsToDecide(found, margin, confidenceShare) : null;
  const reasons = [verdict === 'inconclusive' ? `${words}: ${rowsNeededText(rowsNeeded)}` : words];
  return {
    ...empty,
    get lower() {
      return decided.lower;
    },
    get upper() {
      return decided.upper;
    },
    method,
    rowsNeeded,
    verdict,
    reasons,
  };
}

export function findComparison(
  { comparisons }: EvaluationMeasurements,
  metric: string,
  named: string,
): ComparisonMeasurement | undefined {
  return comparisons.find((each) => each.metric === metric && each.slice === null && each.baseline.named === named);
}

const signed = (metric: string, value: number): string => `${value >= 0 ? '+' : ''}${metricText(metric, value)}`;

interface Decided {
  readonly lower: number;
  readonly upper: number;
  readonly method: string;
  readonly verdict: 'pass' | 'fail' | 'inconclusive';
}

function decide(found: ComparisonMeasurement, margin: number, confidenceShare: number): Decided | { missing: string } {
  const counts = discordanceOf(found);
  if (counts !== null) return decideCounts(counts, margin, confidenceShare);
  const limits = limitsOfComparison(found, confidenceShare);
  if ('missing' in limits) return limits;
  const [worst, best] = found.largerIsBetter ? [limits.lower, limits.upper] : [-limits.upper, -limits.lower];
  return { ...limits, verdict: worst >= -margin ? 'pass' : best < -margin ? 'fail' : 'inconclusive' };
}

/** A limit is looked for when it is read: `check` says one of them, and each takes longer than the test itself. */
function decideCounts(counts: Discordance, margin: number, confidenceShare: number): Decided {
  const level = 1 - confidenceShare;
  const passes = isExactlyRejected(counts, -margin, level);
  const fails = !passes && exactPairedPValueBelow(counts, -margin) <= level;
  let [lower, upper]: [number | undefined, number | undefined] = [undefined, undefined];
  return {
    get lower() {
      return (lower ??= exactPairedLower(counts, confidenceShare));
    },
    get upper() {
      return (upper ??= exactPairedUpper(counts, confidenceShare));
    },
    method: 'exact unconditional',
    verdict: passes ? 'pass' : fails ? 'fail' : 'inconclusive',
  };
}

function rowsToDecide(found: ComparisonMeasurement, margin: number, confidenceShare: number): RowsNeeded | null {
  const difference = differenceOf(found) ?? 0;
  const gain = found.largerIsBetter ? difference : -difference;
  const needed = (distanceGain: number): number | null => {
    const counts = discordanceOf(found);
    if (counts === null) {
      if (found.standardError === undefined || distanceGain === 0) return null;
      return rowsForStandardError(found.rows, found.standardError, distanceGain, confidenceShare);
    }
    return rowsFromCounts(counts, distanceGain - margin, margin, confidenceShare);
  };
  const rows = needed(gain + margin);
  if (rows === null || !Number.isFinite(rows)) return null;
  return {
    rows,
    moreRows: Math.max(rows - found.rows, 1),
    towards: gain + margin > 0 ? 'pass' : 'fail',
    powerShare: defaultPowerShare,
    rowsIfEqual: margin > 0 ? needed(margin) : null,
  };
}

/** With the discordance as observed, and this difference. */
function rowsFromCounts(
  counts: Discordance,
  difference: number,
  margin: number,
  confidenceShare: number,
): number | null {
  const discordant = Math.max((counts.onlyFirst + counts.onlySecond) / counts.rows, Math.abs(difference), margin);
  const rates = { firstShare: (discordant + difference) / 2, secondShare: (discordant - difference) / 2 };
  if (difference + margin > 0) return rowsForPaired(rates, margin, confidenceShare);
  const { onlyFirst, onlySecond } = swapped({ onlyFirst: rates.firstShare, onlySecond: rates.secondShare, rows: 1 });
  return rowsForPaired({ firstShare: onlyFirst, secondShare: onlySecond }, -margin, confidenceShare);
}
