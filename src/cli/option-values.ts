import { evidenceKinds, type EvidenceKind } from '../core/evidence/kinds/table.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { nearest } from '../core/units/nearest.ts';
import { readDuration } from '../core/units/quantity/quantity-duration.ts';

/** @throws PlimsollError `waiver-invalid` (input) with the nearest kind. */
export function evidenceKindOf(text: string, option: string): EvidenceKind {
  const kind = evidenceKinds.find((candidate) => candidate === text);
  if (kind !== undefined) return kind;
  const meant = nearest(text, evidenceKinds);
  throw new PlimsollError({
    code: 'waiver-invalid',
    category: 'input',
    message: `${option} ${text}: there is no such kind of evidence${meant === null ? '' : `; did you mean ${meant}?`}`,
    next: `one of ${evidenceKinds.join(', ')}`,
  });
}

const dayMs = 86_400_000;

/** Null when the text is neither a date nor a duration. A day ends at its end, UTC. */
export function parseUntil(text: string, nowMs: number): number | null {
  const dated = /^\d{4}-\d{2}-\d{2}(T\S+)?$/.exec(text);
  if (dated === null) {
    const duration = readDuration(text);
    return duration.ok ? nowMs + duration.value : null;
  }
  const parsed = Date.parse(text);
  if (Number.isNaN(parsed)) return null;
  return dated[1] === undefined ? parsed + dayMs - 1 : parsed;
}
