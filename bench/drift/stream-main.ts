import { existsSync, readFileSync, statSync } from 'node:fs';
import { asPlimsollError } from '../../src/core/units/errors.ts';
import { readCsv, unreadable } from './read-csv.ts';
import { readStream, type Stream } from './stream-columns.ts';
import { planStream, watchStream, type StreamOutcome, type StreamPlan } from './watch-stream.ts';

interface StreamRequest {
  readonly file: string;
  readonly time: string | null;
  /** The first row after the change, from 0: so many rows lie before it. */
  readonly change: number | null;
  readonly plan: Partial<StreamPlan>;
}

const mostBytes = 256 * 1024 * 1024;
const numberOptions = {
  '--change': 'change',
  '--window': 'rowsPerWindow',
  '--per': 'windowsPerAlarm',
  '--history': 'historyWindows',
} as const;
const next =
  'npm run bench -- drift --stream FILE.csv [--time COLUMN] [--change ROW] [--window ROWS] [--per WINDOWS] [--history WINDOWS] [--json]';

/** Watches one stream from a file. Resolves with 0 where the promise is kept and a change is found, 1 where not, 2 for bad input. */
export function watchFile(argv: readonly string[]): number {
  try {
    const request = readRequest(argv);
    const report = reportOf(request);
    if (argv.includes('--json')) console.log(JSON.stringify(report, null, 2));
    else for (const line of linesOf(report)) console.log(line);
    return report.met === false ? 1 : 0;
  } catch (thrown) {
    const error = asPlimsollError(thrown);
    console.error(`${error.message}; next: ${error.next ?? next}`);
    return error.category === 'input' || error.category === 'not-found' ? 2 : 3;
  }
}

function readRequest(argv: readonly string[]): StreamRequest {
  let [file, time]: [string | null, string | null] = [null, null];
  const numbers: Record<string, number> = {};
  for (let at = 0; at < argv.length; at += 1) {
    const option = argv[at] ?? '';
    if (option === '--json') continue;
    at += 1;
    const value = argv[at];
    if (value === undefined || value.startsWith('--')) throw unreadable(`${option} needs a value`, next);
    if (option === '--stream') file = value;
    else if (option === '--time') time = value;
    else if (option in numberOptions)
      numbers[numberOptions[option as keyof typeof numberOptions]] = countOf(option, value);
    else throw unreadable(`${option} is no option of a stream`, next);
  }
  if (file === null) throw unreadable('--stream names no file', next);
  const { change = null, ...plan } = numbers;
  return { file, time, change, plan };
}

function countOf(option: string, value: string): number {
  if (/^[1-9]\d{0,8}$/.test(value)) return Number(value);
  throw unreadable(`${option} is a whole number from 1, not \`${value}\``, next);
}

function readText(file: string): string {
  if (!existsSync(file) || !statSync(file).isFile()) throw unreadable(`there is no file ${file}`, next);
  const bytes = statSync(file).size;
  if (bytes > mostBytes)
    throw unreadable(`${file} has ${bytes} bytes; at most ${mostBytes} are read`, 'give a part of it');
  return readFileSync(file, 'utf8');
}

function reportOf({ file, time, change, plan: asked }: StreamRequest) {
  const table = readCsv(readText(file));
  if (change !== null && change >= table.rows.length)
    throw unreadable(`--change ${change} lies behind the last of ${table.rows.length} rows`, next);
  const quietRows = change ?? table.rows.length;
  const plan = planStream(quietRows, asked);
  const stream = readStream(table, Math.min(quietRows, plan.historyWindows * plan.rowsPerWindow), time);
  const outcome = watchStream(stream, plan, quietRows);
  return summarize(file, change, stream, plan, outcome);
}

function summarize(
  file: string,
  change: number | null,
  stream: Stream,
  plan: StreamPlan,
  { windows, promisedUntil, alarms, series }: StreamOutcome,
) {
  const quietWindows = change === null ? windows : Math.floor(change / plan.rowsPerWindow);
  const promised = promisedUntil[Math.min(quietWindows, windows)] ?? 0;
  const isFalse = ({ row }: { readonly row: number }): boolean => change === null || row <= change;
  const falseAlarms = alarms.filter(isFalse).length;
  const first = alarms.find((alarm) => !isFalse(alarm)) ?? null;
  const running = series.filter(({ verdict }) => verdict !== 'unknown').length;
  const kept = falseAlarms <= mostOf(promised);
  const rowTime = (row: number): string | null => stream.times?.[row - 1] ?? null;
  return {
    bench: 'drift-stream',
    file,
    rows: stream.rows,
    ...plan,
    windows,
    /** By design nothing here is random: the promise rests on the forecaster. */
    promise: {
      holds: 'if the forecaster does',
      windowsPerAlarm: plan.windowsPerAlarm,
      rowsPerAlarm: plan.windowsPerAlarm * plan.rowsPerWindow,
    },
    features: stream.features.map(({ name, kind }) => ({ name, kind })),
    series,
    running,
    alarms: alarms.map((alarm) => ({ ...alarm, time: rowTime(alarm.row), isFalse: isFalse(alarm) })),
    falseAlarms: { promised, alarms: falseAlarms, perPromised: promised === 0 ? null : falseAlarms / promised, kept },
    change:
      change === null
        ? null
        : {
            row: change,
            found: first !== null,
            delayRows: first === null ? null : first.row - change,
            delayWindows: first === null ? null : first.window - quietWindows,
            named: first?.name ?? null,
            series: first?.series ?? null,
            why: first !== null ? null : whyNotFound(running, series.length, windows, plan),
          },
    met: running === 0 ? null : kept && (change === null || first !== null),
  };
}

function whyNotFound(running: number, series: number, windows: number, { historyWindows }: StreamPlan): string {
  if (series === 0)
    return `the bets are chosen after ${historyWindows} windows before the change; the file has ${windows}`;
  return running === 0 ? 'every series is unknown' : 'no bet reached the threshold';
}

/** 99% of a Poisson count with this mean is at most so much. */
function mostOf(mean: number): number {
  let [term, count] = [Math.exp(-mean), 0];
  for (let sum = term; sum < 0.99 && count < 10_000; sum += term) {
    count += 1;
    term *= mean / count;
  }
  return count;
}

function linesOf(report: ReturnType<typeof reportOf>): readonly string[] {
  const { rows, rowsPerWindow, windows, historyWindows, promise, falseAlarms, change, series, alarms, running } =
    report;
  const until = change === null ? '' : ' before the change';
  return [
    `${report.file}: ${rows} rows, ${windows} windows of ${rowsPerWindow} rows; bets are chosen after ${historyWindows} windows`,
    `promise: at most 1 false alarm in ${promise.windowsPerAlarm} windows (${promise.rowsPerAlarm} rows), if the forecaster holds`,
    '',
    ...(series.length === 0
      ? ['no series: the history is too short']
      : ['| series | rests on | since window | because |', '|---|---|---|---|']),
    ...series.map(
      ({ series: name, verdict, chosenAt, reason }) => `| ${name} | ${verdict} | ${chosenAt || '-'} | ${reason} |`,
    ),
    '',
    ...alarms
      .slice(0, 20)
      .map(
        ({ row, time, series: name, isFalse }) =>
          `alarm at row ${row}${time === null ? '' : ` (${time})`}: ${name}${isFalse ? '' : ', after the change'}`,
      ),
    ...(alarms.length > 20 ? [`and ${alarms.length - 20} more alarms`] : []),
    `alarms${until}: ${falseAlarms.alarms}, promised at most ${falseAlarms.promised.toFixed(2)} on average${falseAlarms.perPromised === null ? '' : ` (${falseAlarms.perPromised.toFixed(2)} for each)`}`,
    ...(change === null
      ? []
      : [
          change.found
            ? `the change at row ${change.row} was found ${change.delayRows} rows (${change.delayWindows} windows) later, by ${change.series}`
            : `the change at row ${change.row} was not found: ${change.why}`,
        ]),
    running === 0 ? 'unknown: nothing bets' : report.met ? 'met' : 'missed',
  ];
}
