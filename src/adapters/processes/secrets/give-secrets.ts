import { chmod, chown, mkdir, readFile } from 'node:fs/promises';
import { createHmac } from 'node:crypto';
import path from 'node:path';
import * as z from 'zod';
import type { ReplicaUser } from '../../../core/access/replica-users.ts';
import { readReplicaSecret } from '../../../core/contract/secrets/secret-grant.ts';
import type { ReplicaOwner, Workload } from '../../../ports/serving/platform.ts';
import { ownerOnly } from '../../../ports/process/write-durably.ts';
import { userOfFolder } from '../confinement/folder-user.ts';
import type { LocalMachine } from '../local-machine.ts';
import type { ReplicaFolder } from '../replica/replica-record.ts';
import { resolveSecret } from '../secret-reference.ts';

/** By these it is known whether a value changed since the start; values themselves are kept nowhere. */
const fingerprintsSchema = z.object({ salt: z.string(), variables: z.record(z.string(), z.string()) });

export interface GivenSecrets {
  /** A value, or where `secret-file/` stands the path of a file that holds it. */
  readonly variables: Readonly<Record<string, string>>;
  /** Never written anywhere else; kept to take them out of lines that are quoted. */
  readonly values: readonly string[];
}

type SecretMachine = Pick<LocalMachine, 'stateFolder' | 'environment' | 'random' | 'writeDurably' | 'remoteSecrets'>;

/**
 * Resolves the secrets of a workload, and lays those out that it reads from files.
 * @param user whose files they are to be; null for the user of this process.
 * @throws PlimsollError as `resolveSecret`.
 */
export async function giveSecrets(
  machine: SecretMachine,
  { secrets }: Pick<Workload, 'secrets'>,
  owner: ReplicaOwner,
  folder: ReplicaFolder,
  user: ReplicaUser | null,
): Promise<GivenSecrets> {
  const variables: Record<string, string> = {};
  const values: string[] = [];
  const given: Record<string, string> = {};
  for (const [variable, reference] of Object.entries(secrets)) {
    const value = await resolveSecret(reference, owner, placeOf(machine));
    values.push(value);
    if (readReplicaSecret(reference)?.use === 'file') {
      variables[variable] = await layOutSecret(machine, folder, variable, value, user);
    } else {
      variables[variable] = value;
      given[variable] = value;
    }
  }
  if (Object.keys(given).length > 0) await writeFingerprints(machine, folder, given);
  return { variables, values };
}

/**
 * Looks at the secrets of a replica that runs. Files with another value are replaced. Returns the variables with another value than
 * at its start, sorted. A secret that cannot be read now has not changed.
 */
export async function refreshSecrets(
  machine: SecretMachine,
  { secrets }: Pick<Workload, 'secrets'>,
  owner: ReplicaOwner,
  folder: ReplicaFolder,
): Promise<readonly string[]> {
  const known = await readFingerprints(folder);
  const changed: string[] = [];
  for (const [variable, reference] of Object.entries(secrets)) {
    const value = await resolveSecret(reference, owner, placeOf(machine)).catch(() => null);
    if (value === null) continue;
    if (readReplicaSecret(reference)?.use === 'file') await refreshFile(machine, folder, variable, value);
    else if (known !== null && known.variables[variable] !== fingerprint(known.salt, value)) changed.push(variable);
  }
  return changed.sort();
}

async function refreshFile(
  machine: SecretMachine,
  folder: ReplicaFolder,
  variable: string,
  value: string,
): Promise<void> {
  const present = await readFile(path.join(folder.secrets, variable), 'utf8').catch(() => null);
  // A replica of an older version has no such folder, and reads no file.
  if (present === null || present === value) return;
  await layOutSecret(machine, folder, variable, value, await userOfFolder(folder.work));
}

/** The folder belongs to this process, so that no replica puts a link there; its group reads what lies in it. */
async function layOutSecret(
  { writeDurably }: SecretMachine,
  folder: ReplicaFolder,
  variable: string,
  value: string,
  user: ReplicaUser | null,
): Promise<string> {
  const place = folder.secrets;
  await mkdir(place, { recursive: true, mode: 0o700 });
  if (user !== null) {
    await chown(place, process.getuid?.() ?? 0, user.gid);
    await chmod(place, 0o750);
  }
  const file = path.join(place, variable);
  // Whoever may pass the folder may read the file: its group could only be set after it has its name.
  const mode = user === null ? ownerOnly : 0o444;
  // A control plane that confines replicas has a umask under which nobody else reads what it writes.
  await writeDurably(file, value, { doing: 'writing the secret of a replica', mode, isModeExact: user !== null });
  return file;
}

async function writeFingerprints(
  { random, writeDurably }: SecretMachine,
  folder: ReplicaFolder,
  given: Readonly<Record<string, string>>,
): Promise<void> {
  const salt = random.hex(32);
  const variables = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, fingerprint(salt, value)]));
  const how = { doing: 'writing what a replica was started with', mode: ownerOnly };
  await writeDurably(folder.fingerprints, `${JSON.stringify({ salt, variables })}\n`, how);
}

async function readFingerprints(folder: ReplicaFolder): Promise<z.infer<typeof fingerprintsSchema> | null> {
  try {
    return fingerprintsSchema.parse(JSON.parse(await readFile(folder.fingerprints, 'utf8')));
  } catch {
    return null;
  }
}

const fingerprint = (salt: string, value: string): string => createHmac('sha256', salt).update(value).digest('hex');

const placeOf = ({ stateFolder, environment, remoteSecrets }: SecretMachine) => ({
  stateFolder,
  variables: environment,
  remote: remoteSecrets,
});
