import type { Gate } from '../../contract/contract.ts';
import { formatPercent } from '../../units/quantity/quantity-percent.ts';
import { combineVerdicts, type Judgement } from '../../units/verdict.ts';
import { judgeComparison } from './gate-comparison.ts';
import { judgeSlices } from './gate-slices.ts';
import type { GateVerdict, RowsNeeded, RuleVerdict } from './gate-verdict.ts';
import { metricText, rowsNeededText } from './gate-words.ts';
import { latencyOf } from './latency-limits.ts';
import { limitsOfMetric, type ShownLimits } from './limits.ts';
import { confidenceText, type EvaluationMeasurements } from '../measure/measurements.ts';
import { findMetric } from '../metrics/metric-name.ts';
import { defaultPowerShare, rowsForShare, rowsForStandardError } from '../../statistics/limits/required-rows.ts';

/**
 * One gate against what was measured.
 *
 * | rule | pass | fail | else |
 * |---|---|---|---|
 * | atLeast | lower limit >= it | upper limit < it | inconclusive |
 * | atMost | upper limit <= it | lower limit > it | inconclusive |
 * | noWorseThan | shown to be worse by less than the margin | shown to be worse by more | inconclusive |
 * | slices of it | | one is shown to be worse by more, after Holm | shown |
 */
export function judgeGate(gate: Gate, measured: EvaluationMeasurements): GateVerdict {
  const rules = [
    ...(gate.atLeast === undefined ? [] : [judgeLimit(gate, 'atLeast', gate.atLeast, measured)]),
    ...(gate.atMost === undefined ? [] : [judgeLimit(gate, 'atMost', gate.atMost, measured)]),
    ...(gate.noWorseThan === undefined ? [] : [judgeComparison(gate, gate.noWorseThan, measured)]),
  ];
  const slices = gate.noWorseThan === undefined ? [] : judgeSlices(gate, gate.noWorseThan, measured);
  const failing = slices.filter(({ verdict }) => verdict === 'fail');
  return {
    gate,
    rules,
    slices,
    verdict: combineVerdicts([...rules, ...failing].map(({ verdict }) => verdict)),
    reasons: [...rules, ...failing].flatMap(({ reasons }) => reasons),
  };
}

/** What is known of the metric on its own. */
interface Known {
  readonly estimate: number | null;
  readonly rows: number;
  readonly limits:
    ShownLimits | { readonly lower: number | null; readonly upper: number | null; readonly method: string };
  readonly standardError?: number | undefined;
  readonly isShare: boolean;
}

function judgeLimit(
  gate: Gate,
  rule: 'atLeast' | 'atMost',
  threshold: number,
  measured: EvaluationMeasurements,
): RuleVerdict {
  const known = knownOf(gate, measured);
  const { metric, confidenceShare } = gate;
  const estimate = known?.estimate ?? null;
  const empty = {
    rule,
    estimate,
    lower: null,
    upper: null,
    threshold,
    method: 'none',
    rows: known?.rows ?? 0,
    rowsNeeded: null,
  };
  if (known === null) return { ...empty, ...unknown(`${metric} was not measured; next: plimsoll evaluate`) };
  if ('missing' in known.limits) {
    // A confidence that was not measured can be measured; a sample that bounds nothing is a question of rows.
    const verdict = estimate === null || known.limits.missing.startsWith('limits were') ? 'unknown' : 'inconclusive';
    const next = verdict === 'unknown' && estimate !== null ? '; next: plimsoll evaluate' : '';
    const reasons = [`${metric} has no limits: ${known.limits.missing}${next}`];
    return { ...empty, verdict, reasons };
  }
  const { lower, upper, method } = known.limits;
  const [good, bad] = rule === 'atLeast' ? [lower, upper] : [upper, lower];
  const sign = rule === 'atLeast' ? 1 : -1;
  const passes = good !== null && sign * (good - threshold) >= 0;
  const fails = bad !== null && sign * (bad - threshold) < 0;
  const side = (rule === 'atLeast') === !fails ? 'lower' : 'upper';
  const limit = side === 'lower' ? lower : upper;
  const words =
    `${metric} is ${estimate === null ? 'not defined' : metricText(metric, estimate)}, ` +
    `${side} limit ${limit === null ? 'none' : metricText(metric, limit)} at ${formatPercent(confidenceShare)}, ` +
    `asked for ${rule === 'atLeast' ? 'at least' : 'at most'} ${metricText(metric, threshold)}`;
  const found = { rule, estimate, lower, upper, threshold, method, rows: known.rows };
  if (passes) return { ...found, rowsNeeded: null, verdict: 'pass', reasons: [words] };
  if (fails) return { ...found, rowsNeeded: null, verdict: 'fail', reasons: [words] };
  const rowsNeeded = rowsForLimit(known, sign * threshold, sign, confidenceShare);
  return { ...found, rowsNeeded, verdict: 'inconclusive', reasons: [`${words}: ${rowsNeededText(rowsNeeded)}`] };
}

function knownOf({ metric, confidenceShare }: Gate, { metrics, latency }: EvaluationMeasurements): Known | null {
  if (findMetric(metric)?.row.task === 'latency') {
    const estimate = latencyOf(latency, metric);
    if (estimate === null) return null;
    const found = latency.limits?.[metric]?.[confidenceText(confidenceShare)];
    const missing = { missing: `limits were not measured at the confidence ${confidenceText(confidenceShare)}` };
    const limits = found === undefined ? missing : { ...found, method: 'order statistics' };
    return { estimate, rows: latency.requests, limits, isShare: false };
  }
  const own = metrics.find((each) => each.metric === metric && each.slice === null);
  if (own === undefined) return null;
  const { value, rows, standardError, proportion } = own;
  const limits = limitsOfMetric(own, confidenceShare);
  return { estimate: value, rows, limits, standardError, isShare: proportion !== undefined };
}

function rowsForLimit(known: Known, signedThreshold: number, sign: number, confidenceShare: number): RowsNeeded | null {
  const { estimate, rows, standardError, isShare } = known;
  if (estimate === null) return null;
  const distance = sign * estimate - signedThreshold;
  const needed = isShare
    ? rowsForShare(estimate, sign * signedThreshold, confidenceShare)
    : standardError === undefined
      ? null
      : rowsForStandardError(rows, standardError, distance, confidenceShare);
  if (needed === null || !Number.isFinite(needed)) return null;
  const towards = distance > 0 ? 'pass' : 'fail';
  return {
    rows: needed,
    moreRows: Math.max(needed - rows, 1),
    towards,
    powerShare: defaultPowerShare,
    rowsIfEqual: null,
  };
}

const unknown = (reason: string): Judgement => ({ verdict: 'unknown', reasons: [reason] });
