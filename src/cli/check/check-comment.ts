import { readHardware } from '../../core/evidence/kinds/hardware/hardware-evidence.ts';
import type { LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { countsAsPassing } from '../../core/evidence/evidence-table.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { isWaivedFailure, waivedWords } from '../../core/evidence/lock/waiver.ts';
import { mismatchText } from '../../core/evidence/lock/lock-step.ts';
import { movesSentence } from '../../core/evidence/lock/lock-moves.ts';
import type { Contract } from '../../core/contract/contract.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { conclusionOf, exitStatusOfCheck, nextOfCheck, type CheckOutcome } from './check-outcome.ts';
import { exitStatusOfState, subjectNotes } from '../verdict/evidence-lines.ts';
import { gateTable } from './check-comment-gates.ts';
import { markdownCell, markdownTable } from '../report/markdown.ts';

export interface CommentFacts {
  readonly outcome: CheckOutcome;
  readonly contract: Contract | null;
  /** By environment; empty where there is no lock. */
  readonly locked: Readonly<Record<string, LockedEnvironment>>;
  readonly nowMs: number;
}

/**
 * One comment of a pull request: what moves on which axis, which evidence is fresh, the gate's table, the hardware
 * verdicts. Its first line names the service, so that the next run can find it and write it anew.
 */
export function checkComment(facts: CommentFacts): string {
  const { outcome } = facts;
  const next = nextOfCheck(outcome);
  const exit = exitStatusOfCheck(outcome);
  return [
    `<!-- plimsoll check: ${outcome.service?.replaceAll('--', '') ?? 'unread'} -->`,
    `### plimsoll check: ${markdownCell(outcome.service ?? outcome.contractFile)} — ${exit === 0 ? 'pass' : exit === 3 ? 'not proven' : 'fail'}`,
    '',
    markdownCell(conclusionOf(outcome)),
    ...(exit === 0 || next === null ? [] : ['', `Next: \`${markdownCell(next)}\``]),
    ...problemLines(outcome),
    ...movedLines(outcome),
    ...outcome.environments.flatMap(({ environment, mismatches, evidence }) => [
      '',
      `#### Evidence in ${markdownCell(environment)}`,
      '',
      ...mismatches.map((one) => `- **lock out of step**: ${markdownCell(mismatchText(one))}`),
      ...(mismatches.length === 0 ? [] : ['']),
      ...evidenceLines(evidence, facts.nowMs),
      ...gateLines(facts, environment),
      ...hardwareLines(facts, environment),
    ]),
  ].join('\n');
}

function problemLines({ problems, failures, contractFile }: CheckOutcome): readonly string[] {
  const said = [
    ...problems.map(
      ({ file, line, message }) => `- **contract**: ${markdownCell(message)} (${markdownCell(file)}:${line})`,
    ),
    ...failures.map(({ message }) => `- **not looked at**: ${markdownCell(message)} (${markdownCell(contractFile)})`),
  ];
  return said.length === 0 ? [] : ['', ...said];
}

function movedLines({ moves }: CheckOutcome): readonly string[] {
  if (moves === null) return [];
  const rows = [
    ...moves.subjects.map(({ environment, axis, subject, from, to }) => [environment, axis, subject, from, to]),
    ...moves.evidence.map(({ environment, kind, change }) => [environment, 'evidence', kind, '', change]),
  ];
  const sentence = movesSentence(moves);
  return [
    '',
    `#### What moves against ${markdownCell(moves.against)}`,
    '',
    `${sentence.slice(0, 1).toUpperCase()}${sentence.slice(1)}.`,
    ...(rows.length === 0 ? [] : ['', ...markdownTable(['environment', 'axis', 'what', 'from', 'to'], rows)]),
  ];
}

const stateWords = { 0: 'pass', 1: '**fail**', 2: '**fail**', 3: '**not proven**', 70: '**not proven**' } as const;

function evidenceLines(evidence: readonly EvidenceState[], nowMs: number): readonly string[] {
  const asked = evidence.filter(({ freshness }) => freshness !== 'not-asked');
  if (asked.length === 0) return ['No evidence is asked for.'];
  const rows = asked.map((state) => {
    const { kind, freshness, verdict, reasons, measuredAtMs, waiver, renew } = state;
    const holds = freshness === 'fresh' && verdict === 'pass';
    const word = isWaivedFailure(state)
      ? '**waived although it fails**'
      : !holds && countsAsPassing(state)
        ? 'waived'
        : stateWords[exitStatusOfState(state)];
    const because = [
      ...reasons,
      ...(holds || waiver === undefined ? [] : [`${waivedWords(waiver, state)} by ${waiver.by}: ${waiver.reason}`]),
    ];
    const age = measuredAtMs === undefined ? 'never' : `${formatElapsed(nowMs - measuredAtMs)} ago`;
    return [kind, word, freshness, age, because.join('; '), countsAsPassing(state) || renew === undefined ? '' : renew];
  });
  const notes = subjectNotes(asked).flatMap((note) => [
    '',
    markdownCell(`${note.slice(0, 1).toUpperCase()}${note.slice(1)}.`),
  ]);
  return [...markdownTable(['evidence', 'verdict', 'state', 'measured', 'because', 'renew with'], rows), ...notes];
}

function gateLines({ contract, locked }: CommentFacts, environment: string): readonly string[] {
  const measured = locked[environment]?.evidence.evaluation;
  if (contract?.evaluation === undefined || measured === undefined) return [];
  return ['', `##### Gates in ${markdownCell(environment)}`, '', ...gateTable(measured.measurements, contract)];
}

function hardwareLines({ contract, locked }: CommentFacts, environment: string): readonly string[] {
  const measured = readHardware(locked[environment]?.evidence.hardware?.measurements ?? {});
  if (contract?.hardware === undefined || measured === null) return [];
  const rows = Object.values(measured.classes).map(({ description, compatibility, nodes, because }) => [
    description,
    compatibility,
    nodes === 0 ? 'declared' : String(nodes),
    because,
  ]);
  return [
    '',
    `##### Hardware in ${markdownCell(environment)}: pool ${markdownCell(measured.pool)}`,
    '',
    ...markdownTable(['device class', 'compatibility', 'nodes', 'because'], rows),
    ...measured.objections.map(({ reason }) => `\n- ${markdownCell(reason)}`),
  ];
}
