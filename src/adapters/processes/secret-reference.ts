import { readFile } from 'node:fs/promises';
import { isGrantedTo, readSecretReference, type SecretReference } from '../../core/contract/secret-grant.ts';
import { looksTemporary } from '../../core/rollout/names.ts';
import { PlimsollError } from '../../core/units/errors.ts';
import type { ReplicaOwner } from '../../ports/serving/platform.ts';
import { grantsOf, secretFile, secretNames } from './file-secrets.ts';

export interface SecretPlace {
  readonly stateFolder: string;
  /** Variables of the process that starts replicas. */
  readonly variables: Readonly<Record<string, string | undefined>>;
}

/**
 * `secret/NAME#KEY` names the file `secrets/NAME/KEY` of the state folder or, when there is none, the variable
 * `PLIMSOLL_SECRET_NAME_KEY` of the process that starts replicas. Either is given to services alone that
 * `secrets/NAME/.granted-to` lists: a contract is written by whoever writes to a repository, and a grant by whoever runs
 * the control plane. One line break at the end of the file is not part of the value.
 * @throws PlimsollError `secret-reference` (input), `secret-not-granted`, `secret-variable-ambiguous` (refused), `secret-missing` (unavailable); none
 *   holds a value.
 */
export async function resolveSecret(reference: string, owner: ReplicaOwner, place: SecretPlace): Promise<string> {
  const named = readSecretReference(reference);
  if (named === null) throw notAReference(reference);
  const grants = (await grantsOf(place.stateFolder, named.name)) ?? [];
  if (!isGrantedTo(grants, owner)) throw notGranted(named.name, owner);
  const file = secretFile(place.stateFolder, named.name, named.key);
  try {
    return (await readFile(file, 'utf8')).replace(/\r?\n$/, '');
  } catch (thrown) {
    const value = await variableValue(named, owner, place);
    if (value !== undefined) return value;
    throw missing(reference, named, file, thrown);
  }
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
    next: `plimsoll secret set ${name} ${key} --from-file FILE`,
    details: { secret: name, other },
  });
}

function notAReference(reference: string): PlimsollError {
  return new PlimsollError({
    code: 'secret-reference',
    category: 'input',
    message: `the secret reference \`${reference}\` is not of the form secret/NAME#KEY`,
    next: 'plimsoll explain code.secrets',
  });
}

/** Replicas of a measurement live in an environment of their own, whose name is another each time. */
function notGranted(name: string, { service, environment }: ReplicaOwner): PlimsollError {
  const isTemporary = looksTemporary(environment);
  return new PlimsollError({
    code: 'secret-not-granted',
    category: 'refused',
    message: `the secret ${name} is not granted to ${service}${isTemporary ? ' in every environment' : ` in ${environment}`}`,
    next: `plimsoll secret grant ${name} --service ${service}${isTemporary ? '' : ` --environment ${environment}`}`,
    details: { secret: name, service, environment },
  });
}

function missing(reference: string, named: SecretReference, file: string, cause: unknown): PlimsollError {
  const { name, key } = named;
  return new PlimsollError({
    code: 'secret-missing',
    category: 'unavailable',
    message: `the secret ${reference} is in neither ${file} nor the variable ${variableOf(named)}`,
    next: `plimsoll secret set ${name} ${key} --from-file FILE`,
    cause,
  });
}
