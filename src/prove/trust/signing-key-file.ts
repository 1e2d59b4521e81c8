import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { PlimsollError } from '../../core/units/errors.ts';
import { readSigner, type Signer } from './ed25519.ts';

/** Names the file of the private key that measuring commands sign with. */
export const signingKeyVariable = 'PLIMSOLL_SIGNING_KEY';

/** A private key of Ed25519 in PEM has about 120 bytes. */
const mostBytes = 4_096;
const byOthers = 0o077;

/**
 * Reads the private key in a file.
 * @throws PlimsollError `key-missing`, `key-invalid`, `key-open-to-others` (input).
 */
export async function readSigningKey(location: string, shown: string): Promise<Signer> {
  const handle = await open(location, constants.O_RDONLY | constants.O_NONBLOCK).catch((cause: unknown) => {
    throw keyProblem('key-missing', `${shown} cannot be read`, 'plimsoll key create NAME makes a key', cause);
  });
  try {
    const found = await handle.stat();
    if (!found.isFile() || found.size > mostBytes)
      throw keyProblem(
        'key-invalid',
        `${shown} is no file of a private key`,
        'name the file that plimsoll key create wrote',
      );
    if (process.platform !== 'win32' && (found.mode & byOthers) !== 0)
      throw keyProblem(
        'key-open-to-others',
        `${shown} can be read by other users of this machine`,
        `chmod 600 ${shown}`,
      );
    return readSigner(await handle.readFile('utf8'), shown);
  } finally {
    await handle.close();
  }
}

/** The key of `PLIMSOLL_SIGNING_KEY`; null where it is not set. @throws as `readSigningKey`. */
export async function readSigningKeyOf(env: Readonly<Record<string, string | undefined>>): Promise<Signer | null> {
  const file = env[signingKeyVariable];
  return file === undefined || file === '' ? null : readSigningKey(file, `${signingKeyVariable}=${file}`);
}

function keyProblem(code: string, message: string, next: string, cause?: unknown): PlimsollError {
  return new PlimsollError({ code, category: 'input', message, next, cause });
}
