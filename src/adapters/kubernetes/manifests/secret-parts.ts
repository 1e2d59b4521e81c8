import { isGrantedTo, readReplicaSecret, type ReplicaSecret } from '../../../core/contract/secrets/secret-grant.ts';
import { PlimsollError } from '../../../core/units/errors.ts';
import type { ReplicaOwner, Workload } from '../../../ports/serving/platform.ts';
import type { JsonObject } from '../../../protocols/kubernetes-objects/json-object.ts';
import type { ManifestOptions } from './placement.ts';

const secretsFolder = '/etc/plimsoll/secrets';

/** Returns where the file of a variable lies in the container. */
export const pathOfSecret = (variable: string): string => `${secretsFolder}/${variable}`;

/**
 * Returns the variable of a secret: its value, or the path of its file. The value is never read by Plimsoll: the kubelet takes
 * it from the Secret.
 * @throws PlimsollError `secret-reference` (input), `secret-not-granted` (refused).
 */
export function makeSecretVariable(
  name: string,
  reference: string,
  owner: ReplicaOwner,
  options: ManifestOptions,
): JsonObject {
  const secret = requireGranted(reference, owner, options);
  if (secret.use === 'file') return { name, value: pathOfSecret(name) };
  return { name, valueFrom: { secretKeyRef: { name: secret.name, key: secret.key } } };
}

/**
 * Returns the volume with the secrets that a replica reads from files, each called as its variable. The kubelet replaces them when the
 * Secret changes. Readable for the group of the pod.
 * https://kubernetes.io/docs/concepts/configuration/secret/#using-secrets-as-files-from-a-pod
 */
export function makeSecretFiles(
  { secrets }: Pick<Workload, 'secrets'>,
  owner: ReplicaOwner,
  options: ManifestOptions,
): { readonly volumes: readonly JsonObject[]; readonly mounts: readonly JsonObject[] } {
  const sources = Object.entries(secrets).flatMap(([variable, reference]): readonly JsonObject[] => {
    const { name, key, use } = requireGranted(reference, owner, options);
    return use === 'file' ? [{ secret: { name, items: [{ key, path: variable }] } }] : [];
  });
  if (sources.length === 0) return { volumes: [], mounts: [] };
  return {
    volumes: [{ name: 'secrets', projected: { sources, defaultMode: 0o440 } }],
    mounts: [{ name: 'secrets', mountPath: secretsFolder, readOnly: true }],
  };
}

function requireGranted(reference: string, owner: ReplicaOwner, options: ManifestOptions): ReplicaSecret {
  const named = readReplicaSecret(reference);
  if (named === null) {
    throw new PlimsollError({
      code: 'secret-reference',
      category: 'input',
      message: `\`${reference}\` names no secret`,
      next: 'write secret/NAME#KEY, or secret-file/NAME#KEY for a file',
    });
  }
  if (!isGrantedTo(options.secretGrants(named.name), owner)) throw notGranted(named.name, owner);
  return named;
}

function notGranted(name: string, { service, environment }: ReplicaOwner): PlimsollError {
  return new PlimsollError({
    code: 'secret-not-granted',
    category: 'refused',
    message: `the Secret ${name} is not granted to ${service} in ${environment}`,
    next: 'whoever runs the control plane grants it: see docs/kubernetes.md',
  });
}
