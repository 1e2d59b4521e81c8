import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { ownerOnly } from '../../ports/process/write-durably.ts';
import { withFileLock } from './file-lock.ts';
import { storageError, systemCode } from './storage-errors.ts';
import { writeDurably } from './write-durably.ts';

/**
 * Returns the private key of the control plane of a state folder, in PEM, and makes it where there is none. Two that start
 * at once have the same.
 */
export async function readControlKey(stateFolder: string, make: () => string): Promise<string> {
  const file = path.join(stateFolder, 'keys', 'control-plane.key');
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  return withFileLock(`${file}.lock`, async () => {
    try {
      return await readFile(file, 'utf8');
    } catch (thrown) {
      if (systemCode(thrown) !== 'ENOENT')
        throw await storageError(thrown, 'reading the key of the control plane', file);
    }
    const pem = make();
    await writeDurably(file, pem, { doing: 'writing the key of the control plane', mode: ownerOnly });
    return pem;
  });
}
