import path from 'node:path';
import type { Blobs } from '../ports/blobs.ts';
import type { Store } from '../ports/store.ts';
import { systemClock } from '../adapters/system/clock.ts';
import { systemRandom } from '../adapters/system/random.ts';
import { storeFile } from './open-project.ts';

/** The store of a state folder; made when it is missing. */
export async function openStore(stateFolder: string): Promise<Store> {
  const { openSqliteStore } = await import('../adapters/sql/sqlite/sqlite-store.ts');
  return openSqliteStore({ file: storeFile(stateFolder), clock: systemClock });
}

/** The blobs of a state folder; made when something is put there. */
export async function openBlobs(stateFolder: string): Promise<Blobs> {
  const [{ makeFileBlobs }, { makeProcessIdentity }] = await Promise.all([
    import('../adapters/files/blobs.ts'),
    import('../adapters/processes/process-identity.ts'),
  ]);
  return makeFileBlobs({
    folder: path.join(stateFolder, 'blobs'),
    identity: makeProcessIdentity(),
    clock: systemClock,
    random: systemRandom,
  });
}
