import { ownersOf, sharedWith, type ArtifactClaim } from '../../core/fleet/artifact-claim.ts';

/** Whose a model or data is, for a column: `digits`, `digits (shared with chat)`; `nobody` before its first use. */
export function ownerText(claims: readonly ArtifactClaim[]): string {
  const [owners, shared] = [ownersOf(claims), sharedWith(claims)];
  const owner = owners.length === 0 ? 'nobody' : owners.join(', ');
  return shared.length === 0 ? owner : `${owner} (shared with ${shared.join(', ')})`;
}

/** The same for programs. */
export function ownerJson(claims: readonly ArtifactClaim[]): {
  owners: readonly string[];
  sharedWith: readonly string[];
} {
  return { owners: ownersOf(claims), sharedWith: sharedWith(claims) };
}
