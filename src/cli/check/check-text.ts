import { problemText } from '../../core/contract/problem.ts';
import { isWaivedFailure } from '../../core/evidence/lock/waiver.ts';
import { movesSentence } from '../../core/evidence/lock/lock-moves.ts';
import { conclusionOf, exitStatusOfCheck, nextOfCheck, type CheckOutcome } from './check-outcome.ts';
import { painter } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';
import { environmentLines, toneOf } from '../verdict/evidence-lines.ts';

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
