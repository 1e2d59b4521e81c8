import { execFile } from 'node:child_process';
import { PlimsollError } from '../../../core/units/errors.ts';
import { replicasFolder } from '../replica/replica-record.ts';
import type { Confinement } from './confinement.ts';
import { closeStateFolder } from './hand-over.ts';

/** Prints the first place that it cannot use, and fails. */
const script = 'for f; do test -x "$f" || test -f "$f" -a -r "$f" || { printf %s "$f"; exit 1; }; done';
const timeoutMs = 10_000;

/**
 * Tries the user of replicas once, before anything is started as it: programs between, limits and groups work, and it gets to
 * Plimsoll's own program and to the files of replicas.
 * @param needed absolute paths that it has to read or run.
 * @throws PlimsollError `replica-user-blocked` (input).
 */
export async function checkReach(
  confinement: Confinement,
  stateFolder: string,
  needed: readonly string[],
): Promise<void> {
  await closeStateFolder(stateFolder);
  const { users } = confinement;
  const user = users.kind === 'one' ? users.user : { uid: users.first, gid: users.first, name: null };
  const trial = `trial-${process.pid}`;
  const asked = { file: '/bin/sh', args: ['-c', script, 'sh', ...needed, replicasFolder(stateFolder)], env: {} };
  try {
    const { file, args, env } = await confinement.confine(asked, user, trial, null);
    await new Promise<void>((resolve, reject) => {
      execFile(file, [...args], { env: { ...env }, cwd: '/', timeout: timeoutMs }, (error, stdout, stderr) => {
        if (error === null) resolve();
        else reject(blocked(user.uid, stdout.trim(), stderr.trim()));
      });
    });
  } finally {
    await confinement.end(trial);
  }
}

function blocked(uid: number, place: string, stderr: string): PlimsollError {
  const why = place === '' ? `cannot be made to run: ${stderr.slice(0, 500)}` : `cannot get to ${place}`;
  return new PlimsollError({
    code: 'replica-user-blocked',
    category: 'input',
    message: `the user ${uid} of replicas ${why}`,
    next:
      place === ''
        ? 'leave --replica-user out, or allow the control plane to change users and limits'
        : 'open the folders above it for others (chmod o+x), or put it elsewhere: --state /var/lib/plimsoll',
    details: { uid, ...(place === '' ? {} : { place }) },
  });
}
