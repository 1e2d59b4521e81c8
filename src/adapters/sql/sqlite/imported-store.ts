import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { importMark } from '../import/import-mark.ts';

/** Whether the rows of one file were taken into the other; false also where a file cannot tell, and a store proper must. */
export function isImported(from: string, into: string): boolean {
  if (!existsSync(from) || !existsSync(into)) return false;
  try {
    const identity = readOne(from, 'select id as found from store_identity');
    return (
      identity !== null &&
      readOne(into, 'select id as found from journaled where id = ?', importMark(identity)) !== null
    );
  } catch {
    return false;
  }
}

function readOne(file: string, text: string, ...values: readonly string[]): string | null {
  const database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
  try {
    const found = database.prepare(text).get(...values)?.['found'];
    return typeof found === 'string' ? found : null;
  } finally {
    database.close();
  }
}
