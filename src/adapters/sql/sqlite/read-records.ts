import { DatabaseSync } from 'node:sqlite';
import type { Invalidation, Waiver } from '../../../core/evidence/lock/lock.ts';
import { parsed } from '../parsed.ts';
import { schemaVersion } from '../schema-version.ts';

export interface RecordsOfEvidence {
  readonly waivers: readonly Waiver[];
  readonly invalidations: readonly Invalidation[];
}

/**
 * What is recorded about evidence, read straight from the file: `plimsoll check` runs on every commit, needs these two
 * tables, and must neither write nor load all that a store can do. Null when the file cannot be read this way (locked,
 * damaged, of another schema version): the store proper then migrates it, waits for it or says what is wrong.
 */
export function readRecords(file: string, service: string, environment: string): RecordsOfEvidence | null {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { readOnly: true, timeout: 0 });
    const version = database.prepare('select max(version) as version from schema_migrations').get()?.['version'];
    if (version !== schemaVersion) return null;
    return {
      waivers: rowsOf(database, 'waivers', 'waiver', service, environment),
      invalidations: rowsOf(database, 'invalidations', 'invalidation', service, environment),
    };
  } catch {
    return null;
  } finally {
    database?.close();
  }
}

function rowsOf<T>(
  database: DatabaseSync,
  table: 'waivers' | 'invalidations',
  column: 'waiver' | 'invalidation',
  service: string,
  environment: string,
): readonly T[] {
  const text = `select ${column}_json as json from ${table} where service = ? and environment = ? order by ${column}`;
  return database
    .prepare(text)
    .all(service, environment)
    .map((row) => parsed<T>(String(row['json'])));
}
