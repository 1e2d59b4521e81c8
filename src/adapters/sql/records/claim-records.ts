import type { Kysely, Selectable } from 'kysely';
import type { ArtifactClaim, ArtifactKind } from '../../../core/fleet/artifact-claim.ts';
import type { StoreReader, StoreWriter } from '../../../ports/records/store.ts';
import type { Tables } from '../tables.ts';

type ClaimReader = Pick<StoreReader, 'artifactClaims' | 'serviceClaim'>;
type ClaimWriter = Pick<StoreWriter, 'setArtifactClaim' | 'removeArtifactClaim' | 'setServiceClaim'>;

export function claimReader(db: Kysely<Tables>): ClaimReader {
  return {
    async artifactClaims(environment, kind, name) {
      const rows = await db
        .selectFrom('artifact_claims')
        .selectAll()
        .where('environment', '=', environment)
        .where('kind', '=', kind)
        .where('name', '=', name)
        .execute();
      return rows.map(artifactClaimOf).sort((a, b) => (a.service < b.service ? -1 : 1));
    },
    async serviceClaim(service, environment) {
      const row = await db
        .selectFrom('service_claims')
        .selectAll()
        .where('service', '=', service)
        .where('environment', '=', environment)
        .executeTakeFirst();
      if (row === undefined) return null;
      const scope = { service: row.scope_service, environment: row.scope_environment };
      return { service, environment, scope, by: row.claimed_by, atMs: row.at_ms };
    },
  };
}

function artifactClaimOf(row: Selectable<Tables['artifact_claims']>): ArtifactClaim {
  const { kind, standing, claimed_by, at_ms, ...names } = row;
  return {
    ...names,
    kind: kind as ArtifactKind,
    standing: standing as ArtifactClaim['standing'],
    by: claimed_by,
    atMs: at_ms,
  };
}

export function claimWriter(tx: Kysely<Tables>): ClaimWriter {
  return {
    async setArtifactClaim({ by, atMs, standing, ...names }) {
      const content = { standing, claimed_by: by, at_ms: atMs };
      await tx
        .insertInto('artifact_claims')
        .values({ ...names, ...content })
        .onConflict((conflict) => conflict.columns(['environment', 'kind', 'name', 'service']).doUpdateSet(content))
        .execute();
    },
    async removeArtifactClaim({ environment, kind, name }, service) {
      const { numDeletedRows } = await tx
        .deleteFrom('artifact_claims')
        .where('environment', '=', environment)
        .where('kind', '=', kind)
        .where('name', '=', name)
        .where('service', '=', service)
        .executeTakeFirst();
      return numDeletedRows > 0n;
    },
    async setServiceClaim({ service, environment, scope, by, atMs }) {
      const content = {
        scope_service: scope.service,
        scope_environment: scope.environment,
        claimed_by: by,
        at_ms: atMs,
      };
      await tx
        .insertInto('service_claims')
        .values({ service, environment, ...content })
        .onConflict((conflict) => conflict.columns(['service', 'environment']).doUpdateSet(content))
        .execute();
    },
  };
}
