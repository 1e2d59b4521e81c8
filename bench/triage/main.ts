/**
 * Which cause triage names, over faults that were injected into the real engine and its inputs, labels and routing.
 *
 *   npm run bench -- triage [--quick] [--only TEXT] [--json] [--live N]
 *
 * Real digits run once through the real engine under each fault. Their answers are drawn with seeds into streams of rows,
 * labels and golden replays, which go through the functions that the control plane calls, with a clock that is counted on.
 * Triage never reads what was injected.
 *
 * `--quick` takes a tenth of the runs; `--only` the rows whose name holds the text. `--live N` brings N runs of each cause of
 * `npm start -- --drift` about on the local platform instead; runs that are written down already are not taken again.
 */
import { progressOn } from '../../examples/digits/progress.ts';
import { median } from '../median.ts';
import { runLive } from './live.ts';
import { judgeOutcome, type Outcome } from './outcome.ts';
import { recordSignals } from './record-signals.ts';
import { replayScenario, watchHealthy, type Watched } from './replay-run.ts';
import { healthy, pairs, singles, undecidable, type Scenario } from './scenarios.ts';
import type { Signals } from './signals.ts';

/** Histories before the fault; runs with the same one have other rows from the fault on. */
const histories = 10;
const historyRows = 8_400;
const rowsAtMost = 750;
const namedShare = 45 / 50;

interface Row {
  readonly name: string;
  readonly kind: 'single' | 'pair' | 'healthy' | 'undecidable';
  readonly causes: Scenario['causes'];
  readonly runs: number;
  readonly named: number;
  readonly part: number;
  readonly abstained: number;
  readonly unseen: number;
  readonly wrong: number;
  /** Runs in which each cause was named. */
  readonly confusion: Readonly<Record<string, number>>;
  readonly medianSeconds: number | null;
  /** The last answer of the first run that abstained. */
  readonly why: string | null;
}

export async function main(argv: readonly string[]): Promise<number> {
  if (argv.includes('--live')) return runLive(argv);
  const json = argv.includes('--json');
  const say = (text: string): void => {
    if (!json) console.log(text);
  };
  const only = argv.includes('--only') ? (argv[argv.indexOf('--only') + 1] ?? '') : '';
  const part = argv.includes('--quick') ? 10 : 1;
  const plan = [
    ...singles.map((scenario) => ({ scenario, kind: 'single' as const, runs: 50 / part })),
    ...pairs.map((scenario) => ({ scenario, kind: 'pair' as const, runs: 50 / part })),
    ...undecidable.map((scenario) => ({ scenario, kind: 'undecidable' as const, runs: 50 / part })),
    ...healthy.map((scenario) => ({ scenario, kind: 'healthy' as const, runs: 60 / part })),
  ].filter(({ scenario }) => scenario.name.includes(only));
  if (plan.length === 0) {
    console.error(`no row has "${only}" in its name`);
    return 2;
  }
  const signals = await recordSignals(
    progressOn(process.stderr, () => performance.now()),
    rowsAtMost,
  );
  const begin = beginner(signals);
  say('| injected | runs | named | in part | abstained | nothing seen | wrong | median s | named causes |');
  say('|---|---|---|---|---|---|---|---|---|');
  const rows = plan.map(({ scenario, kind, runs }) => {
    const row = measureRow(signals, scenario, kind, runs, begin);
    say(describeRow(row));
    return row;
  });
  for (const { name, why, abstained, part: inPart } of rows) {
    if (why !== null && abstained + inPart > 0) say(`\n${name}: ${why}`);
  }
  const summary = summarize(rows);
  if (json) console.log(JSON.stringify({ bench: 'triage', node: process.version, ...summary, rows }, null, 2));
  else say(`\n${describeSummary(summary)}`);
  return summary.kept ? 0 : 1;
}

/** Histories are watched once, by seed. */
function beginner(signals: Signals): (scenario: Scenario, run: number) => Watched {
  const known = new Map<string, Watched>();
  return (scenario, run) => {
    const seed = 1 + (run % histories);
    const key = `${scenario.happens === 'release' ? 'older' : 'newer'} ${seed}`;
    const found = known.get(key) ?? watchHealthy(signals, scenario, 40_000 + seed, historyRows);
    known.set(key, found);
    return found;
  };
}

function measureRow(
  signals: Signals,
  scenario: Scenario,
  kind: Row['kind'],
  runs: number,
  begin: (scenario: Scenario, run: number) => Watched,
): Row {
  const outcomes = Array.from({ length: runs }, (_, run) =>
    judgeOutcome(scenario, replayScenario(signals, scenario, begin(scenario, run), 70_000 + run)),
  );
  const count = (verdict: Outcome['verdict']): number => outcomes.filter((each) => each.verdict === verdict).length;
  const confusion: Record<string, number> = {};
  for (const cause of outcomes.flatMap(({ causes }) => causes)) confusion[cause] = (confusion[cause] ?? 0) + 1;
  const times = outcomes.flatMap(({ verdict, afterMs }) => (verdict === 'named' && afterMs !== null ? [afterMs] : []));
  const open = outcomes.find(({ verdict, why }) => why !== null && (verdict === 'abstained' || verdict === 'part'));
  return {
    ...{ name: scenario.name, kind, causes: scenario.causes, runs, confusion, why: open?.why ?? null },
    ...{ named: count('named'), part: count('part'), abstained: count('abstained') },
    ...{ unseen: count('unseen'), wrong: count('wrong') },
    medianSeconds: times.length === 0 ? null : Math.round(median(times) / 1_000),
  };
}

function describeRow({ name, runs, named, part, abstained, unseen, wrong, medianSeconds, confusion }: Row): string {
  const causes = Object.entries(confusion).map(([cause, count]) => `${cause} ${count}`);
  return `| ${[name, runs, named, part, abstained, unseen, wrong, medianSeconds ?? '-', causes.join(', ') || '-'].join(' | ')} |`;
}

function summarize(rows: readonly Row[]) {
  const ofKind = (...kinds: readonly Row['kind'][]): readonly Row[] => rows.filter(({ kind }) => kinds.includes(kind));
  const total = (of: readonly Row[], read: (row: Row) => number): number => of.reduce((sum, row) => sum + read(row), 0);
  const faults = ofKind('single', 'pair', 'undecidable');
  const missed = ofKind('single').filter(({ named, runs }) => named < namedShare * runs);
  const wrong = total(faults, (row) => row.wrong);
  const falselyNamed = total(ofKind('healthy'), (row) => row.wrong);
  return {
    ...{ faultRuns: total(faults, ({ runs }) => runs), wrong },
    ...{ healthyRuns: total(ofKind('healthy'), ({ runs }) => runs), falselyNamed },
    missed: missed.map(({ name }) => name),
    kept: missed.length === 0 && wrong === 0 && falselyNamed === 0,
  };
}

function describeSummary({
  faultRuns,
  wrong,
  healthyRuns,
  falselyNamed,
  missed,
  kept,
}: ReturnType<typeof summarize>): string {
  return [
    `wrong causes: ${wrong} of ${faultRuns} runs with a fault; named without one: ${falselyNamed} of ${healthyRuns}`,
    `single causes named in fewer than 45 of 50: ${missed.length === 0 ? 'none' : missed.join(', ')}`,
    `aim, each single cause named in 45 of 50, and none wrong: ${kept ? 'met' : 'missed'}`,
  ].join('\n');
}
