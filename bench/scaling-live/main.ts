/**
 * A flash crowd on the local platform, gateway and control plane: the own policy of scaling beside Knative's, on replicas that
 * wait out stated times (10 s of start, four requests at once of 200 ms each), so that the machine's own speed matters little.
 *
 *   npm run bench -- scaling-live [--quick] [--runs N (3)] [--seed N (1)] [--warm-up MINUTES (60)] [--validate] [--json]
 *                                 [--told FACTOR,FACTOR...]
 *
 * Both policies see the same arrivals in a run: base traffic, eight times as much within a second for a minute, base traffic
 * again; and remember the same simulated base traffic of an hour before. KPA with its defaults and the replica's own
 * concurrency as target. `--validate` plays a static number and the own policy, and beside each run the simulator with its
 * arrivals, starts and service time. `--told` plays the own policy with right knowledge, and with a capacity told at each of these
 * factors of the truth. It is told so in the simulated hour before too.
 *
 * Exit status 0 when the own policy keeps at least as much as KPA with no more accelerator-seconds, or more by a hundredth; with
 * `--validate` when attainment and accelerator-seconds disagree by a tenth at the most. With `--told` each wrong capacity has to attain
 * at least what right knowledge does, less two points of a hundred.
 */
import { availableParallelism } from 'node:os';
import { makeKpa } from '../../src/core/scaling/policies/kpa.ts';
import { plimsollPolicy } from '../../src/core/scaling/own/plimsoll.ts';
import { makeStatic } from '../../src/core/scaling/policies/static.ts';
import type { Policy } from '../../src/core/scaling/policy.ts';
import { liveRun, type LiveRun } from './live-run.ts';
import { measuredOutcome, simulatedOutcome, type Outcome } from './outcome.ts';
import { capacity, endOf, objective, quickScenario, wholeScenario, type Scenario } from './scenario.ts';
import { warmPolicy } from './warm-policy.ts';

interface Candidate {
  readonly policy: Policy;
  readonly beginsWith: number;
  readonly told: number;
}

interface Row {
  readonly policy: string;
  /** Told over real capacity. */
  readonly told: number;
  readonly seed: number;
  readonly measured: Outcome;
  readonly simulated: Outcome;
  readonly startsMs: readonly number[];
  readonly serviceMs: number | null;
  readonly load: LiveRun['load'];
  readonly decisions: LiveRun['decisions'];
  readonly learned: LiveRun['learned'];
}

export async function main(argv: readonly string[]): Promise<number> {
  const number = (name: string, fallback: number): number => {
    const at = argv.indexOf(`--${name}`);
    return at === -1 ? fallback : Number(argv[at + 1]);
  };
  const [quick, validate, json] = ['--quick', '--validate', '--json'].map((flag) => argv.includes(flag));
  const scenario = quick === true ? quickScenario : wholeScenario;
  const runs = number('runs', quick === true || validate === true ? 1 : 3);
  const warmUpMs = number('warm-up', 60) * 60_000;
  const factors = readFactors(argv);
  const candidates =
    factors === null
      ? candidatesOf(scenario, warmUpMs, validate === true)
      : toldCandidates(scenario, warmUpMs, factors);
  const rows: Row[] = [];
  // Replicas outlive whoever started them: an interrupted run stops them as well.
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  for (let seed = number('seed', 1); rows.length < runs * candidates.length; seed += 1) {
    for (const candidate of candidates) {
      const { policy, beginsWith, told } = candidate;
      process.stderr.write(
        `run ${rows.length + 1} of ${runs * candidates.length}: ${policy.name} told ${told}, about ${Math.ceil(endOf(scenario) / 1_000 + 20)} s\n`,
      );
      const run = await liveRun(policy, scenario, { seed, beginsWith, told, signal: stop.signal });
      const row = rowOf(run, candidate, scenario);
      rows.push(row);
      process.stderr.write(`${JSON.stringify({ measured: row.measured, simulated: row.simulated, load: row.load })}\n`);
    }
  }
  const setting = { scenario, warmUpMs, objective, capacity, cores: availableParallelism() };
  if (json === true) console.log(JSON.stringify({ bench: 'scaling-live', ...setting, rows }, null, 2));
  else print(rows, validate === true);
  if (factors !== null) return survives(rows) ? 0 : 1;
  return (validate === true ? agrees(rows) : isBetter(rows)) ? 0 : 1;
}

/** Right knowledge comes first; null where `--told` is not given. @throws RangeError for what is no factor. */
function readFactors(argv: readonly string[]): readonly number[] | null {
  const at = argv.indexOf('--told');
  if (at === -1) return null;
  const factors = (argv[at + 1] ?? '').split(',').map(Number);
  if (!factors.every((factor) => factor > 0 && Number.isFinite(factor)))
    throw new RangeError('--told takes factors above 0');
  return [...new Set([1, ...factors])];
}

const toldCandidates = (scenario: Scenario, warmUpMs: number, factors: readonly number[]): readonly Candidate[] =>
  factors.map((told) => ({ policy: warmPolicy(plimsollPolicy, scenario, warmUpMs, told), beginsWith: 1, told }));

function candidatesOf(scenario: Scenario, warmUpMs: number, validate: boolean): readonly Candidate[] {
  const own = { policy: warmPolicy(plimsollPolicy, scenario, warmUpMs, 1), beginsWith: 1, told: 1 };
  const fixed = 5;
  if (validate) return [{ policy: makeStatic(fixed), beginsWith: fixed, told: 1 }, own];
  const kpa = warmPolicy(makeKpa({ targetConcurrency: null }), scenario, warmUpMs, 1);
  return [own, { policy: kpa, beginsWith: 1, told: 1 }];
}

function rowOf(run: LiveRun, { policy, told }: Candidate, scenario: Scenario): Row {
  return {
    policy: policy.name,
    told,
    seed: run.seed,
    measured: measuredOutcome(run, scenario),
    simulated: simulatedOutcome(run, policy, scenario, told),
    startsMs: run.startsMs,
    serviceMs: run.serviceMs,
    load: run.load,
    decisions: run.decisions,
    learned: run.learned,
  };
}

const mean = (rows: readonly Row[], policy: string, of: (outcome: Outcome) => number, told = 1): number => {
  const some = rows.filter((row) => row.policy === policy && row.told === told);
  return some.reduce((sum, { measured }) => sum + of(measured), 0) / some.length;
};

function isBetter(rows: readonly Row[]): boolean {
  const kept = (policy: string): number => mean(rows, policy, ({ attainmentShare }) => attainmentShare);
  const paid = (policy: string): number => mean(rows, policy, ({ acceleratorSeconds }) => acceleratorSeconds);
  const ahead = kept('plimsoll') - kept('kpa');
  return ahead >= 0.01 || (ahead >= 0 && paid('plimsoll') <= paid('kpa'));
}

const attained = (rows: readonly Row[], told: number): number =>
  mean(rows, 'plimsoll', ({ attainmentShare }) => attainmentShare, told);

/** Points of a hundred that a wrong capacity may cost. */
const toldCostsAtMost = 0.02;

const survives = (rows: readonly Row[]): boolean =>
  rows.every(({ told }) => attained(rows, told) >= attained(rows, 1) - toldCostsAtMost);

const offBy = (simulated: number, measured: number): number => simulated / measured - 1;

function agrees(rows: readonly Row[]): boolean {
  return rows.every(({ measured, simulated }) =>
    (['attainmentShare', 'acceleratorSeconds'] as const).every(
      (figure) => Math.abs(offBy(simulated[figure], measured[figure])) <= 0.1,
    ),
  );
}

const columns: readonly (readonly [string, (outcome: Outcome) => number, (value: number) => string])[] = [
  ['attained', ({ attainmentShare }) => attainmentShare, (value) => `${(100 * value).toFixed(1)}%`],
  ['accel-s', ({ acceleratorSeconds }) => acceleratorSeconds, (value) => value.toFixed(0)],
  ['mean ms', ({ latencyMeanMs }) => latencyMeanMs, (value) => value.toFixed(0)],
  ['p95 ms', ({ latencyP95Ms }) => latencyP95Ms, (value) => value.toFixed(0)],
  ['dropped', ({ dropped }) => dropped, (value) => value.toFixed(0)],
  ['steps', ({ steps }) => steps, (value) => value.toFixed(0)],
  ['most', ({ mostReplicas }) => mostReplicas, (value) => value.toFixed(0)],
];

function print(rows: readonly Row[], validate: boolean): void {
  const line = (first: string, cells: readonly string[], last = ''): void =>
    console.log(`${first.padEnd(24)}${cells.map((cell) => cell.padStart(10)).join('')}  ${last}`.trimEnd());
  line(
    'run',
    columns.map(([name]) => name),
    'load before, after',
  );
  for (const { policy, told, seed, measured, simulated, load } of rows) {
    const cells = (outcome: Outcome): readonly string[] => columns.map(([, of, shown]) => shown(of(outcome)));
    line(`${nameOf(policy, told)}, seed ${seed}`, cells(measured), load.map((value) => value.toFixed(1)).join(', '));
    if (!validate) continue;
    line('  simulated', cells(simulated));
    line(
      '  disagreement',
      columns.map(([, of]) => percent(offBy(of(simulated), of(measured)))),
    );
  }
  const starts = rows.flatMap(({ startsMs }) => startsMs);
  const [least, most] = [Math.min(...starts), Math.max(...starts)].map((ms) => (ms / 1_000).toFixed(1));
  console.log(
    `${rows[0]?.measured.requests} requests a run; ${starts.length} starts of ${least} to ${most} s until routed to`,
  );
  if (validate) return;
  const kinds = new Map(rows.map((row) => [nameOf(row.policy, row.told), row]));
  for (const [name, { policy, told }] of kinds) {
    line(
      `${name}, mean`,
      columns.map(([, of, shown]) => shown(mean(rows, policy, of, told))),
    );
  }
}

const nameOf = (policy: string, told: number): string => (told === 1 ? policy : `${policy} told ${told}`);

const percent = (share: number): string =>
  Number.isFinite(share) ? `${share >= 0 ? '+' : ''}${(100 * share).toFixed(1)}%` : Number.isNaN(share) ? '0.0%' : '-';
