import type { Cause } from '../../../src/core/diagnosis/cause.ts';
import { causeOrder } from '../../../src/core/diagnosis/order/cause-order.ts';
import { clopperPearson } from '../../../src/core/statistics/distributions/binomial.ts';
import { deviceFaults, devicePairs, type DeviceFault } from './device-faults.ts';
import { replay, type Replayed } from './replay.ts';

export const aimShare = 0.95;

/** Row of the confusion matrix: what a fault was answered with, and how often. */
export interface ReplayRow {
  readonly name: string;
  readonly cause: Cause | null;
  readonly what: string;
  /** `named` by an experiment; `first` of the suspicions where no experiment can show it. */
  readonly rightIs: 'named' | 'first' | 'nothing';
  readonly runs: number;
  readonly right: number;
  /** `throttled`, `undetermined: throttled`, `none`. */
  readonly answers: Readonly<Record<string, number>>;
}

export interface ReplayScore {
  readonly heading: string;
  readonly rows: readonly ReplayRow[];
  readonly single: { readonly right: number; readonly runs: number };
  readonly clean: {
    readonly runs: number;
    readonly named: number;
    readonly suspected: number;
    /** Of naming a cause, at 95% confidence. */
    readonly upperShare: number;
  };
  readonly pairs: readonly {
    readonly names: readonly [string, string];
    readonly runs: number;
    /** One of both is the answer. */
    readonly oneOfBoth: number;
    /** Both are suspected. */
    readonly bothSuspected: number;
  }[];
  readonly isMet: boolean;
}

export const heading = 'Accelerators: replayed counters, played experiments (no accelerator was here)';

/** Replays each fault, each pair and runs without a fault. @param runs of each fault and pair. @param clean runs without one. */
export async function scoreReplays(runs: number, clean: number): Promise<ReplayScore> {
  const rows: ReplayRow[] = [];
  for (const [at, fault] of deviceFaults.entries()) {
    rows.push(await scoreFault(fault, fault.cause === null ? clean : runs, (at + 1) * 100_000));
  }
  const pairs: ReplayScore['pairs'][number][] = [];
  for (const [at, names] of devicePairs.entries()) pairs.push(await scorePair(names, runs, (at + 1) * 10_000_000));
  const faulty = rows.filter(({ cause }) => cause !== null);
  const add = (pick: (row: ReplayRow) => number): number => faulty.reduce((sum, row) => sum + pick(row), 0);
  const single = { right: add(({ right }) => right), runs: add((row) => row.runs) };
  const answers = rows.find(({ cause }) => cause === null)?.answers ?? {};
  const count = (is: (answer: string) => boolean): number =>
    Object.entries(answers).reduce((sum, [answer, times]) => sum + (is(answer) ? times : 0), 0);
  const named = count((answer) => answer !== 'none' && !answer.startsWith('undetermined'));
  const upperShare = clean === 0 ? 1 : clopperPearson(named, clean, 0.95).upper;
  return {
    ...{ heading, rows, single, pairs },
    clean: { runs: clean, named, suspected: count((answer) => answer !== 'none'), upperShare },
    isMet: faulty.every((row) => row.right >= aimShare * row.runs) && named === 0,
  };
}

async function scoreFault(fault: DeviceFault, runs: number, seed: number): Promise<ReplayRow> {
  const rightIs = fault.cause === null ? 'nothing' : isShowable(fault.cause) ? 'named' : 'first';
  const answers: Record<string, number> = {};
  let right = 0;
  for (let run = 0; run < runs; run += 1) {
    const replayed = await replay([fault], seed + run);
    const answer = answerOf(replayed);
    answers[answer] = (answers[answer] ?? 0) + 1;
    const wanted = { named: fault.cause, first: `undetermined: ${fault.cause}`, nothing: 'none' }[rightIs];
    if (answer === wanted && tellsReason(fault, replayed)) right += 1;
  }
  return { name: fault.name, cause: fault.cause, what: fault.what, rightIs, runs, right, answers };
}

const isShowable = (cause: Cause): boolean => causeOrder.some((row) => row.cause === cause && row.experiment !== null);

function answerOf({ finding: { verdict, cause, likeliest } }: Replayed): string {
  if (verdict === 'shown') return cause ?? '';
  return verdict === 'none' ? 'none' : `undetermined: ${likeliest[0]?.cause ?? ''}`;
}

const tellsReason = ({ cause, reason }: DeviceFault, { suspected }: Replayed): boolean =>
  reason === undefined || suspected.some((each) => each.cause === cause && each.reason.includes(reason));

async function scorePair(
  names: readonly [string, string],
  runs: number,
  seed: number,
): Promise<ReplayScore['pairs'][number]> {
  const faults = names.flatMap((name) => deviceFaults.filter((fault) => fault.name === name));
  const causes = faults.map(({ cause }) => cause);
  let [oneOfBoth, bothSuspected] = [0, 0];
  for (let run = 0; run < runs; run += 1) {
    const replayed = await replay(faults, seed + run);
    const { finding, suspected } = replayed;
    const answer = finding.cause ?? finding.likeliest[0]?.cause ?? null;
    if (answer !== null && causes.includes(answer)) oneOfBoth += 1;
    if (causes.every((cause) => suspected.some((each) => each.cause === cause))) bothSuspected += 1;
  }
  return { names, runs, oneOfBoth, bothSuspected };
}

const rightWords = { named: 'named', first: 'first, no experiment can show it', nothing: 'nothing suspected' } as const;

export function replayText({ rows, single, clean, pairs, isMet }: ReplayScore): string {
  const answersOf = ({ answers }: ReplayRow): string =>
    Object.entries(answers)
      .toSorted(([, a], [, b]) => b - a)
      .map(([answer, times]) => `${answer} ${times}`)
      .join(', ');
  return [
    heading,
    '',
    `${'fault'.padEnd(20)}${'right answer'.padEnd(16)}${'right'.padEnd(12)}${'which is'.padEnd(34)}answers`,
    ...rows.map(
      (row) =>
        `${row.name.padEnd(20)}${(row.cause ?? 'none').padEnd(16)}${`${row.right} of ${row.runs}`.padEnd(12)}${rightWords[row.rightIs].padEnd(34)}${answersOf(row)}`,
    ),
    '',
    `single faults answered right: ${single.right} of ${single.runs}, each of them at least ${aimShare * 100}%: ${isMet ? 'met' : 'missed'}`,
    `named without a fault: ${clean.named} of ${clean.runs} (at most ${(clean.upperShare * 100).toFixed(1)}%, 95% confidence); suspected in ${clean.suspected}`,
    ...pairs.map(
      ({ names, runs, oneOfBoth, bothSuspected }) =>
        `pair ${names.join(' + ')}: one of both is the answer in ${oneOfBoth} of ${runs}, both are suspected in ${bothSuspected}`,
    ),
  ].join('\n');
}
