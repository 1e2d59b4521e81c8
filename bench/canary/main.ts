/**
 * The judge of a canary under no difference and under two regressions, beside a z-test that is looked at again and again
 * and Kayenta's Mann-Whitney test: how often each rolls back without cause, and how soon with one.
 *
 *   npm run bench -- canary [--quick] [--only TEXT] [--json]
 *
 * `--quick` takes a fiftieth of the runs; `--only` the configurations whose name holds the text.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { seededRandom } from '../../src/core/statistics/random.ts';
import { runErrors, runErrorsByJudge, type Stops } from './errors-run.ts';
import { theorem } from './theorem.ts';
import type { Task, World } from './worker.ts';

interface Configuration {
  readonly name: string;
  readonly world: World;
  readonly runs: number;
  /** `null`: false rollbacks are to be at most alpha. `delay`: a regression to be found. `limit`: outside the assumptions. */
  readonly kind: 'null' | 'delay' | 'limit';
}

const alpha = 0.05;
const methods = ['judge', 'zEach', 'zDaily', 'kayenta'] as const;
const titles = { judge: 'Plimsoll', zEach: 'z, each look', zDaily: 'z, 30 looks', kayenta: 'Kayenta' };

function configurations(quick: boolean): readonly Configuration[] {
  const runs = quick ? 200 : 10_000;
  const errors = {
    metric: 'errors',
    requests: 100_000,
    share: 0.05,
    live: 0.001,
    canary: 0.001,
    margin: 0.002,
  } as const;
  const latency = {
    metric: 'latency',
    requests: 100_000,
    share: 0.05,
    slower: 1,
    driftSeconds: 0,
    pauseEverySeconds: 0,
  } as const;
  const bursts = { driftSeconds: 1, pauseEverySeconds: 60 };
  const coldErrors = { units: 500, errors: 0.05 };
  const coldSlow = { units: 1_500, slower: 5 };
  const list: Configuration[] = [];
  const add = (kind: Configuration['kind'], name: string, world: World, count = runs): void => {
    list.push({ kind, name, world, runs: count });
  };
  for (const share of [0.05, 0.5]) {
    const at = `share ${share * 100}%`;
    add('null', `errors 0.1% in both, ${at}`, { ...errors, share });
    add('null', `errors 0.1% in both, margin 0, ${at}`, { ...errors, share, margin: 0 });
    add('null', `errors 0.1% and 0.3%, on the margin, ${at}`, { ...errors, share, canary: 0.003 });
    add('null', `latency equal, independent, ${at}`, { ...latency, share });
    add('null', `latency equal, AR(1) 1 s and pauses, ${at}`, { ...latency, ...bursts, share });
    add('null', `latency +9%, AR(1) 1 s and pauses, ${at}`, { ...latency, ...bursts, share, slower: 1.09 }, runs / 4);
  }
  add('null', 'errors, cold canary set apart', { ...errors, cold: { ...coldErrors, counted: false } });
  add('limit', 'errors, cold canary counted', { ...errors, cold: { ...coldErrors, counted: true } }, runs / 10);
  add('null', 'latency, cold canary set apart', { ...latency, cold: { ...coldSlow, counted: false } });
  add('limit', 'latency, cold canary counted', { ...latency, cold: { ...coldSlow, counted: true } }, runs / 10);
  for (const seconds of [5, 30, 300]) {
    add('limit', `latency equal, AR(1) ${seconds} s, share 5%`, { ...latency, driftSeconds: seconds }, runs / 10);
  }
  for (const share of [0.05, 0.5]) {
    const at = `share ${share * 100}%`;
    add('delay', `errors 0.1% to 1%, ${at}`, { ...errors, share, canary: 0.01 }, quick ? 100 : 300);
    add('delay', `p99 +30%, ${at}`, { ...latency, share, slower: 1.3, requests: 400_000 }, quick ? 100 : 300);
    add(
      'delay',
      `p99 +30%, AR(1) and pauses, ${at}`,
      { ...latency, ...bursts, share, slower: 1.3, requests: 400_000 },
      quick ? 50 : 200,
    );
  }
  return list;
}

/** Runs in place against runs by `observeShares`, on the same draws. */
function sameStops(): boolean {
  return [0.05, 0.5].every((share) => {
    const world = { requests: 20_000, share, live: 0.001, canary: 0.02, margin: 0.002 };
    return [1, 2, 3].every(
      (seed) => runErrors(world, seededRandom(seed)).judge === runErrorsByJudge(world, seededRandom(seed)),
    );
  });
}

interface MethodResult {
  readonly stopped: number;
  readonly share: number;
  /** 95% limits of Wilson. */
  readonly low: number;
  readonly high: number;
  /** Requests until it stopped, of the runs that did: 10th, 50th and 90th hundredth. */
  readonly requests: readonly (number | null)[];
}

async function measure({ world, runs }: Configuration, seed: number): Promise<Readonly<Record<string, MethodResult>>> {
  const workers = Math.max(1, Math.min(2, availableParallelism()));
  const share = Math.ceil(runs / workers);
  const parts = await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      inWorker({ world, runs: Math.min(share, runs - index * share), seed: seed + index * share }),
    ),
  );
  const stops = parts.flat();
  return Object.fromEntries(methods.map((method) => [method, summary(stops.map((each) => each[method]))]));
}

function inWorker(task: Task): Promise<readonly Stops[]> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./worker.ts', import.meta.url), { workerData: task });
    worker.once('message', resolve);
    worker.once('error', reject);
  });
}

function summary(stops: readonly number[]): MethodResult {
  const n = stops.length;
  const found = stops.filter((stop) => stop > 0).sort((a, b) => a - b);
  const share = found.length / n;
  const z = 1.96;
  const centre = (share + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z * Math.sqrt((share * (1 - share)) / n + (z * z) / (4 * n * n))) / (1 + (z * z) / n);
  const requests = [0.1, 0.5, 0.9].map((level) => found[Math.floor(level * (found.length - 1))] ?? null);
  return { stopped: found.length, share, low: Math.max(0, centre - half), high: Math.min(1, centre + half), requests };
}

function line(
  name: string,
  runs: number,
  kind: Configuration['kind'],
  results: Readonly<Record<string, MethodResult>>,
): string {
  const cells = methods.map((method) => {
    const result = results[method];
    if (result === undefined) return '';
    if (kind === 'delay')
      return `${(result.share * 100).toFixed(0)}% ${result.requests.map((each) => each ?? '-').join('/')}`;
    return `${(result.share * 100).toFixed(2)}% [${(result.low * 100).toFixed(2)}, ${(result.high * 100).toFixed(2)}]`;
  });
  return `| ${name} | ${runs} | ${cells.join(' | ')} |`;
}

export async function main(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json');
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  const only = argv.includes('--only') ? (argv[argv.indexOf('--only') + 1] ?? '') : '';
  const wanted = configurations(argv.includes('--quick')).filter(({ name }) => name.includes(only));
  if (wanted.length === 0) {
    console.error(`no configuration has "${only}" in its name`);
    return 2;
  }
  say(theorem);
  const same = sameStops();
  say(`the simulation stops where the judge does: ${same ? 'yes' : 'NO'}`);
  if (!same) return 1;
  say(
    `false rollbacks: share of runs, with 95% limits; delays: share found, then requests to it, 10th/50th/90th hundredth`,
  );
  say(`| configuration | runs | ${methods.map((method) => titles[method]).join(' | ')} |\n|---|---|---|---|---|---|`);
  const measured = [];
  for (const [index, configuration] of wanted.entries()) {
    const results = await measure(configuration, 1_000_003 * (index + 1));
    measured.push({ ...configuration, results });
    say(line(configuration.name, configuration.runs, configuration.kind, results));
  }
  // A simulated share has an error of its own: the aim is missed where even its lower limit is above alpha.
  const kept = measured.every(({ kind, results }) => kind !== 'null' || (results['judge']?.low ?? 1) <= alpha);
  if (json) console.log(JSON.stringify({ bench: 'canary', node: process.version, alpha, kept, measured }, null, 2));
  else
    say(`aim, false rollbacks of the judge at most ${alpha * 100}% under its assumptions: ${kept ? 'met' : 'missed'}`);
  return kept ? 0 : 1;
}
