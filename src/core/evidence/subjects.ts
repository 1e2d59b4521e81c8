import { canonicalJson, digestOf, type Digest } from '../units/digest.ts';
import { kindTable, type EvidenceKind, type KindTable } from './kinds/table.ts';

export const evidenceSubject = (kind: EvidenceKind): string => `evidence.${kind}`;

const kindOfSubject = (subject: string): EvidenceKind | null =>
  subject.startsWith('evidence.') ? (subject.slice('evidence.'.length) as EvidenceKind) : null;

/** The kinds whose freshness a kind builds on, directly. */
export function dependenciesOf(kind: EvidenceKind, table: KindTable = kindTable): readonly EvidenceKind[] {
  return table[kind].subjects.flatMap(({ subject }) => kindOfSubject(subject) ?? []);
}

/** Digests by name of the subject; a subject that is not there has no entry. */
export type SubjectDigests = Readonly<Record<string, Digest>>;

/** What evidence of a kind is bound to when it is measured now: the part of all present subjects that it depends on. */
export function bindSubjects(
  kind: EvidenceKind,
  present: SubjectDigests,
  table: KindTable = kindTable,
): SubjectDigests {
  const bound = table[kind].subjects.flatMap(({ subject }) => {
    const digest = present[subject];
    return digest === undefined ? [] : [[subject, digest] as const];
  });
  return Object.fromEntries(bound);
}

/** Digest of a set: the order in which its members are named does not matter, nor does naming one twice. */
export function digestOfSet(members: readonly string[]): Digest {
  return digestOf([...new Set(members)].sort((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1)));
}
