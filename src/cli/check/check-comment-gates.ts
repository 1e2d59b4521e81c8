import type { Contract } from '../../core/contract/contract.ts';
import { judgeGates } from '../../core/evidence/kinds/evaluation/evaluation-evidence.ts';
import type { Evidence } from '../../core/evidence/lock/lock.ts';
import { markdownCell, markdownTable } from '../report/markdown.ts';

/** One row for each rule of each gate, judged by the contract as it is now, then the slices that a release is held up by. */
export function gateTable(measurements: Evidence['measurements'], contract: Contract): readonly string[] {
  const judged = judgeGates(measurements, contract);
  if ('reasons' in judged) return judged.reasons.map((reason) => `- ${markdownCell(reason)}`);
  const rows = judged.verdicts.flatMap(({ gate, rules }) =>
    rules.map(({ rule, verdict, estimate, lower, upper, threshold, rows: count, reasons }) => [
      gate.metric,
      rule === 'noWorseThan' ? `no worse than ${gate.noWorseThan ?? ''}` : rule === 'atLeast' ? 'at least' : 'at most',
      number(threshold),
      number(estimate),
      `${number(lower)} to ${number(upper)}`,
      String(count),
      verdict,
      reasons.join('; '),
    ]),
  );
  const slices = judged.verdicts.flatMap((gate) =>
    gate.slices
      .filter(({ verdict }) => verdict === 'fail')
      .map(({ slice, reasons }) => `- slice ${slice.column}=${slice.value}: ${reasons.join('; ')}`),
  );
  return [
    ...markdownTable(['metric', 'gate', 'bound', 'estimate', 'limits', 'rows', 'verdict', 'because'], rows),
    ...(slices.length === 0 ? [] : ['', ...slices.map(markdownCell)]),
    ...judged.missing.map((reason) => `\n- ${markdownCell(reason)}`),
  ];
}

/** Four digits after the point tell 0.05 % apart. */
const number = (value: number | null): string => (value === null ? 'not known' : String(Math.round(value * 1e4) / 1e4));
