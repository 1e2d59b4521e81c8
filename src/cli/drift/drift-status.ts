import type { Command } from 'commander';
import type { Besides, NamedCause } from '../../core/monitoring/triage/answer.ts';
import { describeAlarm, judgeMonitoring, type DriftStatus } from '../../core/monitoring/watch/drift-status.ts';
import type { SliceStatus } from '../../core/monitoring/slices/slice-status.ts';
import { formatDuration, formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { formatCountRate } from '../../core/units/quantity/quantity-rate.ts';
import type { DriftAnswer } from '../../schemas/http/monitoring/http-drift.ts';
import type { CommandResult } from '../command.ts';
import type { CliContext } from '../context.ts';
import { alignedTable, textOfLines } from '../terminal/table.ts';
import { utcText } from '../terminal/time-text.ts';

/** Features that the text lists; `--json` has all. */
const featuresShown = 12;

export function configureStatus(drift: Command): void {
  drift
    .command('status', { isDefault: true })
    .description('what runs, the budget of false alarms, and open alarms (the default)');
}

/** Exit 1 while an alarm is open, or live data left what was evaluated and nobody acknowledged it. */
export async function runStatus(context: CliContext): Promise<CommandResult> {
  const { contract } = await (await context.project()).contract();
  const scope = { service: contract.service, environment: await context.environment() };
  const answer = await (await context.operations()).drift(scope);
  return resultOf(answer, `${scope.service} in ${scope.environment}`);
}

export function resultOf(answer: DriftAnswer, subject: string): CommandResult {
  const { status, nowMs } = answer;
  const judged = judgeMonitoring(status, nowMs);
  const named = causeOf(status);
  return {
    exit: status !== null && (status.alarms.length > 0 || status.left !== null) ? 1 : 0,
    json: { ...answer, ...judged, cause: named?.cause ?? null, remedy: named?.remedy ?? null },
    text: textOfLines([
      ...alignedTable([
        ['service', subject],
        ...(status === null ? [['watched', `no: ${answer.because ?? ''}`]] : rowsOf(status, nowMs)),
        ...goldenRows(answer.golden),
      ]),
      ...(status === null ? [] : [...featureLines(status), ...sliceLines(status)]),
    ]),
  };
}

/** Replicas that fail their scheduled replays; `plimsoll golden status` has the rest. */
function goldenRows(golden: DriftAnswer['golden']): readonly (readonly string[])[] {
  const there = (golden?.replicas ?? []).filter(({ goneAtMs }) => goneAtMs === null);
  const diverged = there.filter(({ divergedAtMs }) => divergedAtMs !== null);
  if (golden === null) return [];
  if (diverged.length === 0) return [['golden replays', `none of ${there.length} replicas diverged`]];
  const ids = diverged.map(({ replicaId }) => replicaId).join(', ');
  return [['golden replays', `${ids} diverged; next: plimsoll golden status`]];
}

/** The newest cause that was named, of an alarm or of live data that left what was evaluated. */
function causeOf(status: DriftStatus | null): NamedCause | null {
  const left = status?.left ?? null;
  const stands = [...(status?.alarms ?? []), ...(left === null ? [] : [left])];
  const named = stands
    .sort((a, b) => a.atMs - b.atMs)
    .flatMap(({ diagnosis }) => (diagnosis?.verdict === 'named' ? diagnosis.causes : []));
  return named.at(-1) ?? null;
}

function rowsOf(status: DriftStatus, nowMs: number): readonly (readonly string[])[] {
  const { rows, lastRowAtMs, detectors, alarms } = status;
  const last = lastRowAtMs === null ? '' : `, the last ${formatElapsed(Math.max(0, nowMs - lastRowAtMs))} ago`;
  return [
    ['release', String(status.release)],
    ['captured', `${rows} requests${last}${skippedText(status)}`],
    ['promise', promiseText(status)],
    ...detectors.map(({ detector, holds, because, isRunning }) => [
      detector,
      `${because}${isRunning ? ` (${detector === 'distance' ? 'held' : 'the promise holds'} ${holds})` : ''}`,
    ]),
    ...Object.entries(status.failures ?? {}).map(([program, because]) => [
      'features',
      `unknown in the newest rows, ${program}: ${because}`,
    ]),
    ...(status.distance === null
      ? [['distance', 'unknown: no rows that were evaluated are kept; next: plimsoll evaluate']]
      : status.distance.left.map((far) => ['outside', far])),
    ...leftRows(status.left),
    ...(alarms.length === 0 ? [['alarms', 'none']] : alarms.flatMap(alarmRows)),
  ];
}

function leftRows(left: DriftStatus['left']): readonly (readonly string[])[] {
  if (left === null) return [];
  return [
    ['left', `${left.reason}; seen at ${utcText(left.atMs)} under release ${left.release}`],
    ...causeRows(left.diagnosis),
    ['', 'seen and settled: plimsoll drift acknowledge distance --reason TEXT'],
  ];
}

const alarmRows = (alarm: DriftStatus['alarms'][number]): readonly (readonly string[])[] => [
  ['alarm', `${describeAlarm(alarm)}, found at ${utcText(alarm.atMs)} under release ${alarm.release}`],
  ...causeRows(alarm.diagnosis),
  ...remedyRows(alarm.remedied),
  ['', `seen and settled: plimsoll drift acknowledge ${shellWord(alarm.name)} --reason TEXT`],
];

function causeRows(diagnosis: DriftStatus['alarms'][number]['diagnosis']): readonly (readonly string[])[] {
  if (diagnosis === undefined) return [['cause', 'not looked at yet']];
  if (diagnosis.verdict === 'nothing') return [['cause', 'nothing else is off']];
  if (diagnosis.verdict === 'named') {
    const { causes, besides } = diagnosis;
    return [
      ...causes.map(({ cause, remedy }) => ['cause', `${cause}; ${remedy.what}: ${remedy.command}`]),
      ...(besides === undefined ? [] : [['besides', describeOpen(besides)]]),
    ];
  }
  return [['cause', `not named: ${describeOpen(diagnosis)}`]];
}

const describeOpen = ({ why, decides }: Besides): string =>
  `${why}; would decide: ${decides.map(({ observation }) => observation).join('; ')}`;

/** `isolated r-3 at 14:05`. */
function remedyRows(remedied: DriftStatus['alarms'][number]['remedied']): readonly (readonly string[])[] {
  if (remedied === undefined) return [];
  const { did, what, atMs } = remedied;
  return [['by itself', did === 'nothing' ? `nothing was done: ${what}` : `${what} at ${utcText(atMs)}`]];
}

/** As a shell reads it back: names such as `x[1]` and `x (output)` are quoted. */
const shellWord = (text: string): string => (/^[\w./:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function promiseText({ rate, fleet, budget }: DriftStatus): string {
  if (rate === null) return 'none: `monitoring.falseAlarms` is not written, and nothing is judged';
  const expected = budget.expectedAtMost < 0.01 ? 'less than 0.01' : budget.expectedAtMost.toFixed(2);
  const watched = formatElapsed(budget.watchedMs);
  const alarms = `${rate.count} false alarm${rate.count === 1 ? '' : 's'}`;
  const share =
    fleet === undefined ? '' : `, of the fleet's ${formatCountRate(fleet.rate)} over ${fleet.services} services`;
  return `${alarms} per ${formatDuration(rate.perMs)} at most${share}; watched for ${watched}, in which ${expected} are to be expected at most`;
}

function skippedText({ unreadable, strangeRows }: DriftStatus): string {
  const parts = Object.entries(unreadable).map(([reason, count]) => `${count} not read: ${reason}`);
  if (strangeRows > 0) parts.push(`${strangeRows} in a row have other features than those that are watched`);
  return parts.length === 0 ? '' : `; ${parts.join('; ')}`;
}

function featureLines({ features }: DriftStatus): readonly string[] {
  const shown = [...features].sort((a, b) => b.capitalShare - a.capitalShare).slice(0, featuresShown);
  if (shown.length === 0) return [];
  const rows = shown.map(({ name, kind, capitalShare, isLatched, series }) => [
    name,
    kind,
    isLatched ? 'alarm' : capitalShare.toPrecision(2),
    seriesText(series),
  ]);
  const more = features.length - shown.length;
  return [
    '',
    ...alignedTable([['feature', 'kind', 'of an alarm', 'series of windows'], ...rows]),
    ...(more > 0 ? [`and ${more} more; --json has all`] : []),
  ];
}

/** One table for each feature that rows are sliced by. */
function sliceLines({ slices }: DriftStatus): readonly string[] {
  if (slices === undefined) return [];
  return slices.by.flatMap(({ feature, because, slices: each }) => [
    '',
    `slices by ${feature}: ${because}${each.length === 0 ? '' : `; each follows ${slices.follows.join(', ')}`}`,
    ...(each.length === 0 ? [] : alignedTable([sliceTitles, ...each.map(sliceCells)])),
  ]);
}

const sliceTitles: readonly string[] = ['slice', 'rows', 'windows', 'of an alarm', 'series of windows', 'distance'];

const sliceCells = ({ name, rows, windows, capitalShare, isLatched, because, distance }: SliceStatus) => [
  ...[name, String(rows), String(windows), isLatched ? 'alarm' : capitalShare.toPrecision(2), because],
  distance === null
    ? 'unknown: no such rows were evaluated'
    : `${distance.outside} outside, ${distance.measured} known, ${distance.unknown} unknown yet`,
];

function seriesText({ forecast, blocks, unknown }: DriftStatus['features'][number]['series']): string {
  const parts = [
    ...(forecast > 0 ? [`${forecast} by forecast`] : []),
    ...(blocks > 0 ? [`${blocks} by blocks`] : []),
    ...(unknown > 0 ? [`${unknown} unknown`] : []),
  ];
  return parts.length === 0 ? 'not yet' : parts.join(', ');
}
