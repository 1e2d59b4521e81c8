/**
 * The alarm budget and its detectors where nothing changes, and where one replica does: how many alarms there are against
 * the promise, how soon a shift is found, and what a row costs.
 *
 *   npm run bench -- drift [--quick] [--series] [--only TEXT] [--json]
 *   npm run bench -- drift --stream FILE.csv [--time COLUMN] [--change ROW] [--json]
 *
 *   npm run bench -- drift --slices [--quick] [--only TEXT] [--json]
 *   npm run bench -- drift --peers [--quick] [--json]
 *   npm run bench -- drift --features [--json]
 *
 * `--quick` takes a third of the runs; `--series` the series of windows alone, `--only` the streams whose name holds the
 * text. `--peers` measures other programs
 * beside it: Evidently, NannyML, alibi-detect and River, in Python environments in the user's cache.
 * `--features` measures what 500 features cost, from captured segments to the store.
 * `--slices` watches rows by the values of a category. `--stream` watches the rows of a file instead: any stream can be tried.
 */
import {
  beginControl,
  observeControlRow,
  takeEvidence,
} from '../../src/core/monitoring/detectors/concurrent-control.ts';
import { median } from '../median.ts';
import { expectedRows, planOf, runControl, type ControlWorld } from './control-run.ts';
import { nulls, shareNulls, type Null } from './nulls.ts';
import { realNulls } from './real-nulls.ts';
import { runSeries } from './series-run.ts';
import { measurePeers } from './peers-main.ts';
import { measureFeatures } from './features-main.ts';
import { measureSlices } from './slices-main.ts';
import { watchFile } from './stream-main.ts';

interface Row {
  readonly detector: string;
  readonly stream: string;
  /** `null`: alarms are to be at most the promise. `limit`: outside the assumptions. */
  readonly kind: 'null' | 'limit';
  readonly runs: number;
  readonly promised: number;
  readonly alarms: number;
  /** Alarms for each one that is promised, and its standard error over the runs. */
  readonly ratio: number;
  readonly standardError: number;
  readonly note: string;
}

const features = 36;

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--stream')) return watchFile(argv);
  if (argv.includes('--peers')) return measurePeers(argv);
  if (argv.includes('--slices')) return measureSlices(argv);
  if (argv.includes('--features')) return measureFeatures(argv);
  const json = argv.includes('--json');
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  const only = argv.includes('--only') ? (argv[argv.indexOf('--only') + 1] ?? '') : '';
  const real = realNulls((line) => console.error(line));
  if (typeof real === 'string') console.error(`real streams are left out: ${real}`);
  const wanted = [...nulls, ...(typeof real === 'string' ? [] : real)].filter(({ name }) => name.includes(only));
  const shares = shareNulls.filter(({ name }) => name.includes(only));
  if (wanted.length + shares.length === 0) {
    console.error(`no stream has "${only}" in its name`);
    return 2;
  }
  const runs = argv.includes('--quick') ? 2 : 6;
  say(`alarms where nothing changes, ${features} features together, for each alarm that is promised\n`);
  say('| detector | stream | promised | alarms | ratio (standard error) | |\n|---|---|---|---|---|---|');
  const rows: Row[] = [];
  const ofControl = argv.includes('--series') ? [] : wanted;
  for (const stream of [...wanted, ...shares]) {
    const lengths = historiesOfWindows.map((windows) => () => measureSeries(stream, windows, Math.max(1, runs / 2)));
    const control = ofControl.includes(stream) ? [() => measureControl(stream, 'random', runs)] : [];
    for (const measure of [...control, ...lengths]) {
      const row = measure();
      rows.push(row);
      say(rowText(row));
    }
  }
  for (const stream of ofControl.filter(({ name }) => name.startsWith('alternating'))) {
    const row = measureControl(stream, 'in-turn', Math.min(2, runs));
    rows.push(row);
    say(rowText(row));
  }
  const delays = ofControl
    .filter(({ name }) => /^AR\(1\), rho [\d.]+$/.test(name))
    .flatMap((stream) => measureDelays(stream, runs));
  const cost = ofControl.length === 0 ? null : measureCost();
  if (cost !== null) for (const line of delayLines(delays, cost)) say(line);
  const kept = rows.every(({ kind, ratio, standardError }) => kind === 'limit' || ratio - 2 * standardError <= 1);
  if (json) console.log(JSON.stringify({ bench: 'drift', node: process.version, kept, rows, delays, cost }, null, 2));
  else say(`aim, at most the promised alarms within two standard errors: ${kept ? 'met' : 'missed'}`);
  return kept ? 0 : 1;
}

function delayLines(delays: ReturnType<typeof measureDelays>, cost: number): readonly string[] {
  return [
    '\nrows of the random share until a shift of one feature on one of three replicas is found; 1 alarm per 20,000 rows\n',
    '| stream | shift, sd | found | median rows | formula | named rightly |\n|---|---|---|---|---|---|',
    ...delays.map(({ stream, shift, found, runs, rows, formula, named }) => {
      return `| ${stream} | ${shift} | ${found}/${runs} | ${rows ?? '-'} | ${formula} | ${named} |`;
    }),
    `\na row of 500 features over two replicas takes ${cost.toFixed(2)} ms of processor time`,
  ];
}

const steady = { features, replicas: 3, shift: 0, shiftAt: 0, stopAtAlarm: false };

function measureControl(stream: Null, routing: ControlWorld['routing'], runs: number): Row {
  const replicas = routing === 'random' ? 3 : 2;
  const world: ControlWorld = { ...steady, replicas, stream, routing, rows: 8_000, rowsPerAlarm: 2_000 };
  const outcomes = Array.from({ length: runs }, (_, run) => {
    const { promised, alarms } = runControl(world, seedOf(stream, run));
    return { promised, alarms: alarms.length };
  });
  const name = routing === 'random' ? 'random share' : 'two replicas in turn';
  return {
    detector: name,
    stream: stream.name,
    kind: routing === 'random' ? 'null' : 'limit',
    ...total(outcomes),
    note: '',
  };
}

/** Windows that the series are chosen on. */
const historiesOfWindows: readonly number[] = [400, 1_000, 2_000];

function measureSeries(stream: Null, historyWindows: number, runs: number): Row {
  const world = { stream, series: features, historyWindows, windows: 8_000, windowsPerAlarm: 1_000 };
  const outcomes = Array.from({ length: runs }, (_, run) =>
    runSeries(world, seedOf(stream, run) + 31 * historyWindows),
  );
  const count = (verdict: 'forecast' | 'blocks' | 'unknown') =>
    outcomes.reduce((sum, { verdicts }) => sum + verdicts[verdict], 0);
  const note = `${count('forecast')} forecasts, ${count('blocks')} blocks, ${count('unknown')} unknown`;
  return {
    detector: `series, history of ${historyWindows}`,
    stream: stream.name,
    kind: 'null',
    ...total(outcomes),
    note,
  };
}

/** Each stream has draws of its own. */
const seedOf = (stream: Null, run: number): number => 7_919 * (run + 1) + 104_729 * nulls.indexOf(stream);

function total(outcomes: readonly { readonly promised: number; readonly alarms: number }[]) {
  const promised = outcomes.reduce((sum, each) => sum + each.promised, 0);
  const alarms = outcomes.reduce((sum, each) => sum + each.alarms, 0);
  const ratio = alarms / promised;
  const squares = outcomes.reduce((sum, each) => sum + (each.alarms / each.promised - ratio) ** 2, 0);
  const standardError = Math.sqrt(squares / Math.max(1, outcomes.length - 1) / outcomes.length);
  return { runs: outcomes.length, promised: Math.round(promised), alarms, ratio, standardError };
}

function rowText({ detector, stream, promised, alarms, ratio, standardError, note }: Row): string {
  return `| ${detector} | ${stream} | ${promised} | ${alarms} | ${ratio.toFixed(2)} (${standardError.toFixed(2)}) | ${note} |`;
}

function measureDelays(stream: Null, runs: number) {
  const rho = Number(stream.name.split('rho ')[1]);
  return [0.5, 1].map((shift) => {
    const world: ControlWorld = {
      ...steady,
      stream,
      routing: 'random',
      rows: 4_500,
      rowsPerAlarm: 20_000,
      shift,
      shiftAt: 500,
      stopAtAlarm: true,
    };
    const alarms = Array.from({ length: runs }, (_, run) =>
      runControl(world, 15_485_863 + run).alarms.find(({ row }) => row > 500),
    );
    const rows = alarms.flatMap((alarm) => (alarm === undefined ? [] : [alarm.row - 500]));
    const named = alarms.filter((alarm) => alarm?.name === 'feature 0' && alarm.arm === 'replica-3').length;
    const formula = expectedRows(world, Math.sqrt(1 - rho * rho));
    return {
      stream: stream.name,
      shift,
      runs,
      found: rows.length,
      rows: rows.length === 0 ? null : median(rows),
      formula,
      named,
    };
  });
}

/** Processor time of one row in milliseconds: median of five parts. */
function measureCost(): number {
  const plan = planOf(500);
  const eligible = ['a', 'b'].map((arm) => ({ arm, propensityShare: 0.5 }));
  const values = Object.fromEntries(plan.features.map(({ name, kind }) => [name, kind === 'category' ? 'cat' : 1]));
  let state = beginControl(plan);
  const parts = Array.from({ length: 5 }, () => {
    const before = process.cpuUsage();
    for (let row = 0; row < 100; row += 1) {
      state = observeControlRow(state, { eligible, drawn: row % 3 === 0 ? 'a' : 'b', outcome: 'answered', values });
    }
    state = takeEvidence(state).state;
    const { user, system } = process.cpuUsage(before);
    return (user + system) / 1000 / 100;
  });
  return median(parts);
}
