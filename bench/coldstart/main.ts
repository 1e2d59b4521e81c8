/**
 * How a large model is loaded, and how long its replica takes to start. A generated model (a stack of square layers) is loaded by
 * copy (its bytes read into memory and handed to the runtime), by path (the runtime reads the file), and mapped (its weights in a
 * file beside it, which the runtime maps): with its files in the page cache, and dropped from it before each load, which is
 * verified. Then whole starts of replicas by `plimsoll coldstart`. Interleaved rounds, medians.
 *
 * Options: --sizes MB,MB (256,1536), --rounds N (3), --starts N of whole starts (3; 0 leaves them out), --json. Above 2,000 MB
 * the weights fit only beside the model.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import path from 'node:path';
import { makePageCache } from '../../src/adapters/system/page-cache.ts';
import { formatBytes } from '../../src/core/units/quantity/quantity-bytes.ts';
import { formatElapsed } from '../../src/core/units/quantity/quantity-duration.ts';
import { median } from '../median.ts';
import { layerWidth, writeGeneratedModel, type GeneratedModel } from './generated-model.ts';
import { wholeStarts } from './whole-starts.ts';

/** Loading by path may take this share of loading by copy, at the largest size that is loaded by both. */
const aim = 0.75;
const mostInOneFileMb = 2_000;
const { signal } = new AbortController();

interface Load {
  readonly loadMs: number;
  readonly answeredMs: number;
  readonly peakBytes: number;
}

interface LoadRow {
  readonly bytes: number;
  readonly way: 'by copy' | 'by path' | 'mapped';
  readonly cachedMs: number;
  readonly droppedMs: number;
  /** Until the first answer, cached. */
  readonly answeredMs: number;
  readonly peakBytes: number;
}

interface StartRow {
  readonly bytes: number;
  readonly weights: 'inside' | 'beside';
  readonly tier: string;
  readonly medianMs: number | null;
  readonly phases: Readonly<Record<string, number | null>>;
}

export async function main(argv: readonly string[]): Promise<number> {
  const option = (name: string, fallback: string): string => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : (argv[at + 1] ?? fallback);
  };
  const sizes = option('sizes', '256,1536').split(',').map(Number);
  const [rounds, starts] = [Number(option('rounds', '3')), Number(option('starts', '3'))];
  const loads: LoadRow[] = [];
  const wholes: StartRow[] = [];
  for (const megabytes of sizes) {
    const folder = mkdtempSync(path.join(tmpdir(), 'plimsoll-bench-'));
    try {
      console.error(`generating a model of ${megabytes} MB`);
      const inside =
        megabytes > mostInOneFileMb
          ? null
          : writeGeneratedModel(path.join(folder, 'inside'), megabytes * 2 ** 20, false);
      const beside = writeGeneratedModel(path.join(folder, 'beside'), megabytes * 2 ** 20, true);
      const ways: readonly (readonly [LoadRow['way'], GeneratedModel | null])[] = [
        ['by copy', inside],
        ['by path', inside],
        ['mapped', beside],
      ];
      loads.push(...(await measureLoads(ways, rounds)));
      for (const [weights, model] of [
        ['inside', inside],
        ['beside', beside],
      ] as const) {
        if (model === null || starts === 0) continue;
        console.error(`whole starts with the weights ${weights}`);
        const { tiers } = wholeStarts(folder, path.dirname(model.file), starts);
        for (const { tier, summary } of tiers) {
          const phases = summary.phases.map((row) => [row.phases.join(' + '), row.p50Ms] as const);
          const known = { ...Object.fromEntries(phases), other: summary.other.p50Ms };
          wholes.push({ bytes: model.bytes, weights, tier, medianMs: summary.whole.p50Ms, phases: known });
        }
        rmSync(path.join(folder, '.plimsoll'), { recursive: true, force: true });
        rmSync(path.join(folder, 'plimsoll.lock'), { force: true });
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  const ratio = pathRatio(loads);
  const report = {
    bench: 'coldstart',
    node: process.version,
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    rounds,
    loads,
    starts: wholes,
    ratio,
    aim,
    met: ratio === null || ratio <= aim,
  };
  console.log(argv.includes('--json') ? JSON.stringify(report, null, 2) : textOf(report));
  return report.met ? 0 : 1;
}

async function measureLoads(
  given: readonly (readonly [LoadRow['way'], GeneratedModel | null])[],
  rounds: number,
): Promise<readonly LoadRow[]> {
  const cache = makePageCache();
  const ways = given.flatMap(([way, model]) =>
    model === null ? [] : [{ way, model, cached: [] as Load[], dropped: [] as Load[] }],
  );
  for (let round = 0; round < rounds; round += 1) {
    console.error(`loads: round ${round + 1} of ${rounds}`);
    for (const { way, model, cached, dropped } of ways) {
      for (const [bring, into] of [
        [cache.fill, cached],
        [cache.drop, dropped],
      ] as const) {
        const outcome = await bring(model.files, signal);
        if ('refused' in outcome) throw new Error(`the page cache cannot be brought there: ${outcome.refused}`);
        into.push(load(way === 'by copy' ? 'bytes' : 'path', model.file));
      }
    }
  }
  const middle = (from: readonly Load[], of: keyof Load): number => median(from.map((each) => each[of]));
  return ways.map(({ way, model, cached, dropped }) => ({
    bytes: model.bytes,
    way,
    cachedMs: middle(cached, 'loadMs'),
    droppedMs: middle(dropped, 'loadMs'),
    answeredMs: middle(cached, 'answeredMs'),
    peakBytes: middle(cached, 'peakBytes'),
  }));
}

function load(how: 'bytes' | 'path', file: string): Load {
  const program = path.join(import.meta.dirname, 'load.ts');
  const args = ['--disable-warning=ExperimentalWarning', program, how, file, String(layerWidth)];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8' })) as Load;
}

/** Of the largest model that was loaded both ways; null where none was. */
function pathRatio(loads: readonly LoadRow[]): number | null {
  const byPath = loads.findLast(({ way }) => way === 'by path');
  const byCopy = loads.find(({ way, bytes }) => way === 'by copy' && bytes === byPath?.bytes);
  return byPath === undefined || byCopy === undefined ? null : byPath.cachedMs / byCopy.cachedMs;
}

function textOf(report: {
  readonly loads: readonly LoadRow[];
  readonly starts: readonly StartRow[];
  readonly ratio: number | null;
  readonly met: boolean;
}): string {
  const time = (ms: number | null): string => (ms === null ? 'not known' : formatElapsed(ms)).padStart(9);
  const copyOf = (row: LoadRow): LoadRow | undefined =>
    report.loads.find(({ way, bytes }) => way === 'by copy' && bytes === row.bytes);
  const loads = report.loads.map((row) => {
    const copy = copyOf(row);
    const times = copy === undefined ? '' : `  ${(row.cachedMs / copy.cachedMs).toFixed(2)} of by copy`;
    return `${formatBytes(row.bytes).padStart(8)}  ${row.way}  cached ${time(row.cachedMs)}  dropped ${time(row.droppedMs)}  first answer ${time(row.answeredMs)}  peak ${formatBytes(row.peakBytes).padStart(8)}${times}`;
  });
  const starts = report.starts.map(({ bytes, weights, tier, medianMs, phases }) => {
    const parts = Object.entries(phases).map(([name, ms]) => `${name} ${time(ms).trim()}`);
    return `${formatBytes(bytes).padStart(8)}  weights ${weights}  ${tier.padEnd(9)}  ${time(medianMs)}  ${parts.join(', ')}`;
  });
  const ratio = report.ratio === null ? 'not measured' : report.ratio.toFixed(2);
  return [
    'loading the model',
    ...loads,
    `by path over by copy, cached: ${ratio}; aim: at most ${aim}${report.met ? '' : '  MISSED'}`,
    ...(starts.length === 0 ? [] : ['whole starts of a replica, median', ...starts]),
  ].join('\n');
}
