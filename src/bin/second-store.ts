import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { controlPlaneFile } from '../adapters/http-control/discover.ts';
import { makeProcessIdentity } from '../adapters/processes/process-identity.ts';
import { PlimsollError } from '../core/units/errors.ts';
import { controlPlaneIdentitySchema } from '../schemas/http-control-plane.ts';
import { storeFile } from './open-project.ts';

/**
 * A store is made where none is. Beside a control plane that runs, none is only there because its file was moved away:
 * a second, empty one would take writes that the control plane never sees.
 * @throws PlimsollError `store-gone` (unavailable).
 */
export async function refuseSecondStore(stateFolder: string): Promise<void> {
  const file = storeFile(stateFolder);
  if (existsSync(file)) return;
  const recorded = await readFile(controlPlaneFile(stateFolder), 'utf8').catch(() => null);
  const running = recorded === null ? null : controlPlaneIdentitySchema.safeParse(asJson(recorded)).data;
  if (running === null || running === undefined) return;
  if (await makeProcessIdentity().isDead(running.identity)) return;
  throw new PlimsollError({
    code: 'store-gone',
    category: 'unavailable',
    message: `the store ${file} is gone, and the control plane at ${running.address} (process ${running.pid}) still has it open`,
    next: `put ${file} back with its -wal and -shm, or plimsoll up --stop to begin anew`,
    details: { path: file, pid: running.pid },
  });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
