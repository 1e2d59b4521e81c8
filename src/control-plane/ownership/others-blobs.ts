import type { Grant } from '../../core/access/requester.ts';
import { holdsFor } from '../../core/access/requester.ts';
import { artifactKinds } from '../../core/fleet/artifact-claim.ts';
import type { Digest } from '../../core/units/digest.ts';
import type { StoreReader } from '../../ports/records/store.ts';

export interface BlobClaimant {
  readonly service: string;
  readonly environment: string;
  /** Whoever may release an owner has what it has; none where only the service counts. */
  readonly grants: readonly Grant[];
}

/**
 * The blobs of models and data that belong to other services and are not shared with this one. To name such a digest is no proof that
 * somebody has its bytes. A blob that this service, or nobody in particular, has as well is not among them.
 */
export async function listOthersBlobs(
  store: StoreReader,
  { service, environment, grants }: BlobClaimant,
): Promise<ReadonlySet<Digest>> {
  const [own, others] = [new Set<Digest>(), new Set<Digest>()];
  for (const each of await store.environments()) {
    for (const kind of artifactKinds) {
      for (const name of await (kind === 'model' ? store.modelNames(each) : store.dataNames(each))) {
        const claims = await store.artifactClaims(each, kind, name);
        const isOwn =
          claims.length === 0 ||
          claims.some(
            (claim) =>
              (claim.service === service && each === environment) ||
              holdsFor(grants, 'release', { service: claim.service, environment: each }),
          );
        const versions = await (kind === 'model' ? store.modelVersions(each, name) : store.dataVersions(each, name));
        for (const { digest } of versions.flatMap(({ files }) => files)) (isOwn ? own : others).add(digest);
      }
    }
  }
  return new Set([...others].filter((digest) => !own.has(digest)));
}
