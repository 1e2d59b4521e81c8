import type { EvaluationReport } from '../../core/evaluation/report.ts';
import type { Verdict } from '../../core/units/verdict.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';
import {
  changedText,
  gateRows,
  heads,
  latencyText,
  metricRows,
  sliceRows,
  subjectText,
} from './evaluation-findings.ts';

const toneOf: Readonly<Record<Verdict, Tone>> = { pass: 'good', fail: 'bad', inconclusive: 'warn', unknown: 'warn' };
const mostSlices = 20;

/** The report for people at a terminal. */
export function evaluationText(report: EvaluationReport, colour: boolean): string {
  const paint = painter(colour);
  const section = (title: string, head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] =>
    rows.length === 0 ? [] : ['', paint('strong', title), ...alignedTable([head, ...rows], '  ')];
  const slices = sliceRows(report);
  const more = slices.length - mostSlices;
  const changed = changedText(report);
  return [
    subjectText(report),
    ...report.reasoning.map((line) => `  ${line}`),
    ...section('gates', heads.gates, gateRows(report)),
    ...section('metrics', heads.metrics, metricRows(report)),
    ...section('slices, worst first', heads.slices, slices.slice(0, mostSlices)),
    ...(more > 0 ? [`  and ${more} more; --format json has all of them`] : []),
    '',
    latencyText(report),
    ...(changed === null ? [] : [changed]),
    ...report.notes,
    `${paint(toneOf[report.verdict], report.verdict)}: ${report.reasons.join('; ')}`,
    `next: ${report.next}`,
  ].join('\n');
}
