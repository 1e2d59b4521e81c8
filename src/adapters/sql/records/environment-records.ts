import type { Kysely } from 'kysely';
import {
  readStoredRecord,
  type EnvironmentRecord,
  type StoredEnvironmentRecord,
} from '../../../core/fleet/environment/environment-record.ts';
import { environmentMoved } from '../../../core/records/conflicts.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';

type Reader = Pick<StoreReader, 'environmentRecord' | 'environmentRecords'>;

export function environmentReader(db: Kysely<Tables>): Reader {
  return {
    async environmentRecord(environment) {
      const row = await db
        .selectFrom('environment_records')
        .select('record_json')
        .where('environment', '=', environment)
        .executeTakeFirst();
      return row === undefined ? null : readRow(environment, row.record_json);
    },
    async environmentRecords() {
      const rows = await db.selectFrom('environment_records').select(['environment', 'record_json']).execute();
      const records = rows.map((row) => readRow(row.environment, row.record_json));
      return records.sort((a, b) => (a.environment < b.environment ? -1 : 1));
    },
  };
}

/** A record that something else wrote is there, and nobody can say what it asks for: no release goes by it. */
function readRow(environment: string, json: string): EnvironmentRecord {
  try {
    return readStoredRecord(parsed<StoredEnvironmentRecord>(json));
  } catch {
    return { environment, version: 0, by: '', atMs: 0, unreadable: true };
  }
}

export function environmentWriter(tx: Kysely<Tables>): Pick<StoreWriter, 'setEnvironmentRecord'> {
  return {
    async setEnvironmentRecord(record, expected) {
      const { environment } = record;
      const standing = (await environmentReader(tx).environmentRecord(environment))?.version ?? 0;
      if (expected !== undefined && expected !== standing) throw environmentMoved(environment, expected, standing);
      const next: EnvironmentRecord = { ...record, version: standing + 1 };
      const row = { version: next.version, record_json: JSON.stringify(next) };
      await tx
        .insertInto('environment_records')
        .values({ environment, ...row })
        .onConflict((conflict) => conflict.column('environment').doUpdateSet(row))
        .execute();
      return next;
    },
  };
}
