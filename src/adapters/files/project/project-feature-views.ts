import path from 'node:path';
import type { Contract } from '../../../core/contract/contract.ts';
import { feastSources, isElsewhere } from '../../../core/contract/feature-programs.ts';
import type { FeatureViews } from '../../../core/evidence/features/feature-view.ts';
import type * as FeastSources from '../../../formats/feast/read-feast-sources.ts';
import { openRegular } from '../regular-file.ts';
import { storageError, systemCode } from '../storage-errors.ts';

/**
 * As `Project.featureViews`. The reader is loaded only for a contract that names some.
 */
export async function featureViewsOf(
  folder: string,
  contract: Contract,
  readElsewhere?: (uri: string) => Promise<Uint8Array>,
): Promise<FeatureViews | null> {
  const sources = feastSources(contract);
  if (sources.length === 0 || (sources.some(isElsewhere) && readElsewhere === undefined)) return null;
  const feast = await import('../../../formats/feast/read-feast-sources.ts');
  return feast.readFeastSources(sources, (registry) =>
    isElsewhere({ registry }) && readElsewhere !== undefined
      ? readElsewhere(registry)
      : readRegistryFile(folder, registry, feast),
  );
}

/** @throws PlimsollError `feast-registry-missing` (unavailable), and as other files. */
async function readRegistryFile(
  folder: string,
  registry: string,
  { feastBytesAtMost, feastRegistryMissing }: typeof FeastSources,
): Promise<Uint8Array> {
  const location = path.resolve(folder, registry);
  const handle = await openRegular(location, registry).catch(async (thrown: unknown) => {
    const isMissing = ['ENOENT', 'ENOTDIR'].includes(systemCode(thrown) ?? '');
    throw isMissing ? feastRegistryMissing(registry) : await storageError(thrown, 'reading', location);
  });
  try {
    const bytes = Math.min((await handle.stat()).size, feastBytesAtMost + 1);
    const buffer = new Uint8Array(bytes);
    let filled = 0;
    for (let read = 1; read > 0 && filled < bytes; filled += read) {
      read = (await handle.read(buffer, filled, bytes - filled)).bytesRead;
    }
    return buffer.subarray(0, filled);
  } finally {
    await handle.close();
  }
}
