import type { Cause } from '../../src/core/diagnosis/cause.ts';
import type { EffectInterval } from '../../src/core/diagnosis/finding/effect.ts';
import type { Finding } from '../../src/core/diagnosis/finding/finding.ts';
import type { ReadingName } from '../../src/core/diagnosis/readings/window-readings.ts';
import { median } from '../median.ts';
import { clopperPearson } from '../../src/core/statistics/distributions/binomial.ts';

/** One diagnosis of one injected fault. */
export interface Run {
  readonly name: string;
  readonly expected: Cause | null;
  /** Of two faults at once: the other right answer. */
  readonly otherExpected?: Cause | undefined;
  readonly verdict: Finding['verdict'];
  readonly cause: Cause | null;
  readonly alsoShown: readonly Cause[];
  readonly effect: EffectInterval | null;
  readonly suspected: readonly Cause[];
  readonly reasons: readonly string[];
  readonly experiments: readonly object[];
  readonly readings: Readonly<Partial<Record<ReadingName, number>>>;
  readonly tookMs: number;
  /** Programs that wanted a core, by core, over the last minute: above 1 a run without a fault is not without one. */
  readonly loadPerCore: number;
}

export interface Scored {
  readonly faults: readonly {
    readonly name: string;
    readonly expected: Cause | null;
    readonly runs: number;
    /** The right cause was named; of a run without a fault: none was. */
    readonly right: number;
    readonly undetermined: number;
    readonly wrong: readonly Cause[];
    readonly longestMs: number;
  }[];
  /** Two faults at once: reported, and no part of the aim. */
  readonly pairs: readonly {
    readonly name: string;
    readonly runs: number;
    /** One of both is the named cause. */
    readonly oneNamed: number;
    /** Both were shown. */
    readonly bothShown: number;
    readonly undetermined: number;
    readonly wrong: readonly Cause[];
  }[];
  /** Of all runs with one fault. */
  readonly named: { readonly right: number; readonly runs: number };
  /** Of all runs without a fault. */
  readonly falselyNamed: { readonly count: number; readonly runs: number; readonly upperShare: number };
  /** Median of the runs without a fault; null where there is none. Faults are programs that want a core themselves. */
  readonly loadPerCore: number | null;
  /** 95% of faults are named, and none is named where there is none. */
  readonly isMet: boolean;
}

export function score(runs: readonly Run[]): Scored {
  const single = runs.filter(({ otherExpected }) => otherExpected === undefined);
  const faults = groupByName(single).map(([name, own]) => {
    const isRight = ({ expected, cause }: Run): boolean => cause === expected;
    return {
      name,
      expected: own[0]?.expected ?? null,
      runs: own.length,
      right: own.filter(isRight).length,
      undetermined: own.filter(({ verdict }) => verdict === 'undetermined').length,
      wrong: own.flatMap((run) => (run.cause !== null && !isRight(run) ? [run.cause] : [])),
      longestMs: Math.max(...own.map(({ tookMs }) => tookMs)),
    };
  });
  const faulty = faults.filter(({ expected }) => expected !== null);
  const clean = faults.filter(({ expected }) => expected === null);
  const add = (list: typeof faults, of: (row: (typeof faults)[number]) => number): number =>
    list.reduce((sum, row) => sum + of(row), 0);
  const named = { right: add(faulty, ({ right }) => right), runs: add(faulty, (row) => row.runs) };
  const cleanRuns = add(clean, (row) => row.runs);
  const count = add(clean, ({ wrong }) => wrong.length);
  const falselyNamed = {
    count,
    runs: cleanRuns,
    upperShare: cleanRuns === 0 ? 1 : clopperPearson(count, cleanRuns, 0.95).upper,
  };
  const loads = single.filter(({ expected }) => expected === null).map(({ loadPerCore }) => loadPerCore);
  const loadPerCore = loads.length === 0 ? null : median(loads);
  const pairs = scorePairs(runs.filter(({ otherExpected }) => otherExpected !== undefined));
  return {
    ...{ faults, pairs, named, falselyNamed, loadPerCore },
    isMet: named.right >= 0.95 * named.runs && count === 0,
  };
}

function scorePairs(runs: readonly Run[]): Scored['pairs'] {
  return groupByName(runs).map(([name, own]) => {
    const isEither = ({ expected, otherExpected }: Run, cause: Cause | null): boolean =>
      cause !== null && (cause === expected || cause === otherExpected);
    return {
      name,
      runs: own.length,
      oneNamed: own.filter((run) => isEither(run, run.cause)).length,
      bothShown: own.filter((run) => isEither(run, run.cause) && run.alsoShown.some((also) => isEither(run, also)))
        .length,
      undetermined: own.filter(({ verdict }) => verdict === 'undetermined').length,
      wrong: own.flatMap((run) => (run.cause !== null && !isEither(run, run.cause) ? [run.cause] : [])),
    };
  });
}

function groupByName(runs: readonly Run[]): readonly (readonly [string, readonly Run[]])[] {
  const names = [...new Set(runs.map(({ name }) => name))];
  return names.map((name) => [name, runs.filter((run) => run.name === name)]);
}

export function textOf({ faults, pairs, named, falselyNamed, loadPerCore }: Scored): string {
  const rows = faults.map(
    ({ name, expected, runs, right, undetermined, wrong, longestMs }) =>
      `${name.padEnd(18)}${(expected ?? 'none').padEnd(18)}${`${right} of ${runs}`.padEnd(12)}${String(undetermined).padEnd(14)}${(wrong.join(' ') || '-').padEnd(24)}${(longestMs / 1_000).toFixed(0)} s`,
  );
  return [
    `${'fault'.padEnd(18)}${'right answer'.padEnd(18)}${'named'.padEnd(12)}${'undetermined'.padEnd(14)}${'named wrongly'.padEnd(24)}longest`,
    ...rows,
    '',
    `faults named right: ${named.right} of ${named.runs}`,
    ...pairs.map(
      ({ name, runs, oneNamed, bothShown, undetermined, wrong }) =>
        `${name.padEnd(34)}one of both named in ${oneNamed} of ${runs}, both shown in ${bothShown}, undetermined ${undetermined}, wrong: ${wrong.join(' ') || '-'}`,
    ),
    `named without a fault: ${falselyNamed.count} of ${falselyNamed.runs} (at most ${(falselyNamed.upperShare * 100).toFixed(1)}%, 95% confidence)`,
    ...(loadPerCore !== null && loadPerCore > 1
      ? [
          `the machine was busy: ${loadPerCore.toFixed(1)} programs wanted each core in half of the runs without a fault. Measure again on a quiet one.`,
        ]
      : []),
  ].join('\n');
}
