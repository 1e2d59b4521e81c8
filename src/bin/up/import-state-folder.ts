import { existsSync } from 'node:fs';
import path from 'node:path';
import { makeFileBlobs } from '../../adapters/files/blobs.ts';
import { openFileJournal } from '../../adapters/files/journal.ts';
import { writeDurably } from '../../adapters/files/write-durably.ts';
import { makeFileSecrets } from '../../adapters/processes/file-secrets.ts';
import { makeSecretsToImport } from '../../adapters/processes/import-secrets.ts';
import { makeProcessIdentity } from '../../adapters/processes/process-table/process-identity.ts';
import { copySqliteStore, type CopiedStore } from '../../adapters/sql/sqlite/copied-store.ts';
import { systemClock } from '../../adapters/system/clock.ts';
import { systemRandom } from '../../adapters/system/random.ts';
import { processTerminal } from '../../adapters/system/terminal.ts';
import { importFolder, type SourceFolder } from '../../control-plane/fleet/import-folder.ts';
import { openBlobs, openStore } from '../open/open-state.ts';
import { storeFile } from '../open/place/store-place.ts';

/**
 * As `importFolder`, from one state folder of this machine into another one. The store is read from a copy.
 * @returns whether there was something to bring.
 */
export async function importStateFolder(from: string, into: string, signal: AbortSignal): Promise<boolean> {
  const hasStore = existsSync(storeFile(from));
  if (!hasStore && !['blobs', 'secrets'].some((name) => existsSync(path.join(from, name)))) return false;
  const copy = hasStore ? await copySqliteStore(storeFile(from), path.join(into, 'import'), systemClock) : null;
  try {
    return await importCopy(copy, from, into, signal);
  } finally {
    await copy?.close();
  }
}

async function importCopy(copy: CopiedStore | null, from: string, into: string, signal: AbortSignal): Promise<boolean> {
  const identity = makeProcessIdentity();
  const [store, journal] = [await openStore(into), path.join(from, 'journal')];
  const source: SourceFolder = {
    stateFolder: from,
    store: copy,
    blobs: makeFileBlobs({
      folder: path.join(from, 'blobs'),
      ...{ identity, clock: systemClock, random: systemRandom },
    }),
    secrets: makeSecretsToImport(from, into, writeDurably),
    journal: existsSync(journal) ? await openFileJournal(journal) : null,
  };
  try {
    return await importFolder(
      {
        ...{ stateFolder: into, store, rows: store.rows, blobs: await openBlobs(into), signal },
        ...{ secrets: makeFileSecrets(into, writeDurably), terminal: processTerminal, clock: systemClock },
        holder: identity.self(),
        isDead: (holder) => identity.isDead(holder),
      },
      source,
    );
  } finally {
    await store.close();
  }
}
