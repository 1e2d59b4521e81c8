import { readFile } from 'node:fs/promises';
import { adapterSteps } from '../../core/units/next-steps/adapter-steps.ts';
import { nextStep } from '../../core/units/next-steps/next-step.ts';
import { isGrantedTo, readReplicaSecret, type SecretReference } from '../../core/contract/secrets/secret-grant.ts';
import { looksTemporary } from '../../core/rollout/names.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaOwner } from '../../ports/serving/platform.ts';
import type { RemoteSecrets } from '../../ports/access/remote-secrets.ts';
import { grantsOf, placeOfSecret, secretFile, secretNames } from './file-secrets.ts';

export interface SecretPlace {
  readonly stateFolder: string;
  /** Variables of the process that starts replicas. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Where values lie that the state folder only points to; null: nowhere. */
  readonly remote: RemoteSecrets | null;
}

/**
 * `secret/NAME#KEY`, and `secret-file/NAME#KEY` too, name a key at the place that `secrets/NAME/.from` points to. Without such a file they
 * name the file `secrets/NAME/KEY` of the state folder or, when there is none, the variable
 * `PLIMSOLL_SECRET_NAME_KEY` of the process that starts replicas. Either is given to services alone that
 * `secrets/NAME/.granted-to` lists: a contract is written by whoever writes to a repository, and a grant by whoever runs
 * the control plane. One line break at the end of the file is not part of the value.
 * @throws PlimsollError `secret-reference` (input), `secret-not-granted`, `secret-variable-ambiguous` (refused), `secret-missing` (unavailable); none
 *   holds a value.
 */
export async function resolveSecret(reference: string, owner: ReplicaOwner, place: SecretPlace): Promise<string> {
  const named = readReplicaSecret(reference);
  if (named === null) throw notAReference(reference);
  const grants = (await grantsOf(place.stateFolder, named.name)) ?? [];
  if (!isGrantedTo(grants, owner)) throw notGranted(named.name, owner);
  const from = await placeOfSecret(place.stateFolder, named.name);
  if (from !== null) return remoteValue(named, from, place);
  const file = secretFile(place.stateFolder, named.name, named.key);
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (thrown) {
    const value = await variableValue(named, owner, place);
    if (value !== undefined) return value;
    throw missing(reference, named, file, thrown);
  }
}

/** What lies here is not used instead: it is an older value, or none. */
async function remoteValue(
  { name, key }: SecretReference,
  from: string,
  { remote }: Pick<SecretPlace, 'remote'>,
): Promise<string> {
  if (remote === null) throw storeUnset(name, from);
  const value = (await remote.read(from))[key];
  if (value === undefined) throw keyMissing(name, key, from);
  return value;
}

const upper = (text: string): string => text.toUpperCase().replaceAll(/[^A-Z0-9_]/g, '_');
const variableOf = ({ name, key }: SecretReference): string => upper(`PLIMSOLL_SECRET_${name}_${key}`);

/**
 * `a#b_c` and `a_b#c` go by one variable. A service must be granted every secret that the variable may be of, or its
 * contract would choose the key that leads to the other secret.
 */
async function variableValue(
  named: SecretReference,
  owner: ReplicaOwner,
  { stateFolder, variables }: SecretPlace,
): Promise<string | undefined> {
  const variable = variableOf(named);
  if (variables[variable] === undefined) return undefined;
  for (const name of await secretNames(stateFolder)) {
    if (!variable.startsWith(upper(`PLIMSOLL_SECRET_${name}_`))) continue;
    if (!isGrantedTo((await grantsOf(stateFolder, name)) ?? [], owner)) throw ambiguous(named, variable, name);
  }
  return variables[variable];
}

function ambiguous({ name, key }: SecretReference, variable: string, other: string): PlimsollError {
  return new PlimsollError({
    code: 'secret-variable-ambiguous',
    category: 'refused',
    message: `the variable ${variable} may be of the secret ${other} as well, which is not granted`,
    next: nextStep(adapterSteps, 'secret-variable-ambiguous', { name, key }),
    details: { secret: name, other },
  });
}

function storeUnset(name: string, from: string): PlimsollError {
  return new PlimsollError({
    code: 'secret-store-unset',
    category: 'input',
    message: `the secret ${name} lies at ${from}, and VAULT_ADDR is not set`,
    next: 'set VAULT_ADDR and VAULT_TOKEN_FILE or VAULT_ROLE of the control plane',
    details: { secret: name },
  });
}

function keyMissing(name: string, key: string, from: string): PlimsollError {
  return new PlimsollError({
    code: 'secret-missing',
    category: 'unavailable',
    message: `the secret ${name} has no key ${key} at ${from}`,
    next: `add the key ${key} there, or name another one in the contract`,
    details: { secret: name },
  });
}

function notAReference(reference: string): PlimsollError {
  return new PlimsollError({
    code: 'secret-reference',
    category: 'input',
    message: `the secret reference \`${reference}\` is not of the form secret/NAME#KEY or secret-file/NAME#KEY`,
    next: nextStep(adapterSteps, 'secret-reference'),
  });
}

/** Replicas of a measurement live in an environment of their own, whose name is another each time. */
function notGranted(name: string, { service, environment }: ReplicaOwner): PlimsollError {
  const isTemporary = looksTemporary(environment);
  return new PlimsollError({
    code: 'secret-not-granted',
    category: 'refused',
    message: `the secret ${name} is not granted to ${service}${isTemporary ? ' in every environment' : ` in ${environment}`}`,
    next: isTemporary
      ? nextStep(adapterSteps, 'secret-not-granted/everywhere', { name, service })
      : nextStep(adapterSteps, 'secret-not-granted', { name, service, environment }),
    details: { secret: name, service, environment },
  });
}

function missing(reference: string, named: SecretReference, file: string, cause: unknown): PlimsollError {
  const { name, key } = named;
  return new PlimsollError({
    code: 'secret-missing',
    category: 'unavailable',
    message: `the secret ${reference} is in neither ${file} nor the variable ${variableOf(named)}`,
    next: nextStep(adapterSteps, 'secret-missing', { name, key }),
    cause,
  });
}
