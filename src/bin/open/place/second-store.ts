import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { programSteps } from '../../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { controlPlaneFile } from '../../../adapters/http-control/run-files.ts';
import { makeProcessIdentity } from '../../../adapters/processes/process-table/process-identity.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { controlPlaneIdentitySchema, type ControlPlaneIdentity } from '../../../schemas/http/http-control-plane.ts';
import { shownPlace, storePlace, type StorePlace } from './store-place.ts';

/**
 * A store is made where none is. Beside a control plane that runs, none is only there because its file was moved away:
 * a second, empty one would take writes that the control plane never sees. So would another database than the one that
 * the control plane stores in.
 * @throws PlimsollError `store-gone` (unavailable), `other-store` (conflict).
 */
export async function refuseSecondStore(
  stateFolder: string,
  place: StorePlace = storePlace(stateFolder),
): Promise<void> {
  const recorded = await readFile(controlPlaneFile(stateFolder), 'utf8').catch(() => null);
  const running = recorded === null ? null : controlPlaneIdentitySchema.safeParse(asJson(recorded)).data;
  if (running === null || running === undefined) return;
  if (await makeProcessIdentity().isDead(running.identity)) return;
  const own = await shownPlace(place);
  if (running.store !== undefined && running.store !== own) throw otherStore(own, running.store, running);
  if (place.kind === 'postgresql' || existsSync(place.file)) return;
  const { file } = place;
  throw new PlimsollError({
    code: 'store-gone',
    category: 'unavailable',
    message: `the store ${file} is gone, and the control plane at ${running.address} (process ${running.pid}) still has it open`,
    next: nextStep(programSteps, 'store-gone', { file }),
    details: { path: file, pid: running.pid },
  });
}

function otherStore(own: string, theirs: string, running: ControlPlaneIdentity): PlimsollError {
  return new PlimsollError({
    code: 'other-store',
    category: 'conflict',
    message: `this command would store in ${own}, and the control plane at ${running.address} (process ${running.pid}) stores in ${theirs}`,
    next: nextStep(programSteps, 'other-store'),
    details: { own, theirs, pid: running.pid },
  });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
