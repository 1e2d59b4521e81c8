import { problemText } from '../../core/contract/problem.ts';
import { countsAsPassing } from '../../core/evidence/evidence-table.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { coversState, isFailing, isWaivedFailure, waivedWords } from '../../core/evidence/lock/waiver.ts';
import { movesSentence } from '../../core/evidence/lock/lock-moves.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import {
  conclusionOf,
  exitStatusOfCheck,
  exitStatusOfState,
  nextOfCheck,
  type CheckOutcome,
  type EnvironmentCheck,
} from './check-outcome.ts';
import type { ExitStatus } from '../exit-status.ts';
import { painter, type Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';

type Paint = ReturnType<typeof painter>;

/** The check for people: what was looked at, then what it says, then the one command that comes next. */
export function checkText(outcome: CheckOutcome, colour: boolean, nowMs: number): string {
  const paint = painter(colour);
  const next = nextOfCheck(outcome);
  const exit = exitStatusOfCheck(outcome);
  return [
    ...alignedTable(headRows(outcome, paint)),
    ...outcome.problems.flatMap((problem) => ['', problemText(problem)]),
    ...outcome.failures.flatMap(({ message }) => ['', message]),
    ...outcome.environments.flatMap((check) => ['', ...environmentLines(check, paint, nowMs)]),
    ...movedLines(outcome, paint),
    '',
    paint(waivesFailure(outcome) ? 'bad' : toneOf(exit), conclusionOf(outcome)),
    ...(exit === 0 || next === null ? [] : [`next: ${next}`]),
  ].join('\n');
}

function movedLines({ moves }: CheckOutcome, paint: Paint): readonly string[] {
  if (moves === null) return [];
  const rows = [
    ...moves.subjects.map(({ environment, axis, subject, from, to }) => [
      environment,
      axis,
      subject,
      `${from} -> ${to}`,
    ]),
    ...moves.evidence.map(({ environment, kind, change }) => [environment, 'evidence', kind, change]),
  ];
  const said = movesSentence(moves);
  return ['', `against ${paint('strong', moves.against)}: ${said}`, ...alignedTable(rows, '  ')];
}

const waivesFailure = ({ environments }: CheckOutcome): boolean =>
  environments.some(({ evidence }) => evidence.some(isWaivedFailure));

const toneOf = (exit: ExitStatus): Tone => (exit === 0 ? 'good' : exit === 3 ? 'warn' : 'bad');

function headRows(outcome: CheckOutcome, paint: Paint): readonly (readonly string[])[] {
  const { problems, lock, environments, contractFile, lockFile } = outcome;
  const contract = problems.length === 0 ? paint('good', 'valid') : paint('bad', `${problems.length} to mend`);
  const inStep = environments.every(({ mismatches }) => mismatches.length === 0);
  const step = inStep ? paint('good', 'in step') : paint('bad', 'out of step');
  const said = { present: step, missing: paint('warn', 'missing'), unread: paint('quiet', 'not read') }[lock];
  return [
    ['contract', contractFile, contract],
    ['lock', lockFile, said],
  ];
}

export function environmentLines({ environment, mismatches, evidence }: EnvironmentCheck, paint: Paint, nowMs: number) {
  const asked = evidence.filter(({ freshness }) => freshness !== 'not-asked');
  const others = evidence.filter(({ freshness }) => freshness === 'not-asked').map(({ kind }) => kind);
  const rows = asked.map((state) => evidenceRow(state, paint, nowMs));
  const header = ['evidence', 'state', 'verdict', 'measured', 'because'].map((word) => paint('quiet', word));
  return [
    `environment ${paint('strong', environment)}`,
    ...mismatches.map(({ subject, from, to, message }) => `  lock: ${message ?? `${subject} ${from} -> ${to}`}`),
    ...(rows.length === 0 ? ['  no evidence is asked for'] : alignedTable([header, ...rows], '  ')),
    ...asked.flatMap((state) => waiverLine(state, paint)),
    ...asked.flatMap((state) => renewLine(state)),
    ...(others.length === 0 ? [] : [paint('quiet', `  not asked for: ${others.join(', ')}`)]),
  ];
}

function evidenceRow(state: EvidenceState, paint: Paint, nowMs: number): readonly string[] {
  const { kind, freshness, verdict, reasons, measuredAtMs } = state;
  const tone = isWaivedFailure(state) ? 'bad' : isCovered(state) ? 'quiet' : toneOf(exitStatusOfState(state));
  const measured = measuredAtMs === undefined ? 'never' : `${formatElapsed(nowMs - measuredAtMs)} ago`;
  return [kind, paint(tone, freshness), paint(tone, verdict), measured, reasons.join('; ')];
}

const isCovered = (state: EvidenceState): boolean => state.waiver !== undefined && coversState(state.waiver, state);

function waiverLine(state: EvidenceState, paint: Paint): readonly string[] {
  const { kind, waiver } = state;
  if (waiver === undefined) return [];
  const until = new Date(waiver.untilMs).toISOString().slice(0, 16).replace('T', ' ');
  const said = `  ${waivedWords(waiver, state)}: ${kind} until ${until} UTC by ${waiver.by}: ${waiver.reason}`;
  return [paint(isFailing(state) ? 'bad' : 'warn', said)];
}

function renewLine(state: EvidenceState): readonly string[] {
  return countsAsPassing(state) || state.renew === undefined ? [] : [`  renew ${state.kind}: ${state.renew}`];
}
