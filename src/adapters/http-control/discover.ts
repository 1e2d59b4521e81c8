import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { controlPlaneIdentitySchema, type ControlPlaneIdentity } from '../../schemas/http-control-plane.ts';
import { makeControlRequest } from './control-request.ts';

/** `<state>/run/control-plane.json`, written by a control plane once it listens. */
export function controlPlaneFile(stateFolder: string): string {
  return path.join(stateFolder, 'run', 'control-plane.json');
}

/**
 * The control plane of this state folder, if one answers at the address that the file names and says that it is the very
 * process that wrote it. A file that was left behind, or a port that is another program's now, counts as none.
 */
export async function discoverControlPlane(
  stateFolder: string,
  token: string | null,
  signal: AbortSignal,
): Promise<ControlPlaneIdentity | null> {
  const recorded = await readIdentity(controlPlaneFile(stateFolder));
  if (recorded === null) return null;
  const ask = makeControlRequest({ url: recorded.address, token, signal, timeoutMs: 2_000 });
  try {
    const answered = await ask('GET', '/v1/identity', controlPlaneIdentitySchema);
    return answered.identity === recorded.identity ? answered : null;
  } catch (thrown) {
    // It answers and wants a token: that is a control plane, and what follows must say so.
    if (isUnauthorized(thrown)) throw thrown;
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
