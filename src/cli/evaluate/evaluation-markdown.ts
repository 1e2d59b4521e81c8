import type { EvaluationReport } from '../../core/evaluation/report.ts';
import { visibleLine, visiblePlain } from '../../core/units/visible-text.ts';
import {
  changedText,
  gateRows,
  heads,
  latencyText,
  metricRows,
  sliceRows,
  subjectText,
} from './evaluation-findings.ts';

const mostRows = 50;

/** For a comment or a job summary. */
export function evaluationMarkdown(report: EvaluationReport): string {
  const changed = changedText(report);
  const changedRows = (report.changed?.shown ?? []).map((one) => [
    String(one.row),
    one.label,
    one.candidate,
    one.baseline,
    one.change,
  ]);
  return [
    `### plimsoll evaluate: ${report.verdict}`,
    '',
    cell(subjectText(report)),
    '',
    ...report.reasons.map((reason) => `- ${cell(reason)}`),
    ...table('Gates', heads.gates, gateRows(report)),
    ...table('Metrics', heads.metrics, metricRows(report)),
    ...table('Slices, worst first', heads.slices, sliceRows(report)),
    ...table('Rows that changed their answer', heads.changed, changedRows),
    '',
    cell(latencyText(report)),
    ...(changed === null ? [] : ['', cell(changed)]),
  ].join('\n');
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(cell).join(' | ')} |`;
  const more = rows.length > mostRows ? ['', `and ${rows.length - mostRows} more`] : [];
  return [
    '',
    `#### ${title}`,
    '',
    line(head),
    `|${head.map(() => '---').join('|')}|`,
    ...rows.slice(0, mostRows).map(line),
    ...more,
  ];
}

/** Neither a line break nor a bar nor HTML of a name acts on the page. */
const cell = (text: string): string =>
  visiblePlain(visibleLine(text))
    .replaceAll('|', '\\|')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('`', '\\`');
