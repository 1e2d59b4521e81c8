import { adapterSteps } from '../../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { digestOf } from '../../../core/units/digest.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { StoredRow } from '../../../ports/records/backup.ts';
import { tableKeys, type RecordTable } from '../backup/table-keys.ts';
import { comparedColumns } from './import-rules.ts';

export interface Clash {
  readonly table: RecordTable;
  /** Of the other store, and of this one. */
  readonly theirs: StoredRow;
  readonly ours: StoredRow;
  /** Where each store is. */
  readonly from: string;
  readonly here: string;
}

export function importConflict({ table, theirs, ours, from, here }: Clash): PlimsollError {
  const key = tableKeys[table].map((column) => String(theirs[column])).join('/');
  const [there, stands] = [shownRow(table, theirs), shownRow(table, ours)];
  return new PlimsollError({
    code: 'import-conflict',
    category: 'conflict',
    message: `${table} ${key} is ${there} in ${from}, and ${stands} in ${here}; nothing was imported`,
    next: nextStep(adapterSteps, 'import-conflict'),
    details: { table, key, from, here, theirs: there, ours: stands },
  });
}

/** What tells two rows apart; long texts by their digest. */
function shownRow(table: RecordTable, row: StoredRow): string {
  const columns = comparedColumns[table] ?? Object.keys(row).filter((column) => !isKey(table, column));
  return columns.map((column) => `${column} ${shownValue(column, row[column])}`).join(', ');
}

function isKey(table: RecordTable, column: string): boolean {
  return (tableKeys[table] as readonly string[]).includes(column);
}

function shownValue(column: string, value: StoredRow[string] | undefined): string {
  return column.endsWith('_json') ? digestOf(value ?? null) : String(value);
}
