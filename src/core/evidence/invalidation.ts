import { PlimsollError } from '../units/errors.ts';
import { kindsOf, kindTable, type KindTable } from './kinds/table.ts';
import type { Invalidation } from './lock/lock.ts';

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

function invalidatesNothing(event: string): PlimsollError {
  return new PlimsollError({
    code: 'event-invalidates-nothing',
    category: 'bug',
    message: `No kind of evidence says that the event ${event} invalidates it.`,
    next: 'name the event in `invalidatedBy` of one row in core/evidence/kinds',
  });
}
