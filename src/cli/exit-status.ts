import type { ErrorCategory } from '../core/units/errors.ts';
import type { Verdict } from '../core/units/verdict.ts';

/** 0 pass; 1 failing or out of step; 2 wrong input or use; 3 missing, stale, inconclusive, unknown, out of reach; 70 a bug. */
export type ExitStatus = 0 | 1 | 2 | 3 | 70;

const ofCategory: Readonly<Record<ErrorCategory, ExitStatus>> = {
  input: 2,
  'not-found': 2,
  unauthorized: 2,
  conflict: 1,
  refused: 1,
  corrupt: 1,
  overloaded: 3,
  unavailable: 3,
  bug: 70,
};
export function exitStatusOfError(category: ErrorCategory): ExitStatus {
  return ofCategory[category];
}

const ofVerdict: Readonly<Record<Verdict, ExitStatus>> = { pass: 0, fail: 1, inconclusive: 3, unknown: 3 };
export function exitStatusOfVerdict(verdict: Verdict): ExitStatus {
  return ofVerdict[verdict];
}

const rank: readonly ExitStatus[] = [0, 3, 1, 2, 70];
/** Several at once: 70 > 2 > 1 > 3 > 0. None at all is 0. */
export function combineExitStatus(statuses: readonly ExitStatus[]): ExitStatus {
  return statuses.reduce<ExitStatus>((sum, next) => (rank.indexOf(next) > rank.indexOf(sum) ? next : sum), 0);
}
