import { countsAsPassing } from '../../core/evidence/evidence-table.ts';
import type { LockMismatch } from '../../core/evidence/lock/lock-step.ts';
import type { EvidenceState } from '../../core/evidence/lock/lock.ts';
import { coversState, isFailing, isWaivedFailure, waivedWords } from '../../core/evidence/lock/waiver.ts';
import { formatElapsed } from '../../core/units/quantity/quantity-duration.ts';
import { exitStatusOfVerdict, type ExitStatus } from '../exit-status.ts';
import type { painter, Tone } from '../terminal/paint.ts';
import { alignedTable } from '../terminal/table.ts';

type Paint = ReturnType<typeof painter>;

export interface EnvironmentCheck {
  readonly environment: string;
  readonly mismatches: readonly LockMismatch[];
  readonly evidence: readonly EvidenceState[];
}

export function exitStatusOfState(state: EvidenceState): ExitStatus {
  if (countsAsPassing(state)) return 0;
  return state.freshness === 'fresh' ? exitStatusOfVerdict(state.verdict) : 3;
}

export const toneOf = (exit: ExitStatus): Tone => (exit === 0 ? 'good' : exit === 3 ? 'warn' : 'bad');

interface ShownEvidence extends EnvironmentCheck {
  /** The release that the evidence is of; left out for that of a checkout. */
  readonly release?: number;
}

/** The evidence table of one environment, for people. */
export function environmentLines(
  { environment, mismatches, evidence, release }: ShownEvidence,
  paint: Paint,
  nowMs: number,
): readonly string[] {
  const asked = evidence.filter(({ freshness }) => freshness !== 'not-asked');
  const others = evidence.filter(({ freshness }) => freshness === 'not-asked').map(({ kind }) => kind);
  const rows = asked.map((state) => evidenceRow(state, paint, nowMs));
  const header = ['evidence', 'state', 'verdict', 'measured', 'because'].map((word) => paint('quiet', word));
  return [
    `environment ${paint('strong', environment)}${release === undefined ? '' : `, evidence of release ${release}`}`,
    ...mismatches.map(({ subject, from, to, message }) => `  lock: ${message ?? `${subject} ${from} -> ${to}`}`),
    ...(rows.length === 0 ? ['  no evidence is asked for'] : alignedTable([header, ...rows], '  ')),
    ...asked.flatMap((state) => waiverLine(state, paint)),
    ...asked.flatMap((state) => renewLine(state)),
    ...subjectNotes(asked).map((note) => paint('quiet', `  ${note}`)),
    ...senderNotes(asked).map((note) => paint('quiet', `  ${note}`)),
    ...(others.length === 0 ? [] : [paint('quiet', `  not asked for: ${others.join(', ')}`)]),
  ];
}

/** Which subjects somebody else knows: they are as the lock says, and count for no exit status. */
export function subjectNotes(evidence: readonly EvidenceState[]): readonly string[] {
  const later = new Set(evidence.flatMap(({ judgedOnRelease = [] }) => judgedOnRelease));
  const claimed = new Set(
    evidence.flatMap(({ subjects = [] }) =>
      subjects.filter(({ knownBy }) => knownBy === 'claimed').map(({ subject }) => subject),
    ),
  );
  return [
    ...(later.size === 0 ? [] : [`judged on release: ${[...later].join(', ')}`]),
    ...(claimed.size === 0 ? [] : [`claimed by the lock: ${[...claimed].join(', ')}`]),
  ];
}

/** One line for each sender: `sent by ada: golden, hardware`. */
function senderNotes(evidence: readonly EvidenceState[]): readonly string[] {
  const bySender = Map.groupBy(
    evidence.filter(({ sentBy }) => sentBy !== undefined),
    ({ sentBy }) => sentBy,
  );
  return [...bySender].map(([sender, states]) => `sent by ${sender}: ${states.map(({ kind }) => kind).join(', ')}`);
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
