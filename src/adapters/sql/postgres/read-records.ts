import { PlimsollError } from '../../../core/units/errors.ts';
import { parsed } from '../parsed.ts';
import { schemaVersion } from '../schema-version.ts';
import type { RecordsOfEvidence } from '../sqlite/read-records.ts';
import { parseDatabaseUrl } from './database-url.ts';
import { defaultBounds } from './postgres-bounds.ts';
import { PostgresConnection } from './postgres-connection.ts';

/**
 * What is recorded about evidence, by one connection and three reads: `plimsoll check` must neither write nor migrate.
 * A database without a store has none. Null when its schema is of another version: the store proper then says so.
 * @throws PlimsollError as `openPostgresStore` when the database cannot be asked: what is not known is not "nothing".
 */
export async function readRecords(
  url: string,
  service: string,
  environment: string,
): Promise<RecordsOfEvidence | null> {
  const connection = new PostgresConnection(parseDatabaseUrl(url), defaultBounds);
  const rows = async (text: string, values: readonly unknown[] = []): Promise<readonly Record<string, unknown>[]> =>
    (await connection.run(text, values, 'query')).rows as readonly Record<string, unknown>[];
  const jsonOf = async <T>(table: 'waivers' | 'invalidations', column: string): Promise<readonly T[]> => {
    const text = `select ${column}_json as json from ${table} where service = $1 and environment = $2 order by ${column}`;
    return (await rows(text, [service, environment])).map((row) => parsed<T>(String(row['json'])));
  };
  try {
    const version = (await rows('select max(version) as version from schema_migrations'))[0]?.['version'];
    if (version !== schemaVersion) return null;
    return { waivers: await jsonOf('waivers', 'waiver'), invalidations: await jsonOf('invalidations', 'invalidation') };
  } catch (thrown) {
    if (thrown instanceof PlimsollError && thrown.code === 'store-gone') return { waivers: [], invalidations: [] };
    throw thrown;
  } finally {
    await connection.close();
  }
}
