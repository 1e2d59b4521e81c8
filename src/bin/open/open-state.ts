import path from 'node:path';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Uploads } from '../../ports/artifacts/uploads.ts';
import type { Store } from '../../ports/records/store.ts';
import { makeStateFolder } from '../../adapters/files/state-folder.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { storePlace, type StorePlace } from './store-place.ts';

/** The store of a state folder, or the one that DATABASE_URL names; made when it is missing. */
export async function openStore(stateFolder: string, place: StorePlace = storePlace(stateFolder)): Promise<Store> {
  await makeStateFolder(stateFolder);
  if (place.kind === 'postgresql') {
    const { openPostgresStore } = await import('../../adapters/sql/postgres/postgres-store.ts');
    return openPostgresStore({ url: place.url });
  }
  const { openSqliteStore } = await import('../../adapters/sql/sqlite/sqlite-store.ts');
  return openSqliteStore({ file: place.file, clock: systemClock });
}

/** The blobs of a state folder; made when something is put there. */
export async function openBlobs(stateFolder: string): Promise<Blobs> {
  await makeStateFolder(stateFolder);
  const [{ makeFileBlobs }, { makeProcessIdentity }] = await Promise.all([
    import('../../adapters/files/blobs.ts'),
    import('../../adapters/processes/process-table/process-identity.ts'),
  ]);
  return makeFileBlobs({
    folder: path.join(stateFolder, 'blobs'),
    identity: makeProcessIdentity(),
    clock: systemClock,
    random: systemRandom,
  });
}

/** Uploads that are not whole yet, beside the blobs that they become. */
export async function openUploads(stateFolder: string, blobs: Blobs): Promise<Uploads> {
  const { makeFileUploads } = await import('../../adapters/files/uploads.ts');
  return makeFileUploads({ folder: path.join(stateFolder, 'uploads'), blobs });
}
