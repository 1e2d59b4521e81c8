import type { Kysely } from 'kysely';
import type { ArtifactKind } from '../../../core/fleet/artifact-claim.ts';
import type { Release } from '../../../core/rollout/release.ts';
import type { Migration } from '../migration.ts';
import { parsed } from '../parsed.ts';
import type { Tables } from '../tables.ts';
import { table } from './table.ts';

/**
 * Whose services, models and data are. A service is claimed by its next release. A model, and data that are registered,
 * belong to each service whose releases use them already: several own it side by side, so that nothing is refused that
 * was done before. What no release uses is claimed by whoever uses it next.
 */
export const claims: Migration = {
  version: 9,
  name: 'claims',
  async up(db) {
    await table(
      db,
      'artifact_claims',
      {
        environment: 'text',
        kind: 'text',
        name: 'text',
        service: 'text',
        standing: 'text',
        claimed_by: 'text',
        at_ms: 'bigint',
      },
      ['environment', 'kind', 'name', 'service'],
    ).execute();
    await table(
      db,
      'service_claims',
      {
        service: 'text',
        environment: 'text',
        scope_service: 'text?',
        scope_environment: 'text?',
        claimed_by: 'text',
        at_ms: 'bigint',
      },
      ['service', 'environment'],
    ).execute();
    await claimWhatReleasesUse(db as unknown as Kysely<Tables>);
  },
};

async function claimWhatReleasesUse(tx: Kysely<Tables>): Promise<void> {
  const data = await tx.selectFrom('data_versions').select(['environment', 'name']).distinct().execute();
  const registered = new Set(data.map(({ environment, name }) => `${environment}\n${name}`));
  const claimed = new Set<string>();
  const rows = await tx.selectFrom('releases').select('release_json').orderBy('service').orderBy('number').execute();
  for (const { release_json } of rows) {
    const { service, environment, model, golden, createdBy, createdAtMs } = parsed<Release>(release_json);
    const dataName = golden?.dataName ?? null;
    const isRegistered = dataName !== null && registered.has(`${environment}\n${dataName}`);
    const used: readonly (readonly [ArtifactKind, string])[] = [
      ['model', model.name],
      ...(isRegistered ? [['data', dataName] as const] : []),
    ];
    for (const [kind, name] of used) {
      const key = JSON.stringify([environment, kind, name, service]);
      if (claimed.has(key)) continue;
      claimed.add(key);
      const claim = { environment, kind, name, service, standing: 'owner', claimed_by: createdBy, at_ms: createdAtMs };
      await tx.insertInto('artifact_claims').values(claim).execute();
    }
  }
}
