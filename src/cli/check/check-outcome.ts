import type { ContractProblem } from '../../core/contract/problem.ts';
import { countsAsPassing } from '../../core/evidence/evidence-table.ts';
import type { LockMoves } from '../../core/evidence/lock/lock-moves.ts';
import { isWaivedFailure } from '../../core/evidence/lock/waiver.ts';
import type { ErrorCategory, PlimsollError } from '../../core/units/errors.ts';
import { combineExitStatus, exitStatusOfError, type ExitStatus } from '../exit-status.ts';
import { exitStatusOfState, type EnvironmentCheck } from '../verdict/evidence-lines.ts';

/** Everything that `plimsoll check` found; printed as it is with `--json`. */
export interface CheckOutcome {
  /** Null when the contract cannot be read. */
  readonly service: string | null;
  /** Relative to where the command ran. */
  readonly contractFile: string;
  readonly lockFile: string;
  readonly problems: readonly ContractProblem[];
  /** `unread` when the contract is wrong or the lock itself is. */
  readonly lock: 'present' | 'missing' | 'unread';
  readonly environments: readonly EnvironmentCheck[];
  /** What the lock says differently than the one of `--against`; null without it. */
  readonly moves: (LockMoves & { readonly against: string }) | null;
  /** What kept the check from looking: files that are not there, a lock that cannot be read, a store out of reach. */
  readonly failures: readonly CheckFailure[];
}

export interface CheckFailure {
  readonly code: string;
  readonly category: ErrorCategory;
  readonly message: string;
  readonly next?: string;
  /** Which file is wrong, and where in it; left out for what stands in neither. */
  readonly place?: { readonly file: 'lock'; readonly line: number };
}

export function failureOf({ code, category, message, next }: PlimsollError): CheckFailure {
  return { code, category, message, ...(next === undefined ? {} : { next }) };
}

export function lockFailureOf(error: PlimsollError): CheckFailure {
  const { line } = error.details;
  return { ...failureOf(error), place: { file: 'lock', line: typeof line === 'number' ? line : 1 } };
}

/** What the contract names and nobody registered is missing here; only what somebody typed wrongly is wrong use. */
export function exitStatusOfFailure({ category }: CheckFailure): ExitStatus {
  return category === 'not-found' ? 3 : exitStatusOfError(category);
}

export function exitStatusOfCheck({ problems, lock, environments, failures }: CheckOutcome): ExitStatus {
  return combineExitStatus([
    ...(problems.length === 0 ? [] : [2 as const]),
    ...failures.map(exitStatusOfFailure),
    ...(lock === 'missing' ? [3 as const] : []),
    ...environments.flatMap(({ mismatches, evidence }) => [
      ...(mismatches.length === 0 ? [] : [1 as const]),
      ...evidence.map(exitStatusOfState),
    ]),
  ]);
}

/** The one command that comes next; what is out of step is pinned before anything is measured anew. */
export function nextOfCheck({ problems, lock, environments, failures }: CheckOutcome): string | null {
  const failure = failures.find(({ next }) => next !== undefined)?.next;
  if (problems.length > 0) return 'mend the contract; plimsoll explain KEY says what a key means';
  if (failure !== undefined) return failure;
  if (lock === 'missing' || environments.some(({ mismatches }) => mismatches.length > 0)) return 'plimsoll pin';
  const open = environments.flatMap(({ evidence }) => evidence.filter((state) => !countsAsPassing(state)));
  return open.find(({ renew }) => renew !== undefined)?.renew ?? null;
}

/** One sentence for the whole check. */
export function conclusionOf(outcome: CheckOutcome): string {
  const { problems, lock, environments, failures } = outcome;
  const rows = environments.flatMap(({ evidence }) => evidence);
  const open = rows.filter((state) => !countsAsPassing(state));
  const failing = open.filter((state) => exitStatusOfState(state) === 1);
  const waived = rows.filter((state) => state.waiver !== undefined && countsAsPassing(state)).length;
  const although = rows.filter(isWaivedFailure).length;
  const said = [
    ...(problems.length === 0 ? [] : [`the contract has ${counted(problems.length, 'problem')}`]),
    ...(failures.length === 0 ? [] : [`${counted(failures.length, 'thing')} could not be looked at`]),
    ...(lock === 'missing' ? ['there is no lock'] : []),
    ...(environments.some(({ mismatches }) => mismatches.length > 0) ? ['the lock is out of step'] : []),
    ...(failing.length === 0 ? [] : [`${counted(failing.length, 'kind')} of evidence failing`]),
    ...(open.length === failing.length
      ? []
      : [`${counted(open.length - failing.length, 'kind')} of evidence not proven`]),
  ];
  const failed = although === 0 ? '' : `, ${although} of them although it fails`;
  const aside = waived === 0 ? '' : ` (${counted(waived, 'kind')} of evidence waived${failed})`;
  return `${said.length === 0 ? 'pass' : said.join(', ')}${aside}`;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
