import { readFile } from 'node:fs/promises';
import { controlPlaneIdentitySchema, type ControlPlaneIdentity } from '../../schemas/http/http-control-plane.ts';
import { makeControlRequest } from './control-request.ts';
import { controlPlaneFile, readToken, startTokenFile } from './run-files.ts';

export interface FoundControlPlane {
  readonly identity: ControlPlaneIdentity;
  /** The given one, else that of its start; null where this user may not read it: then only reading is open. */
  readonly token: string | null;
}

/**
 * The control plane of this state folder, if one answers at the address that the file names, says that it is the very
 * process that wrote the file, and proves it where a token is to be sent. A file that was left behind, or a port that is
 * another program's now, counts as none.
 * @param version of whoever asks.
 * @param given a token that somebody asked to use: when it is refused, that is thrown.
 */
export async function discoverControlPlane(
  stateFolder: string,
  given: string | null,
  signal: AbortSignal,
  version?: string,
): Promise<FoundControlPlane | null> {
  const recorded = await readIdentity(controlPlaneFile(stateFolder));
  if (recorded === null) return null;
  const token = given ?? (await readToken(startTokenFile(stateFolder)));
  const ask = makeControlRequest({
    url: recorded.address,
    token,
    signal,
    timeoutMs: 2_000,
    ...(version === undefined ? {} : { version }),
  });
  try {
    const identity = await ask('GET', '/v1/identity', controlPlaneIdentitySchema);
    return identity.identity === recorded.identity ? { identity, token } : null;
  } catch (thrown) {
    // It answers and does not take the token that was asked for: that is a control plane, and what follows must say so.
    if (given !== null && isUnauthorized(thrown)) throw thrown;
    return null;
  }
}

async function readIdentity(file: string): Promise<ControlPlaneIdentity | null> {
  try {
    return controlPlaneIdentitySchema.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return null;
  }
}

function isUnauthorized(thrown: unknown): boolean {
  return typeof thrown === 'object' && thrown !== null && 'category' in thrown && thrown.category === 'unauthorized';
}
