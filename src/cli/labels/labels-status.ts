import type { JudgedMetric, LabelsReport } from '../../core/monitoring/labels/judge-labels.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import type { LabelsStatus } from '../../schemas/http/monitoring/http-labels.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { painter } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';

/** Says what came of labels, and what those of mature predictions say. */
export async function runLabelsStatus(context: CliContext): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const status = await (await context.operations()).labels(scope);
  const isAsked = contract.monitoring?.labels !== undefined;
  const judged = [...(status.report?.metrics ?? []), ...(status.report?.asked?.metrics ?? [])];
  const failing = judged.some(({ verdict }) => verdict === 'fail');
  const rows = [
    ['service', `${scope.service} in ${scope.environment}`],
    ...countRows(status),
    ...(status.report === null ? [['judged', whyNothing(isAsked)]] : reportRows(status.report, context)),
  ];
  return { exit: failing ? 1 : 0, json: { ...scope, ...status }, text: alignedTable(rows).join('\n') };
}

const whyNothing = (isAsked: boolean): string =>
  isAsked
    ? 'nothing yet: no captured prediction is recorded, or no control plane runs; next: plimsoll up'
    : 'nothing: the contract has no monitoring.labels; next: plimsoll explain monitoring.labels';

function countRows({ tally, open, waiting }: LabelsStatus): readonly (readonly string[])[] {
  const { recorded, repeated, contradicted, future, unknown, droppedPredictions } = tally;
  const odd = [
    ...(repeated === 0 ? [] : [`${repeated} sent again`]),
    ...(contradicted === 0 ? [] : [`${contradicted} contradicted an earlier one`]),
    ...(future === 0 ? [] : [`${future} from the future`]),
    ...(unknown === 0 ? [] : [`${unknown} of unknown requests`]),
    ...(waiting === 0 ? [] : [`${waiting} wait for their prediction`]),
  ];
  return [
    ['labels', [`${recorded} recorded`, ...odd].join(', ')],
    ['not mature', `${open.predictions} predictions, ${open.labelled} with a label: too early for a verdict`],
    ...(droppedPredictions === 0 ? [] : [['dropped', `${droppedPredictions} predictions: too many at once`]]),
  ];
}

function reportRows(report: LabelsReport, context: CliContext): readonly (readonly string[])[] {
  const paint = painter(context.terminal.colour);
  const { rows, completenessShare, cohorts, cohortMs, delays } = report;
  const complete = completenessShare === null ? 'unknown' : `${(100 * completenessShare).toFixed(1)}%`;
  const odd = [
    ...(rows.late === 0 ? [] : [`${rows.late} labels came too late`]),
    ...(rows.unusable === 0 ? [] : [`${rows.unusable} do not tell`]),
    ...(rows.otherRelease === 0 ? [] : [`${rows.otherRelease} predictions are of other versions`]),
  ];
  return [
    ['mature', `${rows.mature} predictions in ${cohorts} cohorts of ${formatElapsed(cohortMs)}`],
    ['complete', [complete, ...odd].join('; ')],
    ['delay', delayText(delays)],
    ...report.metrics.map((metric) => [
      metric.metric,
      `${paint(tones[metric.verdict], metric.verdict)}: ${metricText(metric)}`,
    ]),
    ...askedRows(report, context),
    ...estimateRows(report),
    ...report.unknown.map(({ metric, reason }) => [metric, `${paint('warn', 'unknown')}: ${reason}`]),
  ];
}

const tones = { pass: 'good', fail: 'bad', inconclusive: 'warn', unknown: 'warn' } as const;

function askedRows({ asked }: LabelsReport, { terminal }: CliContext): readonly (readonly string[])[] {
  if (asked === null) return [];
  const paint = painter(terminal.colour);
  const { asks, rows, chosen, labelled, metrics } = asked;
  return [
    ['asked', `${labelled} of ${chosen} labels came, in ${asks} asks over ${rows} requests`],
    ...metrics.map((metric) => [
      `asked ${metric.metric}`,
      `${paint(tones[metric.verdict], metric.verdict)}: ${metricText(metric, 'labels')}`,
    ]),
  ];
}

function estimateRows({ estimate }: LabelsReport): readonly (readonly string[])[] {
  if (estimate === null) return [];
  const of = `the scores of ${estimate.rows} answers, without labels`;
  return [['estimate', `a risk of ${shown(estimate.riskShare)} by ${of}; blind to concept drift, and no verdict`]];
}

function metricText({ reason, evaluated, moreCohorts, live, limit }: JudgedMetric, unit = 'cohorts'): string {
  const known =
    live !== null && limit === null ? `; the live risk is between ${shown(live.low)} and ${shown(live.high)}` : '';
  const beside = evaluated === null ? '' : `; evaluated: ${shown(evaluated.low)} to ${shown(evaluated.high)}`;
  const more = moreCohorts === null || moreCohorts === 0 ? '' : `; about ${moreCohorts} more ${unit} decide`;
  return `${reason}${known}${beside}${more}`;
}

const shown = (value: number): string => Number(value.toPrecision(3)).toString();

function delayText({ right, wrong, differs }: LabelsReport['delays']): string {
  const median = (ms: number | null): string => (ms === null ? 'no label' : `half within ${formatElapsed(ms)}`);
  const bias =
    differs === null ? '' : differs ? '; they differ: early labels are no fair sample' : '; no difference is seen';
  return `right answers: ${median(right.medianMs)}; wrong answers: ${median(wrong.medianMs)}${bias}`;
}
