import type { EvidenceState, SubjectState } from '../../../src/core/evidence/lock/lock.ts';
import { counted } from '../parts/format.ts';

/** Whether something else is there than was measured; what is not known did not move. */
export const isMoved = ({ measured, present, unknown }: SubjectState): boolean =>
  unknown === undefined && measured !== present;

/** `5 subjects`, `2 moved`, `1 not known`; null where the evidence does not say of what it is. */
export function subjectsWords({ subjects = [] }: Pick<EvidenceState, 'subjects'>): string | null {
  const moved = subjects.filter(isMoved).length;
  const unknown = subjects.filter((subject) => subject.unknown !== undefined).length;
  if (subjects.length === 0) return null;
  if (moved > 0) return `${moved} moved`;
  return unknown > 0 ? `${unknown} not known` : counted(subjects.length, 'subject');
}
