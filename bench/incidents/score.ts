import { verifyPool } from '../../src/core/hardware/judging/judge-pool.ts';
import type { Verdict } from '../../src/core/units/verdict.ts';
import { factsOf } from './facts-of-incident.ts';
import { changeIncident, type Incident } from './read-incidents.ts';

/** Which facts were judged: the row as it was reported, with the fact that it leaves out, or with its nearest fix. */
export type Form = 'row' | 'read' | 'twin';

export interface Judged {
  readonly id: string;
  readonly form: Form;
  readonly expected: 'runs' | 'does not run';
  readonly verdict: Verdict;
  /** The fact that the report leaves out, where it was marked beforehand; only of the form `row`. */
  readonly undecided: string | null;
  readonly right: boolean;
  /** What the verdict says first. */
  readonly because: string;
  readonly notChecked: readonly string[];
}

export type Judge = (row: Incident) => Pick<Judged, 'verdict' | 'because' | 'notChecked'>;

/** The function that `verify` calls, on a pool of one node. */
export const judgeByRules: Judge = (row) => {
  const { demands, snapshot } = factsOf(row);
  const pool = verifyPool(demands, snapshot);
  const [first] = Object.values(pool.classes);
  const because = pool.verdict === 'pass' ? '' : (first?.findings[0]?.message ?? pool.reasons[0] ?? '');
  return { verdict: pool.verdict, because, notChecked: first?.notChecked ?? [] };
};

const answerAlways =
  (verdict: Verdict): Judge =>
  () => ({ verdict, because: 'always', notChecked: [] });

/** Judges that look at nothing: the aims must be missed by both. */
export const baselines: Readonly<Record<string, Judge>> = {
  'always-fail': answerAlways('fail'),
  'always-unknown': answerAlways('unknown'),
};

/**
 * | expected | right |
 * |---|---|
 * | runs | pass |
 * | does not run | fail |
 * | does not run, and the facts do not decide (marked beforehand) | fail or unknown |
 */
export function isRight(expected: Judged['expected'], verdict: Verdict, undecided: string | null): boolean {
  if (expected === 'runs') return verdict === 'pass';
  return verdict === 'fail' || (verdict === 'unknown' && undecided !== null);
}

/** Every row, then every row with the fact that it leaves out, then every twin. */
export function judgeAll(rows: readonly Incident[], judge: Judge): readonly Judged[] {
  const one = (row: Incident, form: Form, expected: Judged['expected']): Judged => {
    const undecided = form === 'row' ? (row.undecided ?? null) : null;
    const judged = judge(row);
    return { id: row.id, form, expected, undecided, right: isRight(expected, judged.verdict, undecided), ...judged };
  };
  return [
    ...rows.map((row) => one(row, 'row', row.expected)),
    ...rows.flatMap((row) =>
      row.read === undefined ? [] : [one(changeIncident(row, row.read), 'read', 'does not run')],
    ),
    ...rows.flatMap((row) => (row.twin === undefined ? [] : [one(changeIncident(row, row.twin), 'twin', 'runs')])),
  ];
}

export interface Score {
  readonly right: number;
  readonly of: number;
}

export function scoreOf(all: readonly Judged[], form: Form): Score {
  const some = all.filter((one) => one.form === form);
  return { right: some.filter(({ right }) => right).length, of: some.length };
}

/** 38 of 40, as a share. */
export const aimShare = 0.95;

/** Whether rows and twins both reach the aim; without twins always failing would, so that nothing does. */
export const reachesAim = (all: readonly Judged[]): boolean =>
  (['row', 'twin'] as const).every((form) => {
    const { right, of } = scoreOf(all, form);
    return of > 0 && right >= aimShare * of;
  });

/**
 * Marks, facts and twins of rows that the file itself does not give, from rows of the same id. Among the facts is who saw the board:
 * a report that the driver lists none tells that its facts are not those of a driver.
 */
export function completeRows(rows: readonly Incident[], by: readonly Incident[]): readonly Incident[] {
  const known = new Map(by.map((row) => [row.id, row]));
  return rows.map((row) => {
    const other = known.get(row.id);
    return {
      ...row,
      ...(row.device.seenBy === undefined && other?.device.seenBy !== undefined
        ? { device: { ...row.device, seenBy: other.device.seenBy } }
        : {}),
      ...(row.undecided === undefined && other?.undecided !== undefined ? { undecided: other.undecided } : {}),
      ...(row.read === undefined && other?.read !== undefined ? { read: other.read } : {}),
      ...(row.twin === undefined && other?.twin !== undefined ? { twin: other.twin } : {}),
    };
  });
}
