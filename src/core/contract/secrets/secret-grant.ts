/** Who may have a secret: a service in one environment, or in all of them. */
export interface SecretGrant {
  readonly service: string;
  /** Null: every environment, those of measurements included. */
  readonly environment: string | null;
}

export interface SecretReference {
  readonly name: string;
  readonly key: string;
}

const part = '[A-Za-z0-9][A-Za-z0-9._-]{0,127}';
const partPattern = new RegExp(`^${part}$`);
const referencePattern = new RegExp(`^secret/(${part})#(${part})$`);
const replicaPattern = new RegExp(`^secret(-file)?/(${part})#(${part})$`);

/** Whether a text can be the name of a secret, or of one of its keys: a file name that is not hidden. */
export const isSecretName = (text: string): boolean => partPattern.test(text);

/** `secret/NAME#KEY`; null for everything else. */
export function readSecretReference(reference: string): SecretReference | null {
  const [, name, key] = referencePattern.exec(reference) ?? [];
  return name === undefined || key === undefined ? null : { name, key };
}

/** A secret of `code.secrets`, and what the variable holds: the value, or the path of a file that holds it. */
export interface ReplicaSecret extends SecretReference {
  readonly use: 'value' | 'file';
}

/**
 * | reference | the variable of the replica holds |
 * |---|---|
 * | `secret/NAME#KEY` | the value; another value needs another start |
 * | `secret-file/NAME#KEY` | the path of a file with the value, which is replaced when the value changes |
 * | anything else | null is returned |
 */
export function readReplicaSecret(reference: string): ReplicaSecret | null {
  const [, file, name, key] = replicaPattern.exec(reference) ?? [];
  return name === undefined || key === undefined ? null : { name, key, use: file === undefined ? 'value' : 'file' };
}

export const grantText = ({ service, environment }: SecretGrant): string =>
  environment === null ? service : `${service}/${environment}`;

export function isGrantedTo(
  grants: readonly SecretGrant[],
  owner: { readonly service: string; readonly environment: string },
): boolean {
  return grants.some(
    ({ service, environment }) =>
      service === owner.service && (environment === null || environment === owner.environment),
  );
}
