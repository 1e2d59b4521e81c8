import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { drawNormal } from './nulls.ts';
import { readCsv } from './read-csv.ts';
import { readStream } from './stream-columns.ts';
import { planStream, watchStream } from './watch-stream.ts';

const streamOf = (text: string, time: string | null = null) => readStream(readCsv(text), 1_000, time);

describe('a stream from a file', () => {
  it('reads quotes, line ends of both kinds, semicolons, and files without a header', () => {
    expect(readCsv('a,b\r\n"x, ""y""\nz",2\r\n\r\n')).toEqual({
      names: ['a', 'b'],
      rows: [['x, "y"\nz', '2']],
      firstLine: 2,
    });
    expect(readCsv('1;x\n2;y').names).toEqual(['column 1', 'column 2']);
    expect(readCsv('a\n"1,5"').rows).toEqual([['1,5']]);
  });

  it.each([
    ['', 'no rows'],
    ['a,b', 'a header and no rows'],
    ['a,b\n1,2\n3', 'line 3 has 1 cells, line 1 has 2'],
    ['a\n"1', 'line 2 is never closed'],
    ['a\n"1"2', 'line 2 has text after a closing quote'],
    ['a,a\n1,2', 'two columns are named `a`'],
    ['a\n1\0', 'NUL'],
  ])('refuses %j', (text, message) => {
    expect(() => readCsv(text)).toThrow(message);
  });

  it('takes numbers, codes, categories and texts, and what is missing', () => {
    const rows = Array.from({ length: 40 }, (_, at) => `${at / 7},${at % 3},${at % 2 ? 'x' : 'NA'},word number${at}`);
    const stream = streamOf(['n,code,c,text', ...rows, 'inf,7,y,', ',,,'].join('\n'));
    const kinds = Object.fromEntries(stream.features.map(({ name, kind }) => [name, kind]));
    expect(kinds).toMatchObject({ n: 'numeric', code: 'category', c: 'category', 'text.length': 'numeric' });
    expect(stream.values.slice(0, 3).map((values) => values.slice(-2))).toEqual([
      [null, null],
      ['7', null],
      ['y', null],
    ]);
  });

  it('orders rows by their time, and says which time is none', () => {
    const stream = streamOf('when,n\n2026-01-02,2.5\n2026-01-01,1.5', 'when');
    expect(stream.features.map(({ name }) => name)).toEqual(['n']);
    expect(stream.values).toEqual(
      [['1.5', '2.5']].map((each) =>
        each.map((cell) => (stream.features[0]?.kind === 'numeric' ? Number(cell) : cell)),
      ),
    );
    expect(() => streamOf('when,n\nsoon,1\n', 'when')).toThrow('row 1 (near line 2) has the time `soon`');
    expect(() => streamOf('a,n\n1,1\n', 'when')).toThrow('no column is named `when`');
  });

  it('finds a shift after the change and is unknown where the history is too short', () => {
    const random = seededRandom(4);
    const text = (rows: number): string =>
      ['x', ...Array.from({ length: rows }, (_, at) => String(drawNormal(random) + (at >= 2_000 ? 2 : 0)))].join('\n');
    const plan = planStream(2_000, {});
    expect(plan).toEqual({ rowsPerWindow: 2, historyWindows: 500, windowsPerAlarm: 2_000 });
    const { alarms, series } = watchStream(streamOf(text(3_000)), plan, 2_000);
    expect(series.every(({ verdict }) => verdict === 'forecast')).toBe(true);
    expect(alarms[0]).toMatchObject({ kind: 'feature', name: 'x', series: 'x: mean' });
    expect(alarms[0]?.row).toBeGreaterThan(2_000);
    expect(alarms[0]?.row).toBeLessThan(2_100);
    expect(watchStream(streamOf(text(300)), planStream(300, {}), 300)).toMatchObject({ alarms: [], series: [] });
  });
});
