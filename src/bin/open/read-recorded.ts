import type { EvidenceRecords } from '../../core/proof/judge-environment.ts';
import type { StorePlace } from './place/store-place.ts';

/**
 * What is recorded about evidence, read without all that a store can do; null when only the store proper can tell (it
 * migrates, waits, or says what is wrong).
 */
export async function readRecorded(
  place: StorePlace,
  service: string,
  environment: string,
): Promise<EvidenceRecords | null> {
  if (place.kind === 'sqlite') {
    const { readRecords } = await import('../../adapters/sql/sqlite/read-records.ts');
    return readRecords(place.file, service, environment);
  }
  const { readRecords } = await import('../../adapters/sql/postgres/read-records.ts');
  return readRecords(place.url, service, environment);
}
