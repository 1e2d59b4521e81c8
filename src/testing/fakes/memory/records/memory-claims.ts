import type { ArtifactClaim, ArtifactName } from '../../../../core/fleet/artifact-claim.ts';
import type { ServiceClaim } from '../../../../core/fleet/service-claim.ts';
import type { StoreReader, StoreWriter } from '../../../../ports/records/store.ts';

export interface ClaimState {
  readonly artifactClaims: readonly ArtifactClaim[];
  readonly serviceClaims: readonly ServiceClaim[];
}

const isOf = (claim: ArtifactName, { environment, kind, name }: ArtifactName): boolean =>
  claim.environment === environment && claim.kind === kind && claim.name === name;
const isOfService = (claim: ServiceClaim, service: string, environment: string): boolean =>
  claim.service === service && claim.environment === environment;

export function memoryClaimReader(state: () => ClaimState): Pick<StoreReader, 'artifactClaims' | 'serviceClaim'> {
  return {
    artifactClaims: async (environment, kind, name) =>
      state()
        .artifactClaims.filter((claim) => isOf(claim, { environment, kind, name }))
        .toSorted((a, b) => (a.service < b.service ? -1 : 1)),
    serviceClaim: async (service, environment) =>
      state().serviceClaims.find((claim) => isOfService(claim, service, environment)) ?? null,
  };
}

export function memoryClaimWriter(
  state: () => ClaimState,
  change: (part: Partial<ClaimState>) => void,
): Pick<StoreWriter, 'setArtifactClaim' | 'removeArtifactClaim' | 'setServiceClaim'> {
  const others = (artifact: ArtifactName, service: string): readonly ArtifactClaim[] =>
    state().artifactClaims.filter((claim) => !(isOf(claim, artifact) && claim.service === service));
  return {
    async setArtifactClaim(claim) {
      change({ artifactClaims: [...others(claim, claim.service), { ...claim }] });
    },
    async removeArtifactClaim(artifact, service) {
      const before = state().artifactClaims.length;
      change({ artifactClaims: others(artifact, service) });
      return state().artifactClaims.length < before;
    },
    async setServiceClaim(claim) {
      const { service, environment } = claim;
      const rest = state().serviceClaims.filter((each) => !isOfService(each, service, environment));
      change({ serviceClaims: [...rest, { ...claim, scope: { ...claim.scope } }] });
    },
  };
}
