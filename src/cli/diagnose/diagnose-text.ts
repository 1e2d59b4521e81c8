import type { Experiment } from '../../core/diagnosis/cause.ts';
import { formatEffect } from '../../core/diagnosis/finding/decide-finding.ts';
import type { Finding, TriedExperiment } from '../../core/diagnosis/finding/finding.ts';
import { isRead, type Reading } from '../../core/diagnosis/readings/reading.ts';
import { listCeilings } from '../../core/diagnosis/report/ceilings.ts';
import { groupUnread } from '../../core/diagnosis/report/unread.ts';
import type { Waterfall } from '../../core/diagnosis/waterfall/waterfall.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { bar, measuredWords } from './bar.ts';
import type { DiagnoseReport } from './diagnose-report.ts';
import { startLines } from './start-text.ts';

type Paint = ReturnType<typeof painter>;

/** The verdict, the waterfall, the ceilings, what is suspected, and what was not read. */
export function diagnoseText(report: DiagnoseReport, colour: boolean): string {
  const paint = painter(colour);
  const { waterfall } = report;
  return textOfLines([
    verdictLine(report, paint),
    ...findingLines(report),
    ...(waterfall === null ? [] : ['', ...waterfallLines(waterfall, paint)]),
    '',
    ...ceilingLines(report, paint),
    ...suspicionLines(report, paint),
    ...experimentLines(report.finding.experiments, paint),
    ...startLines(report.start, paint),
    ...notReadLines(report, paint),
  ]);
}

const tones: Readonly<Record<Finding['verdict'], Tone>> = { shown: 'bad', undetermined: 'warn', none: 'good' };

function verdictLine({ service, finding, suspicions, window }: DiagnoseReport, paint: Paint): string {
  const of = service === null ? 'this node' : `${service.service} in ${service.environment}`;
  const over = `${(window.windowMs / 1_000).toFixed(1)} s`;
  return `${paint('strong', of)}, over ${over}: ${paint(tones[finding.verdict], verdictText(finding, suspicions))}`;
}

function verdictText(finding: Finding, { engine }: DiagnoseReport['suspicions']): string {
  switch (finding.verdict) {
    case 'shown':
      return `${finding.cause ?? ''} is shown: without it ${finding.effect === null ? '' : formatEffect(finding.effect)}`;
    case 'undetermined':
      return `undetermined; likeliest: ${finding.likeliest.map(({ cause }) => cause).join(', then ')}`;
    case 'none':
      return `no cause is suspected (${engine.activity === 'unknown' ? `activity of the engine unknown: ${engine.reason}` : engine.reason})`;
  }
}

function decidingText(deciding: Experiment, experiments: readonly TriedExperiment[]): string {
  const ran = experiments.some(({ experiment, outcome }) => experiment === deciding && outcome.kind !== 'not-run');
  if (ran) return `would decide: the experiment ${deciding} again, on a quieter node`;
  return `would decide: the experiment ${deciding}; next: plimsoll diagnose --load --live`;
}

function findingLines({ finding, price }: Pick<DiagnoseReport, 'finding' | 'price'>): readonly string[] {
  const { verdict, deciding, cost, remedy, alsoFits, alsoShown, experiments } = finding;
  const money = cost?.moneyPerHour ?? null;
  return [
    ...(deciding === null ? [] : [decidingText(deciding, experiments)]),
    ...(verdict === 'undetermined' && deciding === null ? ['nothing on this node can decide'] : []),
    ...(alsoFits.length === 0 ? [] : [`the same experiment also takes away: ${alsoFits.join(', ')}`]),
    ...alsoShown.map(({ cause, effect }) => `also shown: ${cause}, ${formatEffect(effect)}`),
    ...(cost === null
      ? []
      : [
          `costs ${Math.round(cost.acceleratorSecondsPerHour)} accelerator-seconds an hour${money === null || price === null ? '' : ` (${money.toFixed(2)} ${price.currency} an hour)`}`,
        ]),
    ...(remedy === null ? [] : [`next: ${remedy}`]),
  ];
}

function waterfallLines({ requests, totalMs, rows, notAccountedMs }: Waterfall, paint: Paint): readonly string[] {
  const count = isRead(requests) ? `, mean of ${requests.value} requests` : '';
  if (!isRead(totalMs)) return [paint('strong', 'Where a request waits'), `  ${totalMs.unknown}`];
  const longest = Math.max(totalMs.value, 1e-9);
  const row = (name: string, ms: Reading, waitsFor: string): readonly string[] => [
    name,
    isRead(ms) ? `${ms.value.toFixed(2)} ms` : 'unknown',
    isRead(ms) ? bar(ms.value / longest) : '',
    isRead(ms) ? waitsFor : ms.unknown,
  ];
  const unknown = groupUnknown(rows);
  return [
    `${paint('strong', 'Where a request waits')}: ${totalMs.value.toFixed(2)} ms${count}`,
    ...alignedTable(
      [
        ...rows.filter(({ ms }) => isRead(ms)).map(({ phase, ms, waitsFor }) => row(phase, ms, waitsFor)),
        row('not accounted', notAccountedMs, 'no phase explains it'),
      ],
      '  ',
    ),
    ...unknown.map(([reason, phases]) => `  ${phases.join(', ')} unknown: ${reason}`),
  ];
}

function groupUnknown(rows: Waterfall['rows']): readonly (readonly [reason: string, phases: readonly string[]])[] {
  const groups = new Map<string, string[]>();
  for (const { phase, ms } of rows) {
    if (!isRead(ms)) groups.set(ms.unknown, [...(groups.get(ms.unknown) ?? []), phase]);
  }
  return [...groups];
}

function ceilingLines({ window }: DiagnoseReport, paint: Paint): readonly string[] {
  const read = listCeilings(window).flatMap(({ use, text, label, measuredAtMs }) =>
    isRead(use) ? [[bar(use.value), text, `${label}${measuredWords(measuredAtMs)}`]] : [],
  );
  return [paint('strong', 'Use of each ceiling'), ...alignedTable(read, '  ')];
}

function suspicionLines({ suspicions }: DiagnoseReport, paint: Paint): readonly string[] {
  if (suspicions.suspected.length === 0) return [];
  const rows = suspicions.suspected.map(({ cause, reason }) => [cause, reason]);
  return ['', paint('strong', 'Suspected, in the order of the questions'), ...alignedTable(rows, '  ')];
}

function experimentLines(experiments: readonly TriedExperiment[], paint: Paint): readonly string[] {
  if (experiments.length === 0) return [];
  const rows = experiments.map(({ experiment, outcome, notUndone }) => [
    experiment,
    outcome.kind === 'not-run' ? 'not run' : outcome.kind,
    outcome.kind === 'not-run' ? outcome.reason : formatEffect(outcome.effect),
    notUndone === null ? '' : `not undone: ${notUndone}`,
  ]);
  return ['', paint('strong', 'Experiments'), ...alignedTable(rows, '  ')];
}

/** One line a reason, with the readings that it left unknown and the causes that stay open. */
function notReadLines({ suspicions }: DiagnoseReport, paint: Paint): readonly string[] {
  const rows = groupUnread(suspicions).map(({ reason, readings: [first = '', ...others], causes }) => [
    causes.join(', '),
    others.length === 0 ? first : `${first}, and ${others.length} more`,
    reason,
  ]);
  if (rows.length === 0) return [];
  return ['', paint('strong', 'Not read, so neither suspected nor excluded'), ...alignedTable(rows, '  ')];
}
