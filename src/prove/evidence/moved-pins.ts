import type { LoadedContract } from '../../core/contract/contract.ts';
import type { EvidenceKind, LockedEnvironment } from '../../core/evidence/lock/lock.ts';
import { presentSubjects } from '../../core/evidence/present-subjects.ts';
import { bindSubjects, type SubjectDigests } from '../../core/evidence/subjects.ts';
import type { Digest } from '../../core/units/digest.ts';

/** A subject that the lock pins otherwise than when the measuring began; undefined where it pins none. */
export interface MovedPin {
  readonly subject: string;
  readonly from: Digest | undefined;
  readonly to: Digest | undefined;
}

/**
 * The subjects of a kind that two states of the lock pin differently. Evidence that another kind builds on is such a
 * subject too: scaling evidence is of one capacity, and not of the one that was recorded meanwhile.
 * @param kind what was measured; subjects of other kinds may move.
 */
export function movedPins(
  kind: EvidenceKind,
  loaded: LoadedContract,
  before: LockedEnvironment,
  now: LockedEnvironment,
): readonly MovedPin[] {
  const [then, present] = [before, now].map((locked) => bindSubjects(kind, pinnedSubjects(loaded, locked)));
  const subjects = new Set([...Object.keys(then ?? {}), ...Object.keys(present ?? {})]);
  return [...subjects]
    .map((subject) => ({ subject, from: then?.[subject], to: present?.[subject] }))
    .filter(({ from, to }) => from !== to);
}

/** The subjects as the lock alone says them: nothing beside it is read. */
const pinnedSubjects = (loaded: LoadedContract, locked: LockedEnvironment): SubjectDigests =>
  presentSubjects({ loaded, locked, codeDigest: null, pricesDigest: null, deviceClasses: null, ruleTables: null });
