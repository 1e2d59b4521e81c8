import { shownLimits, shownValue, type EvaluationReport } from '../../core/evaluation/report.ts';
import type { GateVerdict } from '../../core/evaluation/gate/gate-verdict.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import type { Finding, Report } from '../report/report.ts';

const levelOf: Readonly<Record<Verdict, Finding['level']>> = {
  pass: 'pass',
  fail: 'error',
  unknown: 'warning',
  inconclusive: 'warning',
};

/** The gates as findings, for the forms that other programs read. */
export function evaluationFindings(report: EvaluationReport, file: string, toolVersion: string): Report {
  const at = { file, line: 1, column: 1 };
  const findings = report.gates.map((gate): Finding => ({
    rule: 'evaluation-gate',
    name: gateName(gate),
    level: levelOf[gate.verdict],
    message: gate.reasons.join('; '),
    ...(gate.verdict === 'pass' ? {} : { next: report.next }),
    ...at,
  }));
  const conclusion = `evaluation of ${report.candidate.model} version ${report.candidate.version}: ${report.verdict}`;
  const noGate: Finding = {
    rule: 'evaluation',
    name: 'evaluation',
    level: levelOf[report.verdict],
    message: report.reasons.join('; '),
    ...at,
  };
  return { title: 'evaluate', toolVersion, conclusion, findings: findings.length === 0 ? [noGate] : findings };
}

export function gateName({ gate }: GateVerdict): string {
  const parts = [
    gate.atLeast === undefined ? null : `at least ${shownValue(gate.atLeast)}`,
    gate.atMost === undefined ? null : `at most ${shownValue(gate.atMost)}`,
    gate.noWorseThan === undefined ? null : `no worse than ${gate.noWorseThan} by ${shownValue(gate.margin ?? 0)}`,
  ].filter((part) => part !== null);
  return `${gate.metric} ${parts.join(' and ')}`;
}

/** Gate, verdict, estimate, limits and what decides: the rows of every gate table. */
export function gateRows(report: EvaluationReport): readonly (readonly string[])[] {
  return report.gates.flatMap((gate) => {
    const rules = gate.rules.length === 0 ? [null] : gate.rules;
    return rules.map((rule) => [
      gateName(gate),
      gate.verdict,
      rule === null ? '-' : shownValue(rule.estimate),
      rule === null ? '-' : shownLimits(rule),
      (rule ?? gate).reasons.join('; '),
    ]);
  });
}

/** Worst first, as the judge has it; p after Holm's correction. */
export function sliceRows(report: EvaluationReport): readonly (readonly string[])[] {
  return report.gates.flatMap(({ gate, slices }) =>
    slices.map(({ slice, rows, estimate, lower, upper, adjustedPValue, verdict }) => [
      gate.metric,
      `${slice.column} = ${slice.value}`,
      String(rows),
      shownValue(estimate),
      shownLimits({ lower, upper }),
      adjustedPValue === null ? '-' : shownValue(adjustedPValue),
      verdict,
    ]),
  );
}

export const metricRows = (report: EvaluationReport): readonly (readonly string[])[] =>
  report.metrics.map((one) => [one.metric, shownValue(one.value), one.because ?? shownLimits(one), String(one.rows)]);

export const heads = {
  gates: ['gate', 'verdict', 'estimate', 'limits', 'because'],
  metrics: ['metric', 'value', 'one-sided 95% limits', 'rows'],
  slices: ['metric', 'slice', 'rows', 'difference', 'limits', 'p (Holm)', 'verdict'],
  changed: ['row', 'label', 'candidate', 'baseline', 'change'],
} as const;

export function latencyText({ latency }: EvaluationReport): string {
  const ms = (value: number | null): string => (value === null ? '-' : `${value.toFixed(2)} ms`);
  const rate =
    latency.rowsPerSecond === null
      ? ''
      : `; ${Math.round(latency.rowsPerSecond).toLocaleString('en-US')} rows/s at full speed`;
  return `latency of one row at a time, ${latency.requests} requests: p50 ${ms(latency.p50Ms)}, p90 ${ms(latency.p90Ms)}, p99 ${ms(latency.p99Ms)}${rate}`;
}

export function subjectText({ candidate, dataset, baselines }: EvaluationReport): string {
  const part = dataset.rows === dataset.ofRows ? `${dataset.rows}` : `the first ${dataset.rows} of ${dataset.ofRows}`;
  const against = baselines.map(({ named, version }) => `, against ${named} (version ${version})`).join('');
  return `model ${candidate.model} version ${candidate.version} on ${part} rows of ${dataset.name} version ${dataset.version}${against}`;
}

export function changedText({ changed }: EvaluationReport): string | null {
  if (changed === null) return null;
  const { rows, better, worse, against } = changed;
  return `${rows} row${rows === 1 ? '' : 's'} answered otherwise than by ${against}: ${better} better, ${worse} worse`;
}
