import { proveSteps } from '../../core/units/next-steps/prove-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { mismatchText } from '../../core/evidence/lock/lock-step.ts';
import { isWaivedFailure, waivedWords } from '../../core/evidence/lock/waiver.ts';
import { conclusionOf, exitStatusOfFailure, type CheckOutcome } from './check-outcome.ts';
import { exitStatusOfState, type EnvironmentCheck } from '../verdict/evidence-lines.ts';
import type { Finding, Report } from '../report/report.ts';

/** The check for other programs: one finding per thing that was looked at. */
export function checkReport(outcome: CheckOutcome, toolVersion: string): Report {
  const { contractFile, lockFile, problems, lock, environments, failures } = outcome;
  const onContract = { file: contractFile, line: 1, column: 1 };
  const onLock = { file: lockFile, line: 1, column: 1 };
  const findings: Finding[] = problems.map(({ code, file, line, column, message, expected, nearest }) => ({
    rule: code,
    name: 'contract',
    level: 'error',
    message: [
      message,
      ...(expected === undefined ? [] : [`expected ${expected}`]),
      ...(nearest === undefined ? [] : [`did you mean \`${nearest}\`?`]),
    ].join('; '),
    file,
    line,
    column,
  }));
  for (const failure of failures) {
    const { code, message, next, place } = failure;
    findings.push({
      rule: code,
      name: place === undefined ? 'check' : 'lock',
      level: exitStatusOfFailure(failure) === 3 ? 'warning' : 'error',
      message,
      ...(next === undefined ? {} : { next }),
      ...(place === undefined ? onContract : { ...onLock, line: place.line }),
    });
  }
  if (problems.length === 0)
    findings.push({ rule: 'contract', name: 'contract', level: 'pass', message: 'valid', ...onContract });
  if (lock === 'missing') {
    findings.push({
      rule: 'lock-missing',
      name: 'lock',
      level: 'warning',
      message: 'there is no lock',
      next: nextStep(proveSteps, 'lock-missing/pin'),
      ...onLock,
    });
  }
  findings.push(...environments.flatMap((check) => ofEnvironment(check, onLock, lock === 'present')));
  return { title: 'check', toolVersion, conclusion: conclusionOf(outcome), findings };
}

type Place = Pick<Finding, 'file' | 'line' | 'column'>;

function ofEnvironment(
  { environment, mismatches, evidence }: EnvironmentCheck,
  place: Place,
  locked: boolean,
): readonly Finding[] {
  const name = `lock in ${environment}`;
  const outOfStep = mismatches.map((one): Finding => ({
    rule: 'lock-out-of-step',
    name,
    level: 'error',
    message: mismatchText(one),
    next: nextStep(proveSteps, 'lock-out-of-step'),
    ...place,
  }));
  const inStep: Finding[] =
    locked && mismatches.length === 0 ? [{ rule: 'lock', name, level: 'pass', message: 'in step', ...place }] : [];
  const asked = evidence.filter(({ freshness }) => freshness !== 'not-asked');
  return [...outOfStep, ...inStep, ...asked.map((state) => ofState(state, environment, place))];
}

function ofState(state: EvidenceState, environment: string, place: Place): Finding {
  const { kind, freshness, verdict, reasons, renew, waiver } = state;
  const exit = exitStatusOfState(state);
  const holds = freshness === 'fresh' && verdict === 'pass';
  const failure = isWaivedFailure(state);
  const level = holds ? 'pass' : failure ? 'error' : exit === 0 ? 'note' : exit === 1 ? 'error' : 'warning';
  const said = `${freshness === 'fresh' ? verdict : freshness}: ${reasons.join('; ')}`;
  const by = waiver === undefined || holds ? null : `${waivedWords(waiver, state)} by ${waiver.by}: ${waiver.reason}`;
  const message = by === null ? said : `${said}; ${by}`;
  const waived = failure && by !== null ? { waived: by } : {};
  const next = exit === 0 || renew === undefined ? {} : { next: renew };
  const name = `${kind} evidence in ${environment}`;
  return { rule: `evidence-${kind}`, name, level, message, ...waived, ...next, ...place };
}
