import { PlimsollError } from '../units/errors.ts';
import { kindsOf, kindTable, type KindTable } from './kinds/table.ts';
import type { Evidence, Invalidation } from './lock/lock.ts';
import { digestOfMeasured } from './sighting.ts';

/**
 * The invalidation that an event means: the table says which kind of evidence no longer holds.
 * @throws PlimsollError `event-invalidates-nothing` (bug) when no row names this kind of event.
 */
export function invalidationBy(
  event: string,
  found: Omit<Invalidation, 'kind' | 'inFiles'>,
  table: KindTable = kindTable,
): Invalidation {
  const kind = kindsOf(table).find((one) => table[one].invalidatedBy.includes(event));
  if (kind === undefined) throw invalidatesNothing(event);
  return { kind, ...found };
}

/**
 * Returns the newest invalidation that evidence does not hold by; undefined for none.
 *
 * | the invalidation | is of this evidence |
 * |---|---|
 * | names this evidence | always, whatever clocks say |
 * | names another piece, or none | where it is dated at or after `heldSinceMs` |
 *
 * The second row: evidence that was there before another piece was invalidated knows no more than that one did.
 * @param heldSinceMs from when on the evidence was there, in ms since 1970.
 */
export function findInvalidation(
  evidence: Evidence,
  invalidations: readonly Invalidation[],
  heldSinceMs: number,
): Invalidation | undefined {
  const ofKind = invalidations.filter(({ kind }) => kind === evidence.kind);
  const named = ofKind.some((one) => one.evidence !== undefined) ? digestOfMeasured(evidence) : null;
  return ofKind
    .filter((one) => (named !== null && one.evidence === named) || one.atMs >= heldSinceMs)
    .toSorted((a, b) => b.atMs - a.atMs)[0];
}

function invalidatesNothing(event: string): PlimsollError {
  return new PlimsollError({
    code: 'event-invalidates-nothing',
    category: 'bug',
    message: `No kind of evidence says that the event ${event} invalidates it.`,
    next: 'name the event in `invalidatedBy` of one row in core/evidence/kinds',
  });
}
