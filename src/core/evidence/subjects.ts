import { canonicalJson, digestOf, type Digest } from '../units/digest.ts';
import type { EvidenceKind } from './lock/lock.ts';

/**
 * One thing that evidence is *of*.
 *
 * | stale when | meaning |
 * |---|---|
 * | moved | its digest is another than when measured (also: it appeared, or went away) |
 * | gone | it is no longer there; another digest in its place does not matter |
 */
export interface SubjectRule {
  readonly subject: string;
  readonly staleWhen: 'moved' | 'gone';
  /** Evidence without this subject says nothing, so that its absence now is stale even if it was absent then. */
  readonly required: boolean;
  /** Another digest is right as well where golden evidence carries the answers there (core/evidence/carried.ts). */
  readonly carried?: true;
}

export const evidenceSubject = (kind: EvidenceKind): string => `evidence.${kind}`;

const must = (subject: string): SubjectRule => ({ subject, staleWhen: 'moved', required: true });
const may = (subject: string): SubjectRule => ({ subject, staleWhen: 'moved', required: false });
const depends = (kind: EvidenceKind): SubjectRule => may(evidenceSubject(kind));

/**
 * The subjects column of DESIGN.md's evidence table, as data. A section of the contract is the subject
 * `contract.<section>`; other evidence is the subject `evidence.<kind>`, which makes staleness transitive.
 */
export const subjectsOf: Readonly<Record<EvidenceKind, readonly SubjectRule[]>> = {
  hardware: [must('contract.hardware'), must('code'), must('model'), must('device-classes'), may('rule-tables')],
  golden: [must('golden-set'), must('model'), must('runtime'), must('device-classes')],
  evaluation: [
    must('code'),
    must('model'),
    must('dataset'),
    may('evaluation-question'),
    { ...must('runtime'), carried: true },
    { ...must('device-classes'), carried: true },
  ],
  'cold-start': [must('code'), must('model'), must('device-classes'), must('tier')],
  capacity: [must('code'), must('model'), must('device-classes')],
  scaling: [may('arrivals'), may('contract.objective'), may('prices'), depends('cold-start'), depends('capacity')],
  monitoring: [may('reference'), may('golden-set'), may('capture')],
  rollback: [{ subject: 'previous-model', staleWhen: 'gone', required: true }],
  cost: [may('ledger')],
};

const kindOfSubject = (subject: string): EvidenceKind | null =>
  subject.startsWith('evidence.') ? (subject.slice('evidence.'.length) as EvidenceKind) : null;

/** The kinds whose freshness a kind builds on, directly. */
export function dependenciesOf(kind: EvidenceKind): readonly EvidenceKind[] {
  return subjectsOf[kind].flatMap(({ subject }) => kindOfSubject(subject) ?? []);
}

/** Digests by name of the subject; a subject that is not there has no entry. */
export type SubjectDigests = Readonly<Record<string, Digest>>;

/** What evidence of a kind is bound to when it is measured now: the part of all present subjects that it depends on. */
export function bindSubjects(kind: EvidenceKind, present: SubjectDigests): SubjectDigests {
  const bound = subjectsOf[kind].flatMap(({ subject }) => {
    const digest = present[subject];
    return digest === undefined ? [] : [[subject, digest] as const];
  });
  return Object.fromEntries(bound);
}

/** Digest of a set: the order in which its members are named does not matter, nor does naming one twice. */
export function digestOfSet(members: readonly string[]): Digest {
  return digestOf([...new Set(members)].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)));
}
