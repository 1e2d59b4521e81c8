import path from 'node:path';
import { programSteps } from '../../../core/units/next-steps/program-steps.ts';
import { nextStep } from '../../../core/units/next-steps/next-step.ts';
import { checkReach } from '../../../adapters/processes/confinement/check-reach.ts';
import { Confinement } from '../../../adapters/processes/confinement/confinement.ts';
import { systemRandom } from '../../../adapters/system/random.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import { ownCommand } from '../../own-command.ts';

/**
 * Makes replicas run as the user that `--replica-user` or PLIMSOLL_REPLICA_USER names; null where neither does.
 * @throws PlimsollError as `Confinement`.
 */
export function openConfinement(
  stateFolder: string,
  replicaUser: string | undefined = process.env['PLIMSOLL_REPLICA_USER'],
): Confinement | null {
  if (replicaUser === undefined || replicaUser === '') return null;
  return new Confinement({ replicaUser, stateFolder: path.resolve(stateFolder), random: systemRandom });
}

/**
 * The same for a program that goes on starting replicas: tried before anything runs. What this process writes from now on is for its
 * own user.
 * @throws PlimsollError as `Confinement` and `checkReach`; `option-invalid` (input) where replicas are no processes.
 */
export async function openCheckedConfinement(
  stateFolder: string,
  replicaUser: string | undefined,
  isLocal: boolean,
): Promise<Confinement | null> {
  if (!isLocal) {
    if (replicaUser !== undefined) throw notHere();
    return null;
  }
  const confinement = openConfinement(stateFolder, replicaUser);
  if (confinement === null) return null;
  process.umask(0o077);
  const needed = ownCommand().filter((word) => path.isAbsolute(word));
  await checkReach(confinement, path.resolve(stateFolder), needed);
  return confinement;
}

function notHere(): PlimsollError {
  return new PlimsollError({
    code: 'option-invalid',
    category: 'input',
    message: '--replica-user is for replicas that are processes of this machine; pods run as a user of nobody',
    next: nextStep(programSteps, 'option-invalid/control-plane-help'),
  });
}
