import { kindTable, type EvidenceKind, type KindTable } from '../../core/evidence/kinds/table.ts';
import type { Evidence } from '../../core/evidence/lock/lock.ts';
import { bindSubjects, type SubjectDigests } from '../../core/evidence/subjects.ts';
import { powerRow } from './power-row.ts';

/** The table of this version and one more row. */
export const tableWithPower: KindTable & Readonly<Record<'power', typeof powerRow>> = { ...kindTable, power: powerRow };

/** Evidence of that row, by its kind, as a lock holds it. */
export function buildPowerEvidence(
  present: SubjectDigests,
  watts: number,
  measuredAtMs = 1_000_000,
): Readonly<Partial<Record<EvidenceKind, Evidence>>> {
  const kind = 'power' as EvidenceKind;
  const subjects = bindSubjects(kind, present, tableWithPower);
  const by = { by: 'tests', plimsollVersion: '0.0.0' };
  return { [kind]: { kind, subjects, measurements: { watts }, measuredAtMs, ...by } };
}
