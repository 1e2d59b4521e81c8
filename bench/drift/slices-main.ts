import { median } from '../median.ts';
import { nulls } from './nulls.ts';
import { runSliced, shiftedValue } from './slices-run.ts';

/** Rows before the budget runs: a slice with 5% of them has 500 windows of 20 then. */
const quietRows = 200_000;
const judgedRows = 160_000;
const rowsPerAlarm = 20_000;
const shifts: readonly number[] = [0.5, 1];

/**
 * Alarms where nothing changes, and how soon a shift of one slice with 5% of the rows is found, with slices and without. Resolves
 * with 0 where alarms are at most the promise within two standard errors of a count, and 1 where not.
 */
export function measureSlices(argv: readonly string[]): number {
  const json = argv.includes('--json');
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  const only = argv.includes('--only') ? (argv[argv.indexOf('--only') + 1] ?? '') : '';
  const runs = argv.includes('--quick') ? 1 : 3;
  const wanted = nulls.filter(({ name }) => name.includes(only));
  if (wanted.length === 0) {
    console.error(`no stream has "${only}" in its name`);
    return 2;
  }
  say('alarms where nothing changes: 8 numbers, and 8 slices by one category, under one budget\n');
  say('| stream | promised | alarms | of them of slices | series of slices that bet |\n|---|---|---|---|---|');
  const steady = {
    rows: quietRows + judgedRows,
    quietRows,
    rowsPerAlarm,
    isSliced: true,
    shift: 0,
    stopAtAlarm: false,
  };
  const rows = wanted.map((stream, place) => {
    const outcomes = Array.from({ length: runs }, (_, run) =>
      runSliced({ ...steady, stream }, 7_919 * (run + 1) + 104_729 * place),
    );
    const alarms = outcomes.flatMap((each) => each.alarms);
    const row = {
      stream: stream.name,
      promised: Math.round(outcomes.reduce((sum, { promised }) => sum + promised, 0)),
      alarms: alarms.length,
      ofSlices: alarms.filter(({ name }) => name.includes('@')).length,
      judged: outcomes.reduce((sum, { judged }) => sum + judged, 0),
      series: outcomes.reduce((sum, { series }) => sum + series, 0),
      stateBytes: Math.max(...outcomes.map(({ stateBytes }) => stateBytes)),
    };
    say(`| ${row.stream} | ${row.promised} | ${row.alarms} | ${row.ofSlices} | ${row.judged} of ${row.series} |`);
    return row;
  });
  say(
    `\nrows until a shift of the slice ${shiftedValue}, 5% of the rows, is found; 1 alarm per ${rowsPerAlarm} rows\n`,
  );
  say(
    '| shift, sd of a row | with slices: found, median rows, named rightly | without: found, median rows |\n|---|---|---|',
  );
  const [independent] = nulls;
  const delays = independent === undefined ? [] : shifts.map((shift) => measureDelays(independent, shift, runs));
  for (const { shift, found, runs: of, rows: needed, named, without } of delays) {
    say(`| ${shift} | ${found}/${of}, ${needed ?? '-'}, ${named} | ${without.found}/${of}, ${without.rows ?? '-'} |`);
  }
  const kept = rows.every(({ alarms, promised }) => alarms - 2 * Math.sqrt(alarms) <= promised);
  if (json) console.log(JSON.stringify({ bench: 'drift-slices', node: process.version, kept, rows, delays }, null, 2));
  else say(`\naim, at most the promised alarms within two standard errors: ${kept ? 'met' : 'missed'}`);
  return kept ? 0 : 1;
}

function measureDelays(stream: (typeof nulls)[number], shift: number, runs: number) {
  const world = { stream, rows: quietRows + judgedRows, quietRows, rowsPerAlarm, shift, stopAtAlarm: true };
  const measure = (isSliced: boolean) => {
    const first = Array.from(
      { length: runs },
      (_, run) => runSliced({ ...world, isSliced }, 15_485_863 + run).alarms[0],
    );
    const found = first.flatMap((alarm) => (alarm === undefined ? [] : [alarm]));
    const rows = found.length === 0 ? null : median(found.map(({ row }) => row - quietRows));
    return { found: found.length, rows, named: found.filter(({ name }) => name.endsWith(`=${shiftedValue}`)).length };
  };
  return { shift, runs, ...measure(true), without: measure(false) };
}
