import path from 'node:path';
import type { Blobs } from '../../ports/artifacts/blobs.ts';
import type { Uploads } from '../../ports/artifacts/uploads.ts';
import type { SqlStore } from '../../adapters/sql/store.ts';
import { makeStateFolder } from '../../adapters/files/state-folder.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { readBlobsSettings, type BlobsEnv } from './artifacts/blobs-settings.ts';
import { storePlace, type StorePlace } from './place/store-place.ts';

/** The store of a state folder, or the one that DATABASE_URL names; made when it is missing. */
export async function openStore(stateFolder: string, place: StorePlace = storePlace(stateFolder)): Promise<SqlStore> {
  await makeStateFolder(stateFolder);
  if (place.kind === 'postgresql') {
    const { openPostgresStore } = await import('../../adapters/sql/postgres/postgres-store.ts');
    return openPostgresStore({ url: place.url });
  }
  const { openSqliteStore } = await import('../../adapters/sql/sqlite/sqlite-store.ts');
  return openSqliteStore({ file: place.file, clock: systemClock });
}

/**
 * The blobs of a state folder, or those below the address that PLIMSOLL_BLOBS names; made when something is put there.
 * @throws PlimsollError `blobs-setting-invalid` (input).
 */
export async function openBlobs(stateFolder: string, env: BlobsEnv = process.env): Promise<Blobs> {
  const { place, quotaBytes, cacheBytesAtMost } = readBlobsSettings(env);
  await makeStateFolder(stateFolder);
  const [{ makeFileBlobs }, { makeProcessIdentity }] = await Promise.all([
    import('../../adapters/files/blobs.ts'),
    import('../../adapters/processes/process-table/process-identity.ts'),
  ]);
  const inFolder = (name: string): Blobs =>
    makeFileBlobs({
      folder: path.join(stateFolder, name),
      identity: makeProcessIdentity(),
      clock: systemClock,
      random: systemRandom,
    });
  const blobs =
    place === null
      ? inFolder('blobs')
      : (await import('../../adapters/s3/s3-blobs.ts')).makeS3Blobs({
          uri: place,
          env,
          clock: systemClock,
          cache: inFolder('blobs-cache'),
          cacheBytesAtMost,
        });
  if (quotaBytes === null) return blobs;
  const { limitBlobs } = await import('../../adapters/files/limit-blobs.ts');
  return limitBlobs(blobs, quotaBytes, systemClock);
}

/** Uploads that are not whole yet, beside the blobs that they become. */
export async function openUploads(stateFolder: string, blobs: Blobs): Promise<Uploads> {
  const { makeFileUploads } = await import('../../adapters/files/uploads.ts');
  return makeFileUploads({ folder: path.join(stateFolder, 'uploads'), blobs });
}
