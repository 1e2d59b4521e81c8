import { expect, it } from 'vitest';
import type { ArtifactClaim } from '../../../core/fleet/artifact-claim.ts';
import type { ServiceClaim } from '../../../core/fleet/service-claim.ts';
import type { Store, StoreWriter } from '../../../ports/records/store.ts';

type Write = <T>(work: (tx: StoreWriter) => Promise<T>) => Promise<T>;

const model = { environment: 'prod', kind: 'model', name: 'digits' } as const;
const ofArtifact = (service: string, over: Partial<ArtifactClaim> = {}): ArtifactClaim => ({
  ...{ ...model, service, standing: 'owner', by: 'ada', atMs: 1 },
  ...over,
});
const ofService = (over: Partial<ServiceClaim> = {}): ServiceClaim => ({
  ...{ service: 'digits', environment: 'prod', by: 'ci', atMs: 2 },
  scope: { service: 'digits', environment: null },
  ...over,
});

/** The part of the store's contract that tells whose services, models and data are. */
export function storeClaimContract(
  writing: (test: (store: Store, write: Write) => Promise<void>) => Promise<void>,
): void {
  const read = (store: Store, over: Partial<typeof model> = {}) => {
    const { environment, kind, name } = { ...model, ...over };
    return store.artifactClaims(environment, kind, name);
  };

  it('claims of an artifact are told apart by environment, kind and name, in order of their services', () =>
    writing(async (store, write) => {
      expect(await read(store)).toEqual([]);
      await write(async (tx) => {
        await tx.setArtifactClaim(ofArtifact('search'));
        await tx.setArtifactClaim(ofArtifact('chat', { standing: 'shared' }));
        await tx.setArtifactClaim(ofArtifact('chat', { environment: 'staging' }));
        await tx.setArtifactClaim(ofArtifact('chat', { kind: 'data' }));
        await tx.setArtifactClaim(ofArtifact('chat', { name: 'Digits' }));
      });
      expect(await read(store)).toEqual([ofArtifact('chat', { standing: 'shared' }), ofArtifact('search')]);
      expect(await store.artifactClaims('prod', 'data', 'digits')).toEqual([ofArtifact('chat', { kind: 'data' })]);
      expect(await store.artifactClaims('dev', 'data', 'digits')).toEqual([]);
    }));

  it('a claim of the same service takes the place of its earlier one, and can be taken away', () =>
    writing(async (store, write) => {
      await write((tx) => tx.setArtifactClaim(ofArtifact('chat', { standing: 'shared' })));
      await write((tx) => tx.setArtifactClaim(ofArtifact('chat', { by: 'eve', atMs: 5 })));
      expect(await read(store)).toEqual([ofArtifact('chat', { by: 'eve', atMs: 5 })]);
      expect(await write((tx) => tx.removeArtifactClaim(model, 'search'))).toBe(false);
      expect(await write((tx) => tx.removeArtifactClaim({ ...model, kind: 'data' }, 'chat'))).toBe(false);
      expect(await write((tx) => tx.removeArtifactClaim(model, 'chat'))).toBe(true);
      expect(await read(store)).toEqual([]);
    }));

  it('a service has one claim in each environment, for the scope that it was said last', () =>
    writing(async (store, write) => {
      expect(await store.serviceClaim('digits', 'prod')).toBeNull();
      const everywhere = ofService({ scope: { service: null, environment: null }, by: 'eve', atMs: 9 });
      await write(async (tx) => {
        await tx.setServiceClaim(ofService());
        await tx.setServiceClaim(ofService({ environment: 'staging' }));
        await tx.setServiceClaim(everywhere);
      });
      expect(await store.serviceClaim('digits', 'prod')).toEqual(everywhere);
      expect(await store.serviceClaim('digits', 'staging')).toEqual(ofService({ environment: 'staging' }));
      expect(await store.serviceClaim('chat', 'prod')).toBeNull();
    }));

  it('what is rolled back is claimed as it was', () =>
    writing(async (store, write) => {
      await write((tx) => tx.setServiceClaim(ofService()));
      const failing = write(async (tx) => {
        await tx.setServiceClaim(ofService({ by: 'eve' }));
        await tx.setArtifactClaim(ofArtifact('eve'));
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
      expect([await store.serviceClaim('digits', 'prod'), await read(store)]).toEqual([ofService(), []]);
    }));
}
