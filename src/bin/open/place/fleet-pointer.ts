import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { programSteps } from '../../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { PlimsollError } from '../../../core/units/errors.ts';

export const ownStateFolder = (folder: string): string => path.join(folder, '.plimsoll');
export const fleetPointerFile = (stateFolder: string): string => path.join(stateFolder, 'fleet.json');

/**
 * Where the records of a contract's folder are: in its `.plimsoll`, or where the `fleet.json` in there says that
 * `plimsoll up` of several folders brought them. One step is followed.
 * @throws PlimsollError `fleet-pointer-invalid` (corrupt), `fleet-pointer-dangling` (not-found).
 */
export async function findStateFolder(folder: string): Promise<string> {
  const own = ownStateFolder(folder);
  const target = await readPointer(own);
  if (target === null || target === own) return own;
  if (!existsSync(target)) throw pointerDangling(own, target, 'which is not there');
  const further = await readPointer(target);
  if (further === null || further === target) return target;
  throw pointerDangling(own, target, `whose records are in ${further} now`);
}

/** The state folder that the `fleet.json` of a state folder names; null without one. */
export async function readPointer(stateFolder: string): Promise<string | null> {
  const file = fleetPointerFile(stateFolder);
  if (!existsSync(file)) return null;
  const [text, { readFleetPointer }] = await Promise.all([
    readFile(file, 'utf8').catch(() => ''),
    import('../../../schemas/fleet-pointer.ts'),
  ]);
  const target = readFleetPointer(text);
  if (target !== null) return target;
  throw new PlimsollError({
    code: 'fleet-pointer-invalid',
    category: 'corrupt',
    message: `${file} does not say where the records of this folder are: {"format":1,"stateFolder":"/..."} is expected`,
    next: nextStep(programSteps, 'fleet-pointer-invalid'),
    details: { file },
  });
}

function pointerDangling(own: string, target: string, why: string): PlimsollError {
  return new PlimsollError({
    code: 'fleet-pointer-dangling',
    category: 'not-found',
    message: `${fleetPointerFile(own)} says that the records are in ${target}, ${why}`,
    next: `name the folder of the records by --state; without ${fleetPointerFile(own)} the records in ${own} count again`,
    details: { stateFolder: own, target },
  });
}
