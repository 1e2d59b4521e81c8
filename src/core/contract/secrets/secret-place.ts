/** Where a store of secrets keeps the keys and values of one secret. */
export interface SecretPlace {
  readonly store: 'vault';
  readonly mount: string;
  readonly path: string;
}

const segment = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/;
const charactersAtMost = 1_000;

/**
 * Returns what `vault://MOUNT/PATH` names; null for everything else. The path is made of plain segments, so that no text leads to
 * another address of the store.
 */
export function readSecretPlace(text: string): SecretPlace | null {
  const [, rest] = /^vault:\/\/(.+)$/.exec(text) ?? [];
  if (rest === undefined || text.length > charactersAtMost) return null;
  const [mount = '', ...path] = rest.split('/');
  if (path.length === 0 || ![mount, ...path].every((each) => segment.test(each))) return null;
  return { store: 'vault', mount, path: path.join('/') };
}
