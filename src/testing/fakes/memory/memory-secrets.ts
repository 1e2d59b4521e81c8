import { grantText, type SecretGrant } from '../../../core/contract/secrets/secret-grant.ts';
import type { Secrets } from '../../../ports/access/secrets.ts';

export interface MemorySecrets extends Secrets {
  /** Values by `NAME/KEY`, which no port tells. */
  readonly values: ReadonlyMap<string, string>;
}

export function memorySecrets(): MemorySecrets {
  const values = new Map<string, string>();
  const grants = new Map<string, SecretGrant[]>();
  const places = new Map<string, string>();
  let hasBegun = false;
  const isSame = (one: SecretGrant, other: SecretGrant): boolean => grantText(one) === grantText(other);
  const namesOf = (): string[] => [
    ...new Set([...[...values.keys()].map((at) => at.split('/')[0] ?? ''), ...grants.keys(), ...places.keys()]),
  ];
  return {
    values,
    list: () =>
      Promise.resolve(
        namesOf()
          .sort()
          .map((name) => {
            const held = [...values.keys()].filter((at) => at.startsWith(`${name}/`));
            const keys = held.map((at) => at.slice(name.length + 1)).sort();
            const from = places.get(name);
            return { name, keys, grants: grants.get(name) ?? null, ...(from === undefined ? {} : { from }) };
          }),
      ),
    set: (name, key, value) => Promise.resolve(void values.set(`${name}/${key}`, value)),
    setFrom(name, place) {
      if (place === null) places.delete(name);
      else places.set(name, place);
      return Promise.resolve();
    },
    grant(name, grant) {
      const held = grants.get(name) ?? [];
      if (held.some((each) => isSame(each, grant))) return Promise.resolve(false);
      grants.set(name, [...held, grant]);
      return Promise.resolve(true);
    },
    removeGrant(name, grant) {
      const held = grants.get(name) ?? [];
      const left = held.filter((each) => !isSame(each, grant));
      if (left.length < held.length) grants.set(name, left);
      return Promise.resolve(left.length < held.length);
    },
    beginGrants() {
      const before = hasBegun;
      hasBegun = true;
      return Promise.resolve(before);
    },
  };
}
