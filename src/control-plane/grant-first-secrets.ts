import { readReplicaSecret } from '../core/contract/secrets/secret-grant.ts';
import type { Secrets } from '../ports/access/secrets.ts';
import type { StoreReader } from '../ports/records/store.ts';

/**
 * Grants a service what its releases name, once in the life of a state folder: the first time that a control plane starts
 * there which asks for grants. Before, every contract was given every secret, and a service that ran must run on.
 *
 * | the state folder has | granted |
 * |---|---|
 * | asked for grants before, or a grants file | nothing |
 * | releases of no service, or of several | nothing: nobody can tell whose a secret is |
 * | releases of one service | the secrets that they name, to that service in every environment |
 *
 * @returns the names that were granted, and to whom; null where nothing was.
 */
export async function grantFirstSecrets(
  secrets: Pick<Secrets, 'list' | 'grant' | 'beginGrants'>,
  store: Pick<StoreReader, 'released' | 'releases'>,
): Promise<{ readonly service: string; readonly names: readonly string[] } | null> {
  if (await secrets.beginGrants()) return null;
  if ((await secrets.list()).some(({ grants }) => grants !== null)) return null;
  const released = await store.released();
  const [service, another] = new Set(released.map((each) => each.service));
  if (service === undefined || another !== undefined) return null;
  const names = new Set<string>();
  for (const { environment } of released)
    for (const { code } of await store.releases(service, environment))
      for (const reference of Object.values(code.section.secrets)) {
        const named = readReplicaSecret(reference);
        if (named !== null) names.add(named.name);
      }
  for (const name of names) await secrets.grant(name, { service, environment: null });
  return names.size === 0 ? null : { service, names: [...names].sort() };
}
