import { expect, it } from 'vitest';
import { artifactDigest } from '../../core/registry/artifact.ts';
import type { Grant } from '../../core/access/requester.ts';
import { requireBlobs } from '../operations/artifacts.ts';
import { makeOperations } from '../operations/operations.ts';
import { BlobProofs } from '../bundles/blob-proofs.ts';
import { openStoreOperations } from '../../testing/rigs/store-operations.ts';

const environment = 'default';

async function withTwoServices() {
  const rig = await openStoreOperations();
  const proofs = new BlobProofs();
  const as = (service: string, environments: string | null = null) => {
    const grants: readonly Grant[] = [{ role: 'release', service, environment: environments }];
    return makeOperations({ ...rig.sourceFor(service, grants), service, proofs });
  };
  const { digest, bytes } = await rig.blobs.put(new TextEncoder().encode('weights'));
  const files = [{ path: 'model.gguf', digest, bytes }];
  const version = (name: string) => ({
    ...({ environment, name, digest: artifactDigest(files), format: 'gguf' } as const),
    ...{ files, signature: null, facts: {}, lineage: {} },
  });
  await as('owner').addModelVersion(version('secret'));
  return { rig, as, files, version, proofs, digest, bytes };
}

it('to name the digests of another owner is no way to their model', async () => {
  const { as, version, digest } = await withTwoServices();
  const taken = as('thief').addModelVersion(version('mine'));
  await expect(taken).rejects.toMatchObject({ code: 'blob-missing', details: { digest } });
  const data = { environment, name: 'rows', digest, rows: 1, columns: [] };
  await expect(
    as('thief').addDataVersion({ ...data, files: [{ path: 'a.jsonl', digest, bytes: 7 }] }),
  ).rejects.toMatchObject({ code: 'blob-missing' });
});

it('sharing is one way, and the bytes are another', async () => {
  const shared = await withTwoServices();
  await shared.as('owner').shareArtifact({ environment, kind: 'model', name: 'secret', with: 'friend' });
  expect(await shared.as('friend').addModelVersion(shared.version('mine'))).toMatchObject({ created: true });
  const { as, version, proofs, digest, bytes } = await withTwoServices();
  const sending = async (service: string, offset: number, count: number) => {
    const chunks = (async function* () {
      yield new Uint8Array(count);
    })();
    for await (const _chunk of proofs.count({ service, environment }, digest, offset, chunks));
  };
  await sending('owner', 0, bytes - 1);
  await sending('thief', bytes - 1, 1);
  proofs.ended({ service: 'thief', environment }, digest, bytes);
  await expect(as('thief').addModelVersion(version('mine'))).rejects.toMatchObject({ code: 'blob-missing' });
  await sending('sender', 0, 3);
  await sending('sender', 3, bytes - 3);
  proofs.ended({ service: 'sender', environment }, digest, bytes);
  expect(await as('sender').addModelVersion(version('mine'))).toMatchObject({ created: true });
});

it('a request that was recorded without grants may use what its own service has, and nothing of others', async () => {
  const { rig, files } = await withTwoServices();
  const requireFor = (service: string) =>
    requireBlobs(
      { ...rig.sourceFor(service, []), service, proofs: new BlobProofs() },
      environment,
      files,
      'the bundle',
    );
  await expect(requireFor('owner')).resolves.toBeUndefined();
  await expect(requireFor('thief')).rejects.toMatchObject({ code: 'blob-missing' });
});

it('reads the versions of others once for an addition, and not inside its transaction', async () => {
  const { rig, files } = await withTwoServices();
  let reads = 0;
  const store = { ...rig.store, environments: () => ((reads += 1), rig.store.environments()) };
  const source = { ...rig.sourceFor('owner', []), service: 'owner', store };
  await makeOperations(source).addModelVersion({
    ...({ environment, name: 'again', digest: artifactDigest(files), format: 'gguf' } as const),
    ...{ files, signature: null, facts: {}, lineage: {} },
  });
  expect(reads).toBe(1);
});
